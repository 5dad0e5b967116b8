/**
 * Cleaning a corpus: rules that find bad documents, and MinHash with bands that finds near-duplicates without comparing all pairs.
 *
 * Papers: Rae et al. 2021, appendix A.1 (rules); Broder 1997 (MinHash); Indyk and Motwani 1998 (bands); Lee et al. 2022 (why to do it).
 * - Everything is counted in code points, never in words: Chinese has no spaces, and a rare hanzi is one character, not two.
 * - Two sets of shingles have the same least hash with a probability that is their Jaccard similarity, so k hash functions estimate it.
 * - Bands only propose pairs; a pair is a duplicate when the comparison says so. The longest text is looked at first, so the order of the documents is no matter.
 */
import { NotImplemented, UsageError } from '@llm-ladder/backend/errors';

/** What can be wrong with a document, in the order in which `filters` says it. */
export const RULES = ['short', 'symbols', 'lines', 'loop', 'cut'] as const;
export type Rule = (typeof RULES)[number];

const MIN_CHARS = 50;
const LOOP_WIDTH = 8; // characters of a window
const FOUND_AT_THRESHOLD = 0.97; // of the pairs that are just alike enough

export interface DedupOptions {
  /** Length of a signature; 128 unless told. */
  readonly k?: number;
  readonly seed?: number;
  /** How alike two documents are, from 0 to 1, by their places in the list; the Jaccard similarity of their shingles unless told. Asked of candidates only. */
  readonly compare?: (one: number, other: number) => Promise<number> | number;
}

/** The rules that a document breaks, none for a good one. */
export function filters(doc: string): Rule[] {
  // TODO: the characters without white space, the lines that are not blank, the windows of characters; each rule is a count
  throw new NotImplemented('llm-train/corpus-clean');
}

/** All runs of `size` letters, marks and digits of a text, in lower case, with nothing between them; a shorter text is one shingle, an empty one none. */
export function shingles(text: string, size = 5): Set<string> {
  const chars = [
    ...text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}]+/gu, ''),
  ];
  const count = chars.length === 0 ? 0 : Math.max(1, chars.length - size + 1);
  return new Set(Array.from({ length: count }, (_, at) => chars.slice(at, at + size).join('')));
}

/** The least value that each of k hash functions gives to any shingle: k numbers below 2^32, all 2^32 - 1 for no shingles. The same seed gives the same functions. */
export function minhash(pieces: Iterable<string>, k: number, seed: number): Uint32Array {
  if (!(Number.isInteger(k) && k >= 1)) throw new UsageError('minhash', 'a whole k >= 1', `${k}`);
  // TODO: k functions from the seed; for each shingle and each function the smaller of the value and the least so far
  throw new NotImplemented('llm-train/corpus-clean');
}

/** The places of the documents that stay, in rising order: of documents that are alike by at least `thr` the longest, of equally long ones the first in string order, of equal ones the first in the list. */
export async function lshDedup(docs: readonly string[], thr: number, options: DedupOptions = {}): Promise<number[]> {
  if (!(thr > 0 && thr <= 1)) throw new UsageError('lshDedup', '0 < thr <= 1', `${thr}`);
  const { k = 128, seed = 1, compare = (one, other) => jaccard(shingles(docs[one]!), shingles(docs[other]!)) } = options;
  // TODO: signatures cut into bands; from the longest text on, each document against those that stayed and share a band with it
  throw new NotImplemented('llm-train/corpus-clean');
}

/** The most numbers of a signature that a band may hold, so that a pair that is alike by `thr` still shares one of the bands with a probability of 0.97. */
function rowsPerBand(thr: number, k: number): number {
  // TODO: with r rows a band is equal with probability thr^r, and there are floor(k / r) bands; the largest r that finds enough
  throw new NotImplemented('llm-train/corpus-clean');
}

/** What two sets share, over what they hold together; 1 for two empty sets. */
function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  // TODO: count what is in both
  throw new NotImplemented('llm-train/corpus-clean');
}

// --- helpers ---

/** A string as a number below 2^32 (FNV-1a over UTF-16 units, then mixed). */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mix32(hash);
}

/** One number below 2^32 to another, one to one, every bit of it spread over all (the finalizer of MurmurHash3). */
function mix32(x: number): number {
  let mixed = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
