/**
 * Pre-tokens and bytes: what byte-level BPE starts from. Merges never cross the border of a pre-token.
 *
 * Source: Radford et al. 2019 (GPT-2), section 2.2, and its published encoder; Hugging Face's ByteLevel pre-tokenizer without a prefix space does the same.
 * - A pre-token is a run of letters, of digits or of other signs, with one space before it if there is one; an English ending such as 's; or white space.
 * - Every byte has a printable character of its own, so that a token of raw bytes can be written as a string, in JSON too: 0x20 is 'Ġ', '!' is '!'.
 */

/** The character that stands for each byte: 188 printable ones for themselves, the others by U+0100 and up. */
export const BYTE_CHARS: readonly string[] = (() => {
  let next = 0x100;
  const printable = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();

/** The bytes in the order of their characters' code points: '!' (0x21) is the first, 0xAD the last. */
export const BYTES_IN_ORDER: readonly number[] = Array.from(BYTE_CHARS.keys()).sort((a, b) => (BYTE_CHARS[a]! < BYTE_CHARS[b]! ? -1 : 1));

const LETTER = 1;
const NUMBER = 2;
const SPACE = 3;
const OTHER = 4;

const ENDINGS = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];
const kinds = new Uint8Array(0x110000); // by code point, 0 until it is first met

/**
 * Cuts a text into its pre-tokens, in order; joined they are the text. A loop over the characters instead of GPT-2's regular expression, which it equals:
 * 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ with Unicode's white space for \s.
 */
export function eachPretoken(text: string, visit: (pretoken: string) => void): void {
  for (let from = 0; from < text.length; ) {
    const to = endOfPretoken(text, from);
    visit(text.slice(from, to));
    from = to;
  }
}

function endOfPretoken(text: string, from: number): number {
  const unit = text.charCodeAt(from);
  if (unit === 0x27) {
    const ending = ENDINGS.find((one) => text.startsWith(one, from));
    if (ending !== undefined) return from + ending.length;
  }
  const spaces = endOfRun(text, from, SPACE);
  if (spaces - from > 1) return spaces === text.length ? spaces : spaces - 1; // the last one belongs to what follows, if it is a plain space
  if (spaces > from && (unit !== 0x20 || spaces === text.length)) return spaces;
  return endOfRun(text, spaces, kindAt(text, spaces)); // with the plain space before it, if there is one
}

function endOfRun(text: string, from: number, kind: number): number {
  let at = from;
  while (at < text.length && kindAt(text, at) === kind) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return at;
}

function kindAt(text: string, at: number): number {
  const codePoint = text.codePointAt(at)!;
  const known = kinds[codePoint]!;
  if (known !== 0) return known;
  const kind = kindOf(String.fromCodePoint(codePoint));
  kinds[codePoint] = kind;
  return kind;
}

function kindOf(char: string): number {
  if (/\p{L}/u.test(char)) return LETTER;
  if (/\p{N}/u.test(char)) return NUMBER;
  return /\p{White_Space}/u.test(char) ? SPACE : OTHER;
}
