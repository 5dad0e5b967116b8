/**
 * Maximum matching: cuts a text without spaces into words by always taking the longest word that a dictionary has.
 *
 * The oldest way to segment Chinese, and still the yardstick (Liu and Liang 1986; Sproat et al. 1996 call it the greedy algorithm).
 * - Forward goes from left to right, backward from right to left. Where they differ, the text is ambiguous.
 * - A character that no word covers stands alone. A character is a code point: a rare hanzi or an emoji is never cut in half.
 * - Only lengths that occur in the dictionary are tried, so the time grows with the text, not with its square.
 */
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';

/** Which way to go: from the left, from the right, or both ways and take the better one. */
export type Mode = 'fwd' | 'bwd' | 'bi';

/**
 * The words of a text, in reading order; joined they are the text again. The dictionary is looked through once and then remembered by its size.
 * `bi` takes the result with fewer words, else the one with fewer words of one character, else the backward one. UsageError for another mode.
 */
export function segment(text: string, dict: ReadonlySet<string>, mode: Mode): string[] {
  // TODO: check the mode; go forward, backward, or both ways and choose
  throw new NotImplemented('nlp-basics/max-match');
}

function forward(text: string, dict: ReadonlySet<string>): string[] {
  // TODO: at each place take the longest word that begins there, else one character
  throw new NotImplemented('nlp-basics/max-match');
}

function backward(text: string, dict: ReadonlySet<string>): string[] {
  // TODO: from the end, take the longest word that ends there, else one character
  throw new NotImplemented('nlp-basics/max-match');
}

/** How many words are one character long. */
function singles(words: readonly string[]): number {
  // TODO: count the words of one code point
  throw new NotImplemented('nlp-basics/max-match');
}

// --- helpers ---

interface Lengths {
  readonly size: number;
  /** UTF-16 unit -> lengths (in units) of the words that begin with it, longest first. */
  readonly byFirst: ReadonlyMap<number, readonly number[]>;
  /** The same by the unit that a word ends with. */
  readonly byLast: ReadonlyMap<number, readonly number[]>;
}

// A dictionary of half a million words is not walked again for every sentence.
const remembered = new WeakMap<ReadonlySet<string>, Lengths>();

/** Which word lengths are worth a look, by a word's first and last unit. */
function lengthsOf(dict: ReadonlySet<string>): Lengths {
  const before = remembered.get(dict);
  if (before?.size === dict.size) return before;
  const [byFirst, byLast] = [new Map<number, number[]>(), new Map<number, number[]>()];
  for (const word of dict) {
    if (word === '') continue; // would match everywhere and lead nowhere
    note(byFirst, word.charCodeAt(0), word.length);
    note(byLast, word.charCodeAt(word.length - 1), word.length);
  }
  for (const lengths of [...byFirst.values(), ...byLast.values()]) lengths.sort((a, b) => b - a);
  const found = { size: dict.size, byFirst, byLast };
  remembered.set(dict, found);
  return found;
}

function note(index: Map<number, number[]>, unit: number, length: number): void {
  const lengths = index.get(unit);
  if (lengths === undefined) index.set(unit, [length]);
  else if (!lengths.includes(length)) lengths.push(length);
}
