import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { cbowBatch, cbowLoss } from './cbow.ts';

const gap = (ctx: number[], mask: number[], target: number) =>
  [tf.tensor2d([ctx], undefined, 'int32'), tf.tensor2d([mask]), tf.tensor1d([target], 'int32')] as const;

describe('cbowBatch', () => {
  test('the three gaps of the README', () => {
    const { ctx, mask, target } = cbowBatch([[5, 7, 9]], 2);
    expect(ctx).toBeAllClose([[0, 0, 7, 9], [0, 5, 9, 0], [5, 7, 0, 0]]); // biome-ignore format: one row per gap
    expect(mask).toBeAllClose([[0, 0, 1, 1], [0, 1, 1, 0], [1, 1, 0, 0]]); // biome-ignore format: one row per gap
    expect(target).toBeAllClose([5, 7, 9]);
  });
});

describe('cbowLoss', () => {
  const [Win, Wout] = [tf.tensor2d([[1], [3]]), tf.tensor2d([[0], [1]])];

  test('the worked number of the README', () => {
    expect(cbowLoss(...gap([0, 1, 0, 0], [1, 1, 0, 0], 1), Win, Wout)).toBeAllClose(0.126928);
  });

  test('a gap without neighbours costs ln V', () => {
    expect(cbowLoss(...gap([1, 1], [0, 0], 1), Win, Wout)).toBeAllClose(Math.log(2));
  });
});
