/**
 * Cleaning a corpus: rules that find bad documents, and MinHash with bands that finds near-duplicates without comparing all pairs.
 *
 * Papers: Rae et al. 2021, appendix A.1 (rules); Broder 1997 (MinHash); Indyk and Motwani 1998 (bands); Lee et al. 2022 (why to do it).
 * - Everything is counted in code points, never in words: Chinese has no spaces, and a rare hanzi is one character, not two.
 * - Two sets of shingles have the same least hash with a probability that is their Jaccard similarity, so k hash functions estimate it.
 * - Bands only propose pairs; a pair is a duplicate when the comparison says so. The longest text is looked at first, so the order of the documents is no matter.
 */
import { UsageError } from '@llm-ladder/backend/errors';

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
  // #region exercise: the characters without white space, the lines that are not blank, the windows of characters; each rule is a count
  const chars = [...doc.replace(/\s+/gu, '')];
  const letters = chars.filter((char) => /[\p{L}\p{M}\p{N}]/u.test(char)).length;
  const lines = doc.split('\n').flatMap((line) => line.trim() || []);
  const repeated = lines.length - new Set(lines).size;
  const cut = lines.filter((line) => /(\.\.\.|…)$/u.test(line)).length;
  const windows = chars.slice(LOOP_WIDTH - 1).map((_, at) => chars.slice(at, at + LOOP_WIDTH).join(''));
  const broken: Record<Rule, boolean> = {
    short: chars.length < MIN_CHARS,
    symbols: 10 * letters < 7 * chars.length,
    lines: 10 * repeated > 3 * lines.length,
    loop: 2 * new Set(windows).size < windows.length,
    cut: 10 * cut > 3 * lines.length,
  };
  return RULES.filter((rule) => broken[rule]);
  // #endregion
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
  // #region exercise: k functions from the seed; for each shingle and each function the smaller of the value and the least so far
  const salts = Uint32Array.from({ length: k }, (_, i) => mix32(mix32(seed) + i));
  const least = new Uint32Array(k).fill(0xffffffff);
  for (const piece of pieces) {
    const hash = hash32(piece);
    for (let i = 0; i < k; i++) {
      const value = mix32(hash ^ salts[i]!);
      if (value < least[i]!) least[i] = value;
    }
  }
  return least;
  // #endregion
}

/** The places of the documents that stay, in rising order: of documents that are alike by at least `thr` the longest, of equally long ones the first in string order, of equal ones the first in the list. */
export async function lshDedup(docs: readonly string[], thr: number, options: DedupOptions = {}): Promise<number[]> {
  if (!(thr > 0 && thr <= 1)) throw new UsageError('lshDedup', '0 < thr <= 1', `${thr}`);
  const { k = 128, seed = 1, compare = (one, other) => jaccard(shingles(docs[one]!), shingles(docs[other]!)) } = options;
  // #region exercise: signatures cut into bands; from the longest text on, each document against those that stayed and share a band with it
  const rows = rowsPerBand(thr, k);
  const stayed = new Map<string, number[]>(); // band -> documents that stayed
  const survivors: number[] = [];
  const before = (a: number, b: number): number => Number(docs[a]! > docs[b]!) - Number(docs[a]! < docs[b]!);
  const order = [...docs.keys()].sort((a, b) => docs[b]!.length - docs[a]!.length || before(a, b));
  for (const doc of order) {
    const signature = minhash(shingles(docs[doc]!), k, seed);
    const bands = Array.from({ length: Math.floor(k / rows) }, (_, b) => `${b}:${signature.subarray(b * rows, (b + 1) * rows)}`);
    const candidates = new Set(bands.flatMap((band) => stayed.get(band) ?? []));
    let alike = false;
    for (const other of candidates) alike ||= (await compare(other, doc)) >= thr;
    if (alike) continue;
    survivors.push(doc);
    for (const band of bands) stayed.set(band, [...(stayed.get(band) ?? []), doc]);
  }
  return survivors.sort((a, b) => a - b);
  // #endregion
}

/** The most numbers of a signature that a band may hold, so that a pair that is alike by `thr` still shares one of the bands with a probability of 0.97. */
function rowsPerBand(thr: number, k: number): number {
  // #region exercise: with r rows a band is equal with probability thr^r, and there are floor(k / r) bands; the largest r that finds enough
  const found = (rows: number): number => 1 - (1 - thr ** rows) ** Math.floor(k / rows);
  let rows = k;
  while (rows > 1 && found(rows) < FOUND_AT_THRESHOLD) rows--;
  return rows;
  // #endregion
}

/** What two sets share, over what they hold together; 1 for two empty sets. */
function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  // #region exercise: count what is in both
  let shared = 0;
  for (const piece of a) if (b.has(piece)) shared++;
  const together = a.size + b.size - shared;
  return together === 0 ? 1 : shared / together;
  // #endregion
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
