import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { type EncoderLayerWeights, encoder, encoderLayer } from '../src/encoder.ts';
import { onEveryBackend } from './every-backend.ts';
import { goldens, kept, weightsOf } from './goldens.ts';

onEveryBackend(() => {
  test('layers and stacks match PyTorch in both forms', () => {
    for (const norm of ['pre', 'post'] as const) {
      const layer = goldens('07-encoder', `layer-${norm}`);
      expect(encoderLayer(layer.x!, weightsOf(layer), { H: 3, norm }, layer.mask)).toBeAllClose(layer.out!, { rtol: 1e-4, atol: 1e-5 });
      const stack = goldens('07-encoder', `stack-${norm}`);
      expect(encoder(stack.x!, weightsOf(stack), { H: 3, norm }, stack.mask)).toBeAllClose(stack.out!, { rtol: 1e-4, atol: 1e-5 });
    }
  });

  test('keeps one tensor, the result', () => {
    const { x, mask, ...rest } = goldens('07-encoder', 'stack-pre');
    expect(kept(() => encoder(x!, weightsOf(rest), { H: 3, norm: 'pre' }, mask))).toBe(1);
  });

  test('dropout repeats with the same rng and differs with another', () => {
    const { x, ...rest } = goldens('07-encoder', 'stack-pre');
    const run = (first: number) => encoder(x!, weightsOf(rest), { H: 3, norm: 'pre', dropout: 0.3, training: true, rng: counter(first) });
    expect(run(0.1)).toBeAllClose(run(0.1), { rtol: 0, atol: 0 });
    expect(run(0.1)).not.toBeAllClose(run(0.2));
  });
});

describe('encoder', () => {
  test('a stack without layers gives a tensor of its own', () => {
    const x = tf.ones<tf.Rank.R3>([1, 2, 4]);
    const out = encoder(x, { layers: [] }, { H: 2, norm: 'post' });
    x.dispose();
    expect(out).toBeAllClose(tf.ones([1, 2, 4]));
    expectTypeOf(out).toEqualTypeOf<tf.Tensor3D>();
  });

  test('training with dropout and no rng says so', () => {
    const { x, ...rest } = goldens('07-encoder', 'layer-pre');
    const run = () => encoderLayer(x!, weightsOf(rest), { H: 3, norm: 'pre', dropout: 0.1, training: true });
    expect(run).toThrow(UsageError);
    expect(run).toThrow('dropout: expected an rng in the options while training, got none');
  });

  test('a layer needs all its weights', () => {
    // @ts-expect-error -- ln2 is missing
    const incomplete: EncoderLayerWeights = { attn: {} as never, ffn: {} as never, ln1: {} as never };
    expect(incomplete).toBeDefined();
  });
});

// --- helpers ---

/** Numbers in [0, 1) in steps from a first one. */
function counter(first: number): () => number {
  let x = first;
  return () => {
    x = (x + 0.381966) % 1;
    return x;
  };
}
