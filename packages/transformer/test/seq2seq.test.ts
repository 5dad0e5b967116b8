import { tf, useBackend } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { seeded } from '@llm-ladder/testing/seeded';
import { beforeAll, describe, expect, test } from 'vitest';
import { ceLoss, countParams, forward, initParams, type Seq2SeqConfig, shiftRight } from '../src/seq2seq.ts';

const cfg: Seq2SeqConfig = { V: 11, D: 12, H: 3, F: 20, L: 2, norm: 'pre', padId: 0, bosId: 1, eosId: 2, tied: true };

beforeAll(async () => void (await useBackend('wasm')));

describe('seq2seq', () => {
  test('an untrained model is about as surprised as a uniform one', () => {
    const weights = initParams({ ...cfg, V: 40 }, seeded(1));
    const ids = (length: number) => tf.randomUniform<tf.Rank.R2>([4, length], 3, 40, 'int32', length);
    const labels = ids(7);
    const loss = ceLoss(forward(ids(5), shiftRight(labels, 1), weights, { ...cfg, V: 40 }), labels);
    expect(Math.abs(loss.dataSync()[0]! - Math.log(40))).toBeLessThan(0.2);
  });
});

describe('initParams', () => {
  test('makes as many numbers as countParams says', () => {
    for (const norm of ['pre', 'post'] as const) {
      for (const tied of [true, false]) {
        const weights = initParams({ ...cfg, norm, tied }, Math.random);
        const total = sizes(weights).reduce((sum, size) => sum + size, 0);
        expect(total).toBe(countParams({ ...cfg, norm, tied }));
      }
    }
  });

  test('says which number of heads does not fit', () => {
    expect(() => initParams({ ...cfg, H: 5 }, Math.random)).toThrow(UsageError);
    expect(() => initParams({ ...cfg, H: 5 }, Math.random)).toThrow('initParams: expected D divisible by H, got D=12, H=5');
  });
});

// --- helpers ---

/** The sizes of all tensors in a tree. */
function sizes(node: object): number[] {
  if (node instanceof tf.Tensor) return [node.size];
  return Object.values(node).flatMap((child: object) => sizes(child));
}
