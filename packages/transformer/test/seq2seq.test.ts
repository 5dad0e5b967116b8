import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, test } from 'vitest';
import { ceLoss, countParams, forward, initParams, type Seq2SeqConfig, shiftRight } from '../src/seq2seq.ts';
import { onEveryBackend } from './every-backend.ts';
import { goldens, kept, weightsOf } from './goldens.ts';

const cfg: Seq2SeqConfig = { V: 11, D: 12, H: 3, F: 20, L: 2, norm: 'pre', padId: 0, bosId: 1, eosId: 2, tied: true };

onEveryBackend(() => {
  test('matches PyTorch, tied and untied', () => {
    for (const [name, form] of [
      ['forward-pre-tied', cfg],
      ['forward-post-untied', { ...cfg, norm: 'post', tied: false }],
    ] as const) {
      const { src, tgtIn, logits, ...rest } = goldens('09-seq2seq-model', name);
      expect(forward(src!, tgtIn!, weightsOf(rest), form)).toBeAllClose(logits!, { rtol: 1e-4, atol: 1e-5 });
    }
  });

  test('the loss and its gradient match PyTorch', () => {
    const { logits, labels, loss, grad } = goldens('09-seq2seq-model', 'loss');
    expect(ceLoss(logits!, labels!)).toBeAllClose(loss!, { rtol: 1e-4, atol: 1e-5 });
    expect(tf.grad((x) => ceLoss(x as tf.Tensor3D, labels!))(logits!)).toBeAllClose(grad!, { rtol: 1e-4, atol: 1e-5 });
  });

  test('an untrained model is about as surprised as a uniform one', () => {
    const weights = initParams({ ...cfg, V: 40 }, Math.random);
    const ids = (length: number) => tf.randomUniform<tf.Rank.R2>([4, length], 3, 40, 'int32');
    const labels = ids(7);
    const loss = ceLoss(forward(ids(5), shiftRight(labels, 1), weights, { ...cfg, V: 40 }), labels);
    expect(Math.abs(loss.dataSync()[0]! - Math.log(40))).toBeLessThan(0.2);
  });

  test('keeps one tensor, the result', () => {
    const { src, tgtIn, ...rest } = goldens('09-seq2seq-model', 'forward-pre-tied');
    const labels = goldens('09-seq2seq-model', 'loss').labels!;
    expect(kept(() => forward(src!, tgtIn!, weightsOf(rest), cfg))).toBe(1);
    expect(kept(() => shiftRight(labels, 1))).toBe(1);
    expect(
      kept(() =>
        ceLoss(
          tf.tidy(() => tf.ones([2, 4, 11])),
          labels,
        ),
      ),
    ).toBe(2); // the loss and the logits made here
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
