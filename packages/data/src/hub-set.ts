/** A set from the Hugging Face Hub: its files are fetched one after the other, up to a limit, and each becomes JSON lines, as `--data` reads them. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refused, type UsageError, type Words } from '@llm-ladder/backend/errors';
import { chooseFiles, formatOf, isSubset, onlyFile } from './choose-files.ts';
import { fetchHubFile } from './fetch-hub-file.ts';
import { type HubFile, throughProxies } from './hub-client.ts';
import { type HubDataset, openDataset } from './hub-dataset.ts';
import { asWord, type HubName } from './hub-name.ts';
import { type FetchedFile, type Format, hubRows } from './hub-rows.ts';
import { printableLine } from './printable.ts';
import { LONGEST_LINE, TOO_LONG } from './survey.ts';

/** What set.json says of such a set. */
export interface HubRecord {
  readonly format: 1;
  readonly name: string;
  readonly dataset: string;
  /** As it was asked for, and the commit that it was then. */
  readonly revision: string;
  readonly commit: string;
  /** As the dataset card states it; absent when it states none. */
  readonly licence?: string;
  /** What was chosen, and how many bytes of it were fetched within which limit. */
  readonly chosen: { readonly files: number; readonly bytes: number };
  readonly taken: number;
  readonly limit: number;
  /** What was fetched: `bytes` of a file that has `of`, and their SHA-256. */
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly of: number; readonly sha256: string }[];
}

/** More files than this would be an hour of small requests. */
const MOST_FETCHED = 1000;
/** A line of news each so many bytes. */
const NEWS = 20e6;

export interface HubFetch {
  /** The folder to make, and one for what is on the way. */
  readonly made: string;
  readonly scratch: string;
  readonly maxBytes: number;
  readonly onStep?: ((words: Words) => void) | undefined;
}

/** Fetches what the name asks for; returns what set.json is to say. UsageError for all that the Hub, the network or the data refuse, and when there is no text. */
export async function fetchHubSet(asked: HubName, options: HubFetch): Promise<HubRecord> {
  const direct = throughProxies();
  try {
    return await fetchFiles(asked, options);
  } finally {
    direct();
  }
}

async function fetchFiles(asked: HubName, { made, scratch, maxBytes, onStep }: HubFetch): Promise<HubRecord> {
  const dataset = await openDataset(asked);
  const chosen = await filesOf(dataset);
  const bytes = chosen.reduce((sum, { size }) => sum + size, 0);
  onStep?.(found(dataset, chosen, bytes));
  mkdirSync(made);
  const raw = join(scratch, 'raw');
  const files: HubRecord['files'][number][] = [];
  const skipped: Words[] = [];
  let [taken, kept] = [0, 0];
  const onBytes = news(asked, Math.min(bytes, maxBytes), onStep);
  for (const file of chosen.slice(0, MOST_FETCHED)) {
    const part = await fetchHubFile(dataset, file, { to: raw, format: formatOf(file.path) as Format, room: maxBytes - taken, onBytes });
    if (part === undefined) break;
    const number = String(files.length + 1).padStart(4, '0');
    const rows = await convert(part.fetched, join(made, `${number}-${safeName(file.path)}.jsonl`));
    rmSync(raw);
    if (rows.skipped !== undefined) skipped.push(rows.skipped);
    kept += rows.kept;
    taken += part.bytes;
    files.push({ path: file.path, bytes: part.bytes, of: file.size, sha256: part.sha256 });
    if (part.bytes < file.size) break;
  }
  if (files.length === 0) throw noRoom(asked, chosen[0] as HubFile, maxBytes);
  if (kept === 0) throw noText(asked, skipped[0]);
  for (const words of skipped.slice(0, 5)) onStep?.(words);
  const { commit, licence } = dataset;
  return {
    format: 1,
    name: asked.name,
    dataset: asked.repo,
    revision: asked.revision ?? 'main',
    commit,
    ...(licence !== undefined && { licence }),
    chosen: { files: chosen.length, bytes },
    taken,
    limit: maxBytes,
    files,
  };
}

/** What a set.json says, or undefined for one that is none of a set from the Hub. */
export function readHubRecord(file: string): HubRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as HubRecord;
    return record.format === 1 && typeof record.name === 'string' && typeof record.commit === 'string' ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Its licence, and what was left out of it, if anything was. */
