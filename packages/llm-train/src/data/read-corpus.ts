/** `--data <files, folders or sets...>`: looks every file through once, says what cannot be used, and gives texts and conversations without holding the files. */
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { UsageError } from '@llm-ladder/backend/errors';
import type { Dialogue } from '../corpus/dialogues.ts';
import { refused, type Words } from '../words.ts';
import { byteLines } from './byte-lines.ts';
import type { CorpusFile, CorpusSource } from './corpus-source.ts';
import { guessEncoding, notText } from './encoding.ts';
import { readJsonLine } from './json-lines.ts';
import { dataSets } from './sets.ts';
import { isHere, setFiles } from './store.ts';

/** A line of more bytes is no line of a text: it is skipped, and never held. */
const LONGEST_LINE = 8 << 20;
/** A document without blank lines is cut at the end of a line once it has this many characters. */
const LONGEST_DOCUMENT = 1 << 20;
const HEAD = 1 << 16;
const UTF8: Words = { en: 'text in UTF-8', zh: ' UTF-8 文本' };
const TOO_LONG: Words = {
  en: `expected at most ${LONGEST_LINE >> 20} MB in a line, got more`,
  zh: `一行应不超过 ${LONGEST_LINE >> 20} MB，实为更长`,
};
const NOT_UTF8: Words = { en: 'expected UTF-8, got other bytes', zh: '应为 UTF-8，实为其他字节' };
/** Up to this share of a file's lines may hold bytes that are not UTF-8; more of them are another encoding. */
const BLEMISHES = 0.05;

/**
 * The corpus behind the words of `--data`: paths of .txt and .jsonl files, folders of them, and names of sets. Bad lines are counted in `files`.
 * UsageError for a path that is not there, a set that was not added, a binary file, another encoding than UTF-8, and when nothing is left to read.
 */
export function readCorpus(words: readonly string[], { cacheDir }: { readonly cacheDir?: string } = {}): CorpusSource {
  const files = words.flatMap((word) => pathsOf(word, cacheDir)).map(survey);
  const total = (count: (file: CorpusFile) => number): number => files.reduce((sum, file) => sum + count(file), 0);
  const [texts, dialogues] = [total((file) => file.texts), total((file) => file.dialogues)];
  if (texts + dialogues === 0) {
    const bad = files.find((file) => file.firstSkipped !== undefined);
    const skipped = total((file) => file.skipped);
    const why: Words = {
      en: bad === undefined ? 'none' : `none: ${skipped} lines skipped, the first in ${bad.path}, ${bad.firstSkipped?.en}`,
      zh: bad === undefined ? '没有' : `没有：跳过 ${skipped} 行，第一处在 ${bad.path} ${bad.firstSkipped?.zh}`,
    };
    throw refused('--data', { en: 'at least one text or conversation', zh: '至少一篇文本或一段对话' }, why);
  }
  return {
    files,
    texts,
    dialogues,
    bytes: total((file) => file.bytes),
    *eachText() {
      for (const file of files) if (file.texts > 0) for (const part of partsOf(file.path)) if ('text' in part) yield part.text;
    },
    *eachDialogue() {
      for (const file of files) if (file.dialogues > 0) for (const part of partsOf(file.path)) if ('dialogue' in part) yield part.dialogue;
    },
  };
}

/** A line for each file of which something was skipped. */
export function skippedLines({ files }: CorpusSource): Words[] {
  return files.flatMap(({ path, skipped, firstSkipped }) => {
    if (firstSkipped === undefined) return [];
    return [
      { en: `${path}: ${skipped} skipped; the first: ${firstSkipped.en}`, zh: `${path}：跳过 ${skipped} 行；第一处：${firstSkipped.zh}` },
    ];
  });
}

// --- which files ---

