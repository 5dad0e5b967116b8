/** Sends a small call through the whole of a box, so that V8 and TF.js have done the work of the first time before it counts. */
import { tf } from '@llm-ladder/backend';
import { decodeFrame, encodeFrame } from '../codec.ts';
import { TensorValue } from '../values.ts';
import { call, grad, type Outcome } from './calls.ts';
import { warmUrl } from './loader.ts';

const rounds = 3;

export async function warmUp(): Promise<void> {
  await import(warmUrl);
  const mix = (a: tf.Tensor2D): { out: tf.Tensor } =>
    tf.tidy(() => ({
      out: tf
        .matMul(a.sub(a.mean(-1, true)), a, false, true)
        .div(2)
        .softmax()
        .mul(a)
        .sum(0)
        .reshape([1, 2]),
    }));
  const loaded = { exports: { mix }, boxed: {} };
  const target = { export: 'mix' };
  for (let round = 0; round < rounds; round++) {
    const x = new TensorValue('float32', [2, 2], new Float32Array([1, 2, 3, 4]));
    const arrive = (): unknown[] =>
      (decodeFrame(encodeFrame(['call', 0, target, [x]]).subarray(4)) as [string, number, object, unknown[]])[3];
    finish(await call(loaded, target, arrive()));
    finish(await grad(loaded, target, arrive(), { wrt: [0], output: 'out', upstream: null }));
  }
}

function finish({ value, wasPromise, stats, cleanUp }: Outcome): void {
  encodeFrame(['done', 0, value, wasPromise, stats]);
  cleanUp();
}
