import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';
import { onEveryBackend } from '@llm-ladder/testing/every-backend';
import { kept } from '@llm-ladder/testing/kept';
import { draws, seeded } from '@llm-ladder/testing/seeded';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { drawNegatives, negTable, pairs, type SkipgramConfig, sgnsLoss, trainSkipgram } from '../src/skipgram.ts';

const cfg: SkipgramConfig = { V: 8, D: 6, window: 2, negatives: 3, epochs: 4, batch: 32, lr: 0.1 };

/** Two topics of four words that never meet. */
function drawText(seed: number, count: number): number[][] {
  const rng = seeded(seed);
  return Array.from({ length: count }, () => draws(rng, rng() < 0.5 ? [0, 1, 2, 3] : [4, 5, 6, 7], 6));
}

onEveryBackend(() => {
  test('words of one topic come near to each other, and nothing but the result is kept', () => {
    let vectors: tf.Tensor2D | undefined;
    const count = kept(() => {
      vectors = trainSkipgram(drawText(5, 60), cfg, seeded(31));
      return vectors.clone();
    });
    expect(count).toBe(2); // the result and its clone
    const unit = tf.tidy(() => vectors!.div<tf.Tensor2D>(vectors!.norm('euclidean', 1, true)));
    const cosines = tf.matMul<tf.Tensor2D>(unit, unit, false, true).arraySync();
    const meanOver = (here: (a: number, b: number) => boolean) => {
      const list = cosines.flatMap((row, a) => row.filter((_, b) => a !== b && here(a, b)));
      return list.reduce((sum, x) => sum + x, 0) / list.length;
    };
    expect(meanOver((a, b) => a < 4 === b < 4)).toBeGreaterThan(0.6);
    expect(meanOver((a, b) => a < 4 !== b < 4)).toBeLessThan(0.2);
  });
});

describe('pairs', () => {
  test('half a million words, pair by pair', () => {
    const text = drawText(9, 80_000);
    const { center, ctx } = pairs(text, 3, seeded(1));
    expect(ctx.length).toBe(center.length);
    expect(center.length).toBeGreaterThan(1_200_000);
    expect(center.every((word, i) => word < 4 === ctx[i]! < 4)).toBe(true); // never into another sentence
  });
});

describe('drawNegatives', () => {
  test('a hundred thousand words, a million draws', () => {
    const freq = Array.from({ length: 100_000 }, (_, rank) => Math.ceil(1e6 / (rank + 1))); // Zipf
    const table = negTable(freq);
    const drawn = drawNegatives(table, 1_000_000, seeded(77));
    const top = drawn.filter((id) => id < 10).length / drawn.length;
    expect(top).toBeCloseTo(table[9]!, 2);
    expect(drawn.every((id) => id >= 0 && id < freq.length)).toBe(true);
  });
});

describe('skip-gram', () => {
  test('says what it does not take', () => {
    const [Win, Wout] = [tf.zeros<tf.Rank.R2>([3, 2]), tf.zeros<tf.Rank.R2>([3, 4])];
    const ids = tf.tensor1d([0, 1], 'int32');
    const wrong = () => sgnsLoss(ids, ids, tf.zeros([2, 5], 'int32'), Win, Wout);
    expect(wrong).toThrow(ShapeError);
    expect(wrong).toThrow('got center [2], ctx [2], neg [2,5], Win [3,2], Wout [3,4]');
    expect(() => pairs([], 0, Math.random)).toThrow('pairs: expected a whole window of 1 or more, got 0');
    expect(() => negTable([0])).toThrow(UsageError);
    expect(() => trainSkipgram([[9]], cfg, Math.random)).toThrow('trainSkipgram: expected ids from 0 to 7, got 9');
  });

  test('has the types of its documentation', () => {
    expectTypeOf(sgnsLoss).returns.toEqualTypeOf<tf.Scalar>();
    expectTypeOf(trainSkipgram).returns.toEqualTypeOf<tf.Tensor2D>();
    expectTypeOf(negTable).toEqualTypeOf<(freq: ArrayLike<number>, power?: number) => Float64Array>();
  });
});
