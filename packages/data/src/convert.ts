/** Turns what a package holds into what `--data` reads: texts as they are, poems and dialogues as JSON lines. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Dialogue } from './corpus/dialogues.ts';
import type { DataSet } from './sets.ts';

/** Writes the files of a set into `to` from the unpacked member at `from`; returns how many files it read. */
export function convert(set: DataSet, from: string, to: string): number {
  const names = readdirSync(from, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => set.files?.test(name))
    .sort();
  const read = (name: string): string =>
    readFileSync(join(from, name), 'utf8')
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n');
  if (set.kind === 'texts') for (const name of names) writeFileSync(join(to, name), read(name));
  else if (set.kind === 'poems') {
    const poems = names.flatMap((name) => (JSON.parse(read(name)) as Poem[]).map(poemText));
    writeLines(
      join(to, `${set.name}.jsonl`),
      poems.filter((text) => text !== '').map((text) => ({ text })),
    );
  } else {
    const dialogues = names.flatMap((name) => conversationsOf(read(name)).flatMap((lines) => dialoguesOf(lines, basename(name, '.yml'))));
    writeLines(
      join(to, `${set.name}.jsonl`),
      dialogues.map((messages) => ({ messages })),
    );
  }
  return names.length;
}

/** One JSON value a line, each once: the sources repeat some. */
function writeLines(file: string, values: readonly unknown[]): void {
  writeFileSync(file, [...new Set(values.map((value) => `${JSON.stringify(value)}\n`))].join(''));
}

interface Poem {
  readonly title?: string;
  /** The tune of a ci. */
  readonly rhythmic?: string;
  readonly author?: string;
  readonly paragraphs?: readonly string[];
  readonly content?: readonly string[];
}

/** Title, author and lines, each on a line; nothing for a poem whose lines are lost. */
function poemText({ title, rhythmic, author, paragraphs, content }: Poem): string {
  const lines = (paragraphs ?? content ?? []).map((line) => line.trim()).filter((line) => line !== '');
  if (lines.length === 0) return '';
  return [title ?? rhythmic, author, ...lines].filter((line) => line !== undefined && line !== '').join('\n');
}

// --- dialogues ---

/** In these files every further line is one more answer to the first; in the others speakers take turns. */
const MANY_ANSWERS = ['computers', 'emotion'];

function dialoguesOf(lines: readonly string[], topic: string): Dialogue[] {
  const [first, ...others] = lines;
  if (first === undefined || others.length === 0) return [];
  const turns = MANY_ANSWERS.includes(topic)
    ? others.map((answer) => [first, answer])
    : [lines.slice(0, lines.length - (lines.length % 2))];
  return turns.map((turn) => turn.map((content, i) => ({ role: i % 2 === 0 ? ('user' as const) : ('assistant' as const), content })));
}

/** The lists of a ChatterBot file, in the part of YAML that it is written in: plain, quoted and `|` scalars in lists of lists. */
export function conversationsOf(yaml: string): string[][] {
  const conversations: string[][] = [];
  const lines = yaml.split('\n');
  for (let i = lines.findIndex((line) => line.startsWith('conversations:')) + 1; i < lines.length; i++) {
    const item = /^( *)- (- )?(.*)$/.exec(lines[i]!);
    if (item === null) continue;
    const [, indent, opens, start] = item as unknown as [string, string, string | undefined, string];
    const more: string[] = [];
    const depth = indent.length + (opens === undefined ? 2 : 4);
    // A scalar goes on in the lines that are further in, and over blank ones between them.
    while (i + 1 < lines.length && (lines[i + 1]!.trim() === '' || indentOf(lines[i + 1]!) >= depth)) more.push(lines[++i]!);
    if (opens !== undefined) conversations.push([]);
    // A lone line in the place of a conversation answers nothing.
    if (opens !== undefined || indent !== '') conversations.at(-1)?.push(scalar(start, more));
  }
  return conversations;
}

function scalar(start: string, more: readonly string[]): string {
  if (start.trim() === '|') {
    const inner = Math.min(...more.filter((line) => line.trim() !== '').map(indentOf));
    return `${more
      .map((line) => line.slice(inner))
      .join('\n')
      .trimEnd()}\n`;
  }
  const folded = [start, ...more]
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
  if (folded.startsWith("'")) return folded.slice(1, -1).replaceAll("''", "'");
  return folded.startsWith('"') ? (JSON.parse(folded) as string) : folded;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
