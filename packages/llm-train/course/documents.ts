/** Texts drawn for the suite of corpus-clean: made-up words and hanzi, pairs of a wanted likeness, and shingles by a plain loop. */
import type { Random } from '@llm-ladder/grader/suite';

/** Ten hanzi of two UTF-16 units each. */
const RARE = [...'𠮷𠀀𡈽𪚥𠂊𣎴𦥑𩸽𧃴𨋢'];

/** Four to seven letters. */
export function word(random: Random): string {
  return Array.from({ length: random.integer(4, 8) }, () => random.pick([...'abcdefghijklmnopqrstuvwxyz'])).join('');
}

function hanzi(random: Random): string {
  return String.fromCodePoint(0x4e00 + random.integer(0, 20_000));
}

/** `size` letters of one language, with spaces between words where the language has them. */
export function phrase(random: Random, size: number): string {
  const chinese = random.next() < 0.5;
  return Array.from({ length: size }, (_, i) => {
    if (chinese) return random.next() < 0.1 ? random.pick(RARE) : hanzi(random);
    return `${random.pick([...'abcdefghijklmnopqrstuvwxyz'])}${i % 5 === 4 ? ' ' : ''}`;
  })
    .join('')
    .trim();
}

/** A text of `size` tokens of one language: words, or pairs of hanzi. */
export function prose(random: Random, size: number): string {
  return random.next() < 0.5
    ? Array.from({ length: size }, () => word(random)).join(' ')
    : Array.from({ length: 2 * size }, (_, i) => `${hanzi(random)}${i % 17 === 16 ? '，' : ''}`).join('');
}

/** Two texts whose shingles have a Jaccard similarity in [low, high). */
export function pairOf(random: Random, low: number, high: number): [string, string] {
  for (;;) {
    const [one, other] = [prose(random, 60), prose(random, 60)];
    const similarity = low + (high - low) * random.next();
    const kept = Math.round((one.length * 2 * similarity) / (1 + similarity)); // the length that both share
    const two = `${one.slice(0, kept)}${other.slice(0, one.length - kept + random.integer(0, 4))}`;
    const likeness = jaccard(pieces(one), pieces(two));
    if (likeness >= low && likeness < high) return [one, two];
  }
}

/** Runs of five letters, as `shingles` makes them. */
export function pieces(text: string): Set<string> {
  const letters = [...text].filter((char) => /\p{L}/u.test(char));
  const runs = new Set<string>();
  for (let at = 0; at + 5 <= letters.length; at++) runs.add(letters.slice(at, at + 5).join(''));
  return runs;
}

/** The plain definition. */
export function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((one) => b.has(one)).length;
  return shared / (a.size + b.size - shared);
}

/** Two lists of made-up shingles, `size` in all, of which a share is in both. */
export function twoSets(random: Random, size: number, share: number): [string[], string[]] {
  const all = Array.from({ length: size }, () => (random.next() < 0.5 ? word(random) : `${hanzi(random)}${hanzi(random)}`));
  const shared = Math.round(size * share);
  const half = shared + Math.floor((size - shared) / 2);
  return [all.slice(0, half), [...all.slice(0, shared), ...all.slice(half)]];
}

/** The documents in random order, and where each went. */
export function shuffled(random: Random, docs: readonly string[]): { docs: string[]; at: number[] } {
  const order = random.permutation(docs.length);
  const at = docs.map((_, n) => order.indexOf(n));
  return { docs: order.map((n) => docs[n]!), at };
}
