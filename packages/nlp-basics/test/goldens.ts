/** The fixtures of the course as TF.js tensors. They hold float32 and int32. */
import fs from 'node:fs';
import path from 'node:path';
import { tf } from '@llm-ladder/backend';

interface Entry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [begin: number, end: number];
}

/** `goldens('06-skipgram-ns', 'sgns')`: every tensor of the file by its name, on the current backend. */
export function goldens(folder: string, name: string): { readonly [tensor: string]: never } {
  const file = path.resolve(import.meta.dirname, '..', 'course', folder, 'fixtures', `${name}.safetensors`);
  const bytes = fs.readFileSync(file);
  const headerSize = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerSize)) as Record<string, Entry>;
  const tensors: Record<string, tf.Tensor> = {};
  for (const [key, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    if (key === '__metadata__') continue;
    if (dtype !== 'F32' && dtype !== 'I32') throw new Error(`${file}: ${key}: expected F32 or I32, got ${dtype}`);
    const [begin, end] = offsets.map((at) => 8 + headerSize + at) as [number, number];
    const buffer = bytes.buffer.slice(bytes.byteOffset + begin, bytes.byteOffset + end);
    tensors[key] = dtype === 'F32' ? tf.tensor(new Float32Array(buffer), shape) : tf.tensor(new Int32Array(buffer), shape, 'int32');
  }
  return tensors as { readonly [tensor: string]: never }; // `never` fits every rank that a test asks for
}

/** How many tensors a call keeps: those it returned. */
export function kept(call: () => unknown): number {
  const before = tf.memory().numTensors;
  const result = call();
  const after = tf.memory().numTensors;
  tf.dispose(result as tf.TensorContainer);
  return after - before;
}
