/** One file of a corpus: its lines and parts, and what it is when it is no text. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { refused, type UsageError, type Words } from '@llm-ladder/backend/errors';
import { byteLines } from './byte-lines.ts';
import type { Dialogue } from './corpus/dialogues.ts';
import { guessEncoding, notText } from './encoding.ts';
import { readJsonLine } from './json-lines.ts';

/** What a file holds. */
export interface CorpusFile {
  readonly path: string;
  readonly bytes: number;
  readonly texts: number;
  readonly dialogues: number;
  /** Lines that could not be used. */
  readonly skipped: number;
  /** Why, for the first of them: `line 17: expected JSON, got "{"`. */
  readonly firstSkipped?: Words;
}

/** A line of more bytes is no line of a text: it is skipped, and never held. */
export const LONGEST_LINE = 8 << 20;
/** A document without blank lines is cut at the end of a line once it has this many characters. */
export const LONGEST_DOCUMENT = 1 << 20;
const HEAD = 1 << 16;
const UTF8: Words = { en: 'text in UTF-8', zh: ' UTF-8 文本' };
export const TOO_LONG: Words = {
  en: `expected at most ${LONGEST_LINE >> 20} MB in a line, got more`,
  zh: `一行应不超过 ${LONGEST_LINE >> 20} MB，实为更长`,
};
const NOT_UTF8: Words = { en: 'expected UTF-8, got other bytes', zh: '应为 UTF-8，实为其他字节' };
/** Up to this share of a file's lines may hold bytes that are not UTF-8; more of them are another encoding. */
const BLEMISHES = 0.05;

type Line = { readonly line: number } & ({ readonly text: string } | { readonly fault: Words; readonly bytes?: Buffer });

/** `line` is the last line of it; `bytes` are those of a line in another encoding. */
type Part = { readonly line: number } & (
  | { readonly text: string }
  | { readonly dialogue: Dialogue }
  | { readonly fault: Words; readonly bytes?: Buffer }
);

/** Looks a file through once and counts what is in it. UsageError that names `where` (or the path) for what is no text in UTF-8. */
export function survey(path: string, where?: string): CorpusFile {
  refuseOther(path, where);
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
  if (foreign > lines * BLEMISHES) throw otherEncoding(path, where, sample);
  const file = { path, bytes: statSync(path).size, texts, dialogues, skipped };
  return firstSkipped === undefined ? file : { ...file, firstSkipped };
}

/** Texts, conversations and the lines that are neither, in the order of the file. */
export function* partsOf(path: string): Generator<Part> {
  const json = /\.jsonl?$/i.test(path);
  let document: string[] = [];
  let length = 0;
  let last = 0;
  for (const read of linesOf(path)) {
    last = read.line;
    if ('fault' in read) {
      yield read;
      continue;
    }
    const { text, line } = read;
    const blank = text.trim() === '';
    if (json) {
      if (!blank) yield { ...readJsonLine(text), line };
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
  if (document.length > 0) yield { text: document.join('\n'), line: last };
}

/** Every line as text, or why it is none. */
export function* linesOf(path: string): Generator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
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
    yield { text, line };
  }
}

// --- other than UTF-8 ---

function refuseOther(path: string, where: string | undefined): void {
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
  if (kind !== undefined) throw foreign(path, where, kind, kind.iconv);
}

function otherEncoding(path: string, where: string | undefined, sample: readonly Buffer[]): UsageError {
  const guess = guessEncoding(Buffer.concat(sample));
  if (guess === undefined) return foreign(path, where, { en: 'another encoding', zh: '其他编码' }, undefined);
  return foreign(path, where, { en: `what looks like ${guess.name}`, zh: `看起来像 ${guess.name} 的编码` }, guess.iconv);
}

/** The hint converts a file of the user's own; one that `where` names is not theirs. */
function foreign(path: string, where: string | undefined, got: Words, iconv: string | undefined): UsageError {
  const hint = iconv === undefined || where !== undefined ? {} : { hint: `iconv -f ${iconv} -t UTF-8 ${JSON.stringify(path)} > utf8.txt` };
  return refused(where ?? `--data ${path}`, UTF8, got, hint);
}
