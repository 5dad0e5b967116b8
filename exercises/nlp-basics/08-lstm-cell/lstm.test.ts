import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { lstmSeq, lstmStep } from './lstm.ts';

// E = 1 and D = 1: the first row of W is for x, the second for h; the columns are i, f, g, o.
const W = tf.tensor2d([[1, 0, 2, 1], [0, 2, 0, -2]]); // biome-ignore format: one row for x, one for h
const b = tf.tensor1d([0, 0, -1, 0]);

describe('lstmStep', () => {
  test('the worked number of the README', () => {
    const { h, c } = lstmStep(tf.tensor2d([[1]]), tf.tensor2d([[0.5]]), tf.tensor2d([[0.5]]), W, b);
    expect(c).toBeAllClose([[0.922299]]);
    expect(h).toBeAllClose([[0.363492]]);
  });
});

describe('lstmSeq', () => {
  test('a masked step holds the state', () => {
    const { out, h, c } = lstmSeq(tf.tensor3d([[[1], [9], [9]]]), tf.tensor2d([[1, 0, 0]]), W, b);
    const one = lstmSeq(tf.tensor3d([[[1]]]), tf.tensor2d([[1]]), W, b);
    const state = one.h.dataSync()[0]!;
    expect(state).toBeGreaterThan(0);
    expect(out).toBeAllClose([[[state], [state], [state]]]);
    expect(h).toBeAllClose(one.h);
    expect(c).toBeAllClose(one.c);
  });
});
