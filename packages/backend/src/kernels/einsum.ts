/** Registers Einsum as transposes and matrix products (../einsum.ts) for the backends whose own is absent or too narrow. */
import type { EinsumAttrs } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { decodeEinsum, einsum } from '../einsum.ts';
import { asTensor, setKernel } from './register.ts';

export function registerEinsum(backendName: string): void {
  setKernel(backendName, tf.Einsum, ({ inputs, attrs }) => {
    const operands = Object.values(inputs) as tf.TensorInfo[];
    return tf.tidy(() => einsum(decodeEinsum((attrs as unknown as EinsumAttrs).equation), operands.map(asTensor)));
  });
}