function pathsOf(word: string, cacheDir: string | undefined): string[] {
  const set = dataSets.find((one) => one.name === word);
  if (set !== undefined) {
    if (set.kind === 'model')
      throw refused(
        `--data ${word}`,
        { en: 'texts', zh: '文本' },
        { en: 'a model', zh: '模型' },
        { hint: { en: 'ladder chat talks to it', zh: 'ladder chat 可与它对话' } },
      );
    if (isHere(set, cacheDir)) return setFiles(word, cacheDir);
    throw refused(
      `--data ${word}`,
      { en: 'a set that is here', zh: '本机已有的数据' },
      { en: 'one that is not', zh: '本机没有的数据' },
      { hint: `ladder data add ${word}` },
    );
  }
  if (!existsSync(word)) {
    const names = dataSets.flatMap(({ kind, name }) => (kind === 'model' ? [] : [name])).join(', ');
    const hint = { en: `or one of the sets: ${names}`, zh: `也可以是这些数据之一：${names}` };
    throw refused(
      `--data ${word}`,
      { en: 'a file, a folder or a set', zh: '文件、目录或数据名' },
      { en: 'nothing of that name', zh: '没有这个名字' },
      { hint },
    );
  }
  const stats = statSync(word);
  if (stats.isFile()) return [word];
  if (!stats.isDirectory())
    throw refused(`--data ${word}`, { en: 'a file or a folder', zh: '文件或目录' }, { en: 'a special file', zh: '特殊文件' });
  const found = readdirSync(word, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(txt|jsonl)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (found.length === 0)
    throw refused(
      `--data ${word}`,
      { en: 'a folder with .txt or .jsonl files', zh: '含 .txt 或 .jsonl 文件的目录' },
      { en: 'none of them', zh: '一个也没有' },
    );
  return found;
}

// --- one file ---

/** `line` is the last line of it; `bytes` are those of a line in another encoding. */
type Part = { readonly line: number } & (
  | { readonly text: string }
  | { readonly dialogue: Dialogue }
  | { readonly fault: Words; readonly bytes?: Buffer }
);

function survey(path: string): CorpusFile {
  refuseOther(path);
  let [texts, dialogues, skipped, lines, foreign, kept] = [0, 0, 0, 0, 0, 0];
  let firstSkipped: Words | undefined;
  const sample: Buffer[] = [];
  for (const part of partsOf(path)) {
    lines = part.line;
    if ('text' in part) texts++;
    else if ('dialogue' in part) dialogues++;
    else {
      skipped++;
      firstSkipped ??= { en: `line ${lines}: ${part.fault.en}`, zh: `第 ${lines} 行：${part.fault.zh}` };
      if (part.bytes === undefined) continue;
      foreign++;
      if (kept < HEAD) sample.push(Buffer.from(part.bytes));
      kept += part.bytes.length;
      if (foreign >= 200 && foreign > lines * BLEMISHES) break;
    }
  }
  if (foreign > lines * BLEMISHES) throw otherEncoding(path, sample);
  const file = { path, bytes: statSync(path).size, texts, dialogues, skipped };
  return firstSkipped === undefined ? file : { ...file, firstSkipped };
}

function refuseOther(path: string): void {
  const head = Buffer.alloc(HEAD);
  let length: number;
  try {
    const descriptor = openSync(path, 'r');
    length = readSync(descriptor, head);
    closeSync(descriptor);
  } catch (error) {
    const { code = 'an error' } = error as NodeJS.ErrnoException;
    throw refused(`--data ${path}`, { en: 'a file that can be read', zh: '可读的文件' }, code, { cause: error });
  }
  const kind = notText(head.subarray(0, length));
  if (kind === undefined) return;
  throw refused(`--data ${path}`, UTF8, kind, kind.iconv === undefined ? {} : converting(path, kind.iconv));
}

function otherEncoding(path: string, sample: readonly Buffer[]): UsageError {
  const guess = guessEncoding(Buffer.concat(sample));
  if (guess === undefined) return refused(`--data ${path}`, UTF8, { en: 'another encoding', zh: '其他编码' });
  const got = { en: `what looks like ${guess.name}`, zh: `看起来像 ${guess.name} 的编码` };
  return refused(`--data ${path}`, UTF8, got, converting(path, guess.iconv));
}

function converting(path: string, from: string): { hint: string } {
  return { hint: `iconv -f ${from} -t UTF-8 ${JSON.stringify(path)} > utf8.txt` };
}

/** Texts, conversations and the lines that are neither, in the order of the file. */
function* partsOf(path: string): Generator<Part> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const json = /\.jsonl?$/i.test(path);
  let document: string[] = [];
  let length = 0;
  let line = 0;
  for (const bytes of byteLines(path, LONGEST_LINE)) {
    line++;
    if (bytes === null) {
      yield { fault: TOO_LONG, line };
      continue;
    }
    let text: string;
    try {
      text = decoder.decode(bytes); // without a byte order mark
    } catch {
      yield { fault: NOT_UTF8, line, bytes };
      continue;
    }
    const blank = text.trim() === '';
    if (json) {
      if (blank) continue;
      const read = readJsonLine(text);
      yield { ...read, line };
      continue;
    }
    if (!blank) {
      document.push(text);
      length += text.length + 1;
    }
    if (document.length > 0 && (blank || length >= LONGEST_DOCUMENT)) {
      yield { text: document.join('\n'), line };
      [document, length] = [[], 0];
    }
  }
  if (document.length > 0) yield { text: document.join('\n'), line };
}
