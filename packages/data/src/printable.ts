/** Text of unknown origin, made harmless to a terminal and to a corpus. */

/** Without control characters but tabs and new lines: nothing that is shown may move the cursor or recolour the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}--[\n\t]]/gv, '');
}

/** The same on one short line, without marks that turn its direction: for names, licences and messages. */
export function printableLine(text: string): string {
  const line = printable(text)
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > 200 ? `${line.slice(0, 197)}...` : line;
}