export function aboutHubSet({ licence, chosen, taken, files }: HubRecord): { readonly licence: Words; readonly part?: Words } {
  const stated = licence === undefined ? { en: 'none stated', zh: '未注明' } : { en: licence, zh: licence };
  if (taken === chosen.bytes) return { licence: stated };
  const [some, all] = [megabytes(taken), megabytes(chosen.bytes)];
  const part: Words = {
    en: `only a part: ${some} of ${all}, ${files.length} of ${chosen.files} files; --max-mb takes more`,
    zh: `只取了一部分：${all} 中的 ${some}，${chosen.files} 个文件中的 ${files.length} 个；用 --max-mb 可多取`,
  };
  return { licence: stated, part };
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

// --- which files ---

async function filesOf(dataset: HubDataset): Promise<HubFile[]> {
  const { asked } = dataset;
  if (asked.path === undefined) return chooseFiles(dataset, await dataset.list());
  const there = await dataset.find(asked.path);
  if (there === 'folder') return chooseFiles(dataset, await dataset.list(asked.path), asked.path);
  if (there !== undefined) return onlyFile(dataset, there);
  if (isSubset(dataset)) return chooseFiles(dataset, await dataset.list());
  throw refused(
    `data add ${asked.name}`,
    { en: `a file, a folder or a subset of ${asked.repo}`, zh: ` ${asked.repo} 里的文件、目录或子集` },
    JSON.stringify(asked.path),
    { hint: `ladder data add hf:${asked.repo}` },
  );
}

/** The last part of a path, in letters that every file system takes. */
function safeName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
  return name.replace(/[^\w-]+/g, '_').slice(-80);
}

// --- what becomes of them ---

interface Converted {
  readonly kept: number;
  /** How many rows could not be used, and why, for the first of them. */
  readonly skipped?: Words;
}

/** Writes a file's texts and conversations as JSON lines to `out`, when it has any. */
async function convert(fetched: FetchedFile, out: string): Promise<Converted> {
  const descriptor = openSync(out, 'w');
  let [kept, skipped, length] = [0, 0, 0];
  let lines: string[] = [];
  let first: Words | undefined;
  const write = (): void => {
    writeFileSync(descriptor, lines.join(''));
    [lines, length] = [[], 0];
  };
  try {
    for await (const row of hubRows(fetched)) {
      const line = 'fault' in row ? '' : `${JSON.stringify('text' in row ? row : { messages: row.dialogue })}\n`;
      const fault = 'fault' in row ? row.fault : Buffer.byteLength(line) > LONGEST_LINE ? TOO_LONG : undefined;
      if (fault !== undefined) {
        skipped++;
        first ??= fault;
        continue;
      }
      kept++;
      lines.push(line);
      length += line.length;
      if (length > 1 << 20) write();
    }
    write();
  } finally {
    closeSync(descriptor);
  }
  if (kept === 0) rmSync(out);
  if (first === undefined) return { kept };
  const { where } = fetched;
  const words = { en: `${where}: ${skipped} skipped; the first: ${first.en}`, zh: `${where}：跳过 ${skipped} 条；第一条：${first.zh}` };
  return { kept, skipped: words };
}

// --- what is said ---

function found({ asked, commit }: HubDataset, files: readonly HubFile[], bytes: number): Words {
  const paths = printableLine(files.map(({ path }) => path).join(', '));
  const [short, size] = [commit.slice(0, 7), megabytes(bytes)];
  return {
    en: `${asked.name}: commit ${short}, ${files.length === 1 ? '1 file' : `${files.length} files`}, ${size}: ${paths}`,
    zh: `${asked.name}：提交 ${short}，${files.length} 个文件，${size}：${paths}`,
  };
}

/** Tells how far it is, now and then. */
function news({ name }: HubName, all: number, onStep: HubFetch['onStep']): (bytes: number) => void {
  let [sum, told] = [0, 0];
  return (bytes) => {
    sum += bytes;
    if (sum - told < NEWS || sum >= all) return;
    told = sum;
    onStep?.({ en: `${name}: ${megabytes(sum)} of ${megabytes(all)}`, zh: `${name}：${megabytes(sum)} / ${megabytes(all)}` });
  };
}

function noRoom({ name }: HubName, { path, size }: HubFile, maxBytes: number): UsageError {
  const shown = printableLine(path);
  return refused(
    `data add ${name}`,
    { en: `a start of ${shown} within ${megabytes(maxBytes)}`, zh: ` ${shown} 的开头不超过 ${megabytes(maxBytes)}` },
    { en: `one that cannot be cut there, of ${megabytes(size)}`, zh: `无法在此处截断，共 ${megabytes(size)}` },
    { hint: `ladder data add ${asWord(name)} --max-mb ${Math.ceil(size / 1e6)}` },
  );
}

function noText({ name }: HubName, skipped: Words | undefined): UsageError {
  const got: Words = {
    en: `none${skipped === undefined ? '' : `: ${skipped.en}`}`,
    zh: `没有${skipped === undefined ? '' : `：${skipped.zh}`}`,
  };
  return refused(`data add ${name}`, { en: 'at least one text or conversation', zh: '至少一篇文本或一段对话' }, got);
}
