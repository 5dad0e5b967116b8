import { draws, seeded } from '@llm-ladder/testing/seeded';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { type Segmented, unigramViterbi, wordpiece } from '../src/subword.ts';

const letters = [...'etaoinsr'];

/** Pieces of one to six letters; every letter is one. */
function drawPieces(count: number): string[] {
  const rng = seeded(13);
  return [...letters, ...Array.from({ length: count }, () => draws(rng, letters, 2 + Math.floor(rng() * 5)).join(''))];
}

describe('wordpiece', () => {
  test('cuts two hundred thousand words with a vocabulary of thirty thousand', () => {
    const pieces = drawPieces(30_000);
    const vocab = new Counted(pieces.flatMap((piece) => [piece, `##${piece}`]));
    const rng = seeded(21);
    for (let i = 0; i < 200_000; i++) {
      const word = draws(rng, letters, 1 + Math.floor(rng() * 12)).join('');
      const found = wordpiece(word, vocab, '[UNK]');
      if (found.map((piece, at) => (at > 0 ? piece.slice(2) : piece)).join('') !== word) throw new Error(`${word}: ${found.join(' ')}`);
    }
    expect(vocab.walks).toBe(1); // the longest piece is not looked for again with every word
  });

  test('a vocabulary that grows is read again', () => {
    const vocab = new Set(['a', '##b']);
    expect(wordpiece('abc', vocab, '?')).toEqual(['?']);
    vocab.add('##bc');
    expect(wordpiece('abc', vocab, '?')).toEqual(['a', '##bc']);
  });

  test('takes any set and gives an array', () => {
    expectTypeOf(wordpiece).toEqualTypeOf<(word: string, vocab: ReadonlySet<string>, unk: string) => string[]>();
  });
});

describe('unigramViterbi', () => {
  test('is never worse than greedy, and its score is the sum of its pieces', () => {
    const rng = seeded(4);
    const logp = new Map(drawPieces(2000).map((piece) => [piece, -1 - 10 * rng()]));
    let better = 0;
    for (let i = 0; i < 500; i++) {
      const word = draws(rng, letters, 1 + Math.floor(rng() * 30)).join('');
      const { pieces, score } = unigramViterbi(word, logp);
      const sum = (list: readonly string[]) => list.reduce((total, piece) => total + logp.get(piece)!, 0);
      expect(pieces.join('')).toBe(word);
      expect(score).toBeCloseTo(sum(pieces), 9);
      const greedy = sum(longestFirst(word, logp));
      expect(score).toBeGreaterThanOrEqual(greedy - 1e-9);
      if (score > greedy + 1e-9) better++;
    }
    expect(better).toBeGreaterThan(100);
  });

  test('cuts a text of half a million characters', () => {
    const logp = new Map([['学而', -9], ['时', -8], ['习之', -10], ['之', -2], ['🚀', -1]]); // biome-ignore format: one line
    const { pieces, score } = unigramViterbi('学而时习之🚀'.repeat(70_000), logp);
    expect(pieces.length).toBe(4 * 70_000);
    expect(score).toBe(-28 * 70_000);
  });

  test('has the types of its documentation', () => {
    expectTypeOf(unigramViterbi).toEqualTypeOf<(word: string, logp: ReadonlyMap<string, number>) => Segmented>();
  });
});

function longestFirst(word: string, logp: ReadonlyMap<string, number>): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < word.length; ) {
    let end = word.length;
    while (!logp.has(word.slice(start, end))) end--;
    pieces.push(word.slice(start, end));
    start = end;
  }
  return pieces;
}

/** A set that counts how often it is walked. */
class Counted extends Set<string> {
  walks = 0;

  override keys(): SetIterator<string> {
    this.walks = (this.walks ?? 0) + 1;
    return super.keys();
  }
}
