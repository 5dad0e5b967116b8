import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { generate, sample } from './sampling.ts';

const rng = () => 0.9; // always late in the list
const logits = tf.tensor2d([[0.15, 0.5, 0.05, 0.3].map(Math.log)]);

describe('sample', () => {
  test('the worked numbers of the README', () => {
    expect(sample(logits, { temp: 0, rng })).toBeAllClose([1]);
    expect(sample(logits, { temp: 1, topP: 0.6, rng })).toBeAllClose([3]); // .5 + .3 cross .6
    expect(sample(logits, { temp: 1, topK: 1, rng })).toBeAllClose([1]);
    expect(sample(logits, { temp: 0.5, topP: 0.6, rng })).toBeAllClose([1]); // at temperature .5 the first alone has .68
  });

  test('a penalty makes what was seen less likely', () => {
    expect(sample(tf.tensor2d([[3, 2, -1]]), { temp: 0, rep: 2, seen: [[0]], rng })).toBeAllClose([1]);
  });
});

describe('generate', () => {
  test('each row stops at its own end', async () => {
    const rows: number[][][] = [];
    const step = (now: readonly (readonly number[])[]) => {
      rows.push(now.map((row) => [...row]));
      return tf.oneHot(now.map((row) => Math.min(5, row.at(-1)! + 1)), 6).cast('float32') as tf.Tensor2D; // biome-ignore format: one call
    };
    expect(await generate(step, [[1], [3]], { temp: 0, rng, maxNew: 9, stop: [5], pad: 0 })).toEqual([[2, 3, 4], [4]]);
    expect(rows.at(-1)).toEqual([[1, 2, 3, 4], [3, 4, 5, 0]]); // biome-ignore format: one row a line
  });
});
