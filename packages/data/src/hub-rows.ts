/** What files of the Hub hold, whatever their format: texts and conversations as `--data` knows them, and the rows that are neither. */
import { readFileSync } from 'node:fs';
import type { FileMetaData } from 'hyparquet';
import type { Dialogue } from './corpus/dialogues.ts';
import { fault, type JsonLine, jsonOf, parseJson, readRow } from './json-lines.ts';
import { parquetColumns, parquetMetadata, parquetRows } from './parquet.ts';
import { printable, printableLine } from './printable.ts';
import { LONGEST_DOCUMENT, linesOf, partsOf, survey } from './survey.ts';

export const FORMATS = ['parquet', 'jsonl', 'json', 'txt'] as const;
export type Format = (typeof FORMATS)[number];

export interface FetchedFile {
  readonly path: string;
  /** What errors name it by. */
  readonly where: string;
  readonly format: Format;
  /** Of a Parquet file of which only the start is here. */
  readonly metadata?: FileMetaData;
}

/** What ends a document in the text files that language models were trained on; blank lines are then part of it. */
const END_OF_TEXT = '<|endoftext|>';
const TEXTS = ['text', 'content', 'story'];
const COLUMNS = [...TEXTS, 'messages', 'conversations'];

/** The texts and conversations of a file, without control characters. UsageError for a text in another encoding than UTF-8, and for a damaged Parquet file. */
export async function* hubRows(file: FetchedFile): AsyncGenerator<JsonLine> {
  for await (const row of rawRows(file)) {
    if ('text' in row) yield readRow({ text: cleaned(row.text) }, () => '');
    else if ('dialogue' in row)
      yield { dialogue: row.dialogue.map(({ role, content }) => ({ role, content: cleaned(content) })) as Dialogue };
    else yield { fault: { en: printableLine(row.fault.en), zh: printableLine(row.fault.zh) } };
  }
}

async function* rawRows({ path, where, format, metadata }: FetchedFile): AsyncGenerator<JsonLine> {
  if (format === 'txt') yield* documentsOf(path, where);
  else if (format === 'jsonl') yield* jsonLinesOf(path);
  else if (format === 'json') yield* jsonRowsOf(path);
  else yield* columnsOf(path, metadata ?? (await parquetMetadata(path, where)), where);
}

// --- the formats ---

function* documentsOf(path: string, where: string): Generator<JsonLine> {
  survey(path, where);
  if (!isSeparated(path)) return yield* partsOf(path);
  let document: string[] = [];
  let length = 0;
  const whole = (): { text: string }[] => {
    const text = document.join('\n').trim();
    [document, length] = [[], 0];
    return text === '' ? [] : [{ text }];
  };
  for (const read of linesOf(path)) {
    if ('fault' in read) yield read;
    else if (read.text.trim() === END_OF_TEXT) yield* whole();
    else {
      document.push(read.text);
      length += read.text.length + 1;
      if (length >= LONGEST_DOCUMENT) yield* whole();
    }
  }
  yield* whole();
}

function isSeparated(path: string): boolean {
  for (const line of linesOf(path)) if ('text' in line && line.text.trim() === END_OF_TEXT) return true;
  return false;
}

function* jsonLinesOf(path: string): Generator<JsonLine> {
  for (const line of linesOf(path)) {
    if ('fault' in line) yield line;
    else if (line.text.trim() !== '') yield rowOrFault(parseJson(line.text));
  }
}

/** A list of rows, `{"data": [rows]}`, or, as many a .json of the Hub, a row a line. */
function* jsonRowsOf(path: string): Generator<JsonLine> {
  const read = parseJson(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  if ('fault' in read) return yield* jsonLinesOf(path);
  const { data } = (read.value ?? {}) as { data?: unknown };
  const rows = [read.value, data].find(Array.isArray) ?? [read.value];
  for (const value of rows) yield rowOrFault({ value });
}

async function* columnsOf(path: string, metadata: FileMetaData, where: string): AsyncGenerator<JsonLine> {
  const columns = await parquetColumns(metadata);
  const known = columns.filter((column) => COLUMNS.includes(column));
  if (known.length === 0) yield noColumn(columns);
  else for await (const value of parquetRows(path, metadata, known, where)) yield rowOrFault({ value });
}

// --- one row ---

function rowOrFault(read: ReturnType<typeof parseJson>): JsonLine {
  if ('fault' in read) return read;
  const { value } = read;
  const show = () => jsonOf(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return readRow(value, show);
  const row = value as Record<string, unknown>;
  if (!COLUMNS.some((column) => column in row)) return noColumn(Object.keys(row));
  const text = TEXTS.map((column) => row[column]).find((field) => typeof field === 'string');
  return readRow(text === undefined ? row : { text }, show);
}

function noColumn(columns: readonly string[]): JsonLine {
  return fault({ en: COLUMNS.join(', '), zh: ` ${COLUMNS.join('、')} 之一` }, columns.join(', ') || '{}');
}

function cleaned(text: string): string {
  return printable(text.replaceAll('\r\n', '\n')).toWellFormed();
}
