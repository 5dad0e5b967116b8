/** Text as wide as a terminal shows it: Chinese takes two columns a character, escape sequences none. */
import { stripVTControlCharacters } from 'node:util';

const WIDE = String.raw`\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}`;
const wide = new RegExp(`[${WIDE}]`, 'gu');
const combining = /[\p{Mn}\p{Me}\u200d]/gu;

/** Columns that a line takes. */
export function displayWidth(text: string): number {
  const plain = stripVTControlCharacters(text).replace(combining, '');
  return [...plain].length + (plain.match(wide)?.length ?? 0);
}

/** `padEnd` by columns. */
export function padDisplay(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

// What stays together: an escape sequence, a run of spaces, a wide character with the punctuation that may not leave it, a word.
const OPENING = '（「『《“';
const CLOSING = '，。；：！？、）」』》”…';
const pieces = new RegExp(`\\u001b\\[[0-9;]*m| +|[${OPENING}]*[${WIDE}][${CLOSING}]*|[^ \\u001b${WIDE}]+[${CLOSING}]*|.`, 'gu');

/** Breaks lines that are too long, between words, and indents what follows like the line's beginning. */
export function wrapLines(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, columns))
    .join('\n');
}

function wrapLine(line: string, columns: number): string {
  if (displayWidth(line) <= columns) return line;
  const indent = /^ */.exec(line)![0].slice(0, Math.floor(columns / 2));
  const lines: string[] = [];
  let current = '';
  for (const piece of line.match(pieces) ?? []) {
    const isSpace = piece.startsWith(' ');
    if (displayWidth(current) + displayWidth(piece) <= columns) {
      if (!(isSpace && current === indent && lines.length > 0)) current += piece;
    } else if (isSpace) {
      lines.push(current);
      current = indent;
    } else if (current.trim() === '') {
      current += piece; // longer than the terminal, such as a path: it breaks where the terminal ends
    } else {
      lines.push(current.trimEnd());
      current = indent + piece;
    }
  }
  return [...lines, current].join('\n');
}
