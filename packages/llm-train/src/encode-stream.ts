/**
 * Encoding a text that is too long to hold: chunks in, ids out, the same as for the whole text.
 *
 * A chunk may end in the middle of a word, or of a character. No pre-token begins before a white space and ends behind it, except in a run of white space: where white
 * space follows anything else, the text can be cut, whatever comes later. NFKC joins nothing across such a place either.
 */
import type { Tokenizer } from './bbpe-codec.ts';

/**
 * Ids of a text that comes in chunks, a part of them at a time; all parts in a row are `encode` of all chunks joined, special tokens as bytes.
 * Holds one chunk, and the longest stretch without white space.
 */
export async function* encodeStream(
  tokenizer: Pick<Tokenizer, 'encode'>,
  chunks: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<number[], void> {
  let held: string[] = [];
  let before = ' '; // the last character so far
  for await (const chunk of chunks) {
    const cut = lastCut(before, chunk);
    before = chunk.at(-1) ?? before;
    if (cut === undefined) {
      held.push(chunk);
      continue;
    }
    const text = held.join('') + chunk.slice(0, cut);
    held = [chunk.slice(cut)];
    if (text !== '') yield tokenizer.encode(text);
  }
  const rest = held.join('');
  if (rest !== '') yield tokenizer.encode(rest);
}

/** The last place of a chunk with white space behind it and none before it. */
function lastCut(before: string, chunk: string): number | undefined {
  for (let at = chunk.length - 1; at >= 0; at--) if (isSpace(chunk[at]!) && !isSpace(at === 0 ? before : chunk[at - 1]!)) return at;
  return undefined;
}

function isSpace(char: string): boolean {
  return /\p{White_Space}/u.test(char);
}
