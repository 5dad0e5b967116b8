import fs from 'node:fs';
import path from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { seeded } from '@llm-ladder/testing/seeded';
import { describe, expect, test } from 'vitest';
import { StreamDecoder, Tokenizer } from '../src/bbpe-codec.ts';
import { trainBpe } from '../src/bbpe-train.ts';
import { IntLists } from '../src/int-lists.ts';
import { NumberHeap } from '../src/number-heap.ts';
import { PairQueue } from '../src/pair-queue.ts';
import { PairRanks } from '../src/pair-ranks.ts';
import { BYTE_CHARS, BYTES_IN_ORDER, eachPretoken } from '../src/pretokens.ts';

const special = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'];
const golden = path.resolve(import.meta.dirname, '../course/02-bbpe-codec/fixtures/codec.json');

/** Uniform whole numbers below n, the same in every run. */
function generator(seed: number): (n: number) => number {
  const rng = seeded(seed);
  return (n) => Math.floor(rng() * n);
}

function randomText(below: (n: number) => number): string {
  const pools = [
    "abc XYZ'strevmld",
    '中文字，。',
    '🙂👩‍🚀',
    'שלוםمرح',
    'é ̈',
    ' \t\r\n\u3000\u0085\ufeff',
    '012٣Ⅷ½',
    '<|im_end|>!?-',
    '\ud800\udc00',
  ];
  return Array.from({ length: below(30) }, () => {
    const pool = pools[below(pools.length)]!;
    return pool.charAt(below(pool.length));
  }).join('');
}

describe('trainBpe', () => {
  test('refuses a vocabulary that is too small, and specials that are empty or twice there', () => {
    expect(() => trainBpe([], { vocab: 100 })).toThrow(UsageError);
    expect(() => trainBpe([], { vocab: 100 })).toThrow('trainBpe: expected vocab of at least 256, got 100');
    expect(() => trainBpe([], { vocab: 300, special: ['<s>', '<s>'] })).toThrow('special tokens that are not empty and all different');
  });
});

describe('Tokenizer', () => {
  const { tokens, merges } = JSON.parse(fs.readFileSync(golden, 'utf8'));
  const options = { vocab: new Map<string, number>(tokens.map((token: string, id: number) => [token, id])), merges, special };
  const tokenizer = new Tokenizer(options);

  test('20,000 random texts come back, whole and as a stream; lone surrogates as U+FFFD', () => {
    const below = generator(11);
    const stream = new StreamDecoder(options);
    for (let i = 0; i < 20_000; i++) {
      const text = randomText(below);
      const encoded = tokenizer.encode(text, { allowSpecial: i % 2 === 0 });
      expect(tokenizer.decode(encoded)).toBe(text.toWellFormed());
      expect(encoded.map((id) => stream.push(id)).join('') + stream.end()).toBe(text.toWellFormed());
    }
  });

  test('says which token the vocabulary lacks, and which id is none', () => {
    expect(() => new Tokenizer({ ...options, special: ['<pad>'] })).toThrow(
      'Tokenizer: expected a vocab with every byte, merge and special, got none for "<pad>"',
    );
    expect(() => tokenizer.decode([900])).toThrow("decode: expected ids of the vocabulary's 900 tokens, got 900");
  });
});

describe('eachPretoken', () => {
  test("equals GPT-2's regular expression", () => {
    const pattern =
      /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
    const below = generator(5);
    for (let i = 0; i < 20_000; i++) {
      const text = randomText(below);
      const found: string[] = [];
      eachPretoken(text, (pretoken) => found.push(pretoken));
      expect(found).toEqual(text.match(pattern) ?? []);
    }
  });

  test('every byte has a character of its own', () => {
    expect(new Set(BYTE_CHARS).size).toBe(256);
    expect([BYTE_CHARS[0x20], BYTE_CHARS[0x41], BYTE_CHARS[0xad]]).toEqual(['Ġ', 'A', 'Ń']);
    expect(BYTES_IN_ORDER[0]).toBe(0x21);
  });
});

describe('the helpers', () => {
  test('PairQueue gives the highest count, then the lowest ids, also after counts fell', () => {
    const [queue, below] = [new PairQueue(), generator(3)];
    const pairs = Array.from({ length: 500 }, (_, i) => ({ pair: i, left: below(9), right: i, count: 1 + below(20) }));
    for (const { left, right, count } of pairs) queue.add(left, right, count);
    for (const pair of pairs.filter(({ count }) => count > 10)) {
      queue.lower(pair.pair, 7);
      pair.count -= 7;
    }
    const sorted = pairs.toSorted((a, b) => b.count - a.count || a.left - b.left || a.right - b.right);
    for (const pair of sorted) expect(queue.pop()).toEqual(pair);
    expect(queue.pop()).toBeUndefined();
  });

  test('NumberHeap sorts', () => {
    const [heap, below] = [new NumberHeap(), generator(4)];
    const numbers = Array.from({ length: 300 }, () => below(100));
    for (const number of numbers) heap.push(number);
    expect(numbers.map(() => heap.pop())).toEqual(numbers.toSorted((a, b) => a - b));
    expect(heap.pop()).toBeUndefined();
  });

  test('PairRanks finds every pair and no other', () => {
    const ranks = new PairRanks(400);
    for (let i = 0; i < 400; i++) ranks.add(i % 20, Math.floor(i / 20), i);
    for (let i = 0; i < 400; i++) expect(ranks.get(i % 20, Math.floor(i / 20))).toBe(i);
    expect([ranks.get(20, 0), ranks.get(0, 20), ranks.get(-1, 0)]).toEqual([-1, -1, -1]);
  });

  test('IntLists keeps lists apart', () => {
    const lists = new IntLists();
    const given = Array.from({ length: 3000 }, (_, i) => Array.from({ length: i % 7 }, (_, k) => i * 10 + k));
    for (const list of given) lists.add(list);
    for (const [i, list] of given.entries()) expect(Array.from(lists.at(i))).toEqual(list);
    const { numbers, start, end } = lists.flat();
    expect(given.map((_, i) => Array.from(numbers.subarray(start[i], end[i])))).toEqual(given);
  });
});
