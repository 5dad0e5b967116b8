/** The PyTorch fixtures of the course as TF.js tensors. They hold float32 and int32. */
import fs from 'node:fs';
import path from 'node:path';
import { tf } from '@llm-ladder/backend';

interface Entry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [begin: number, end: number];
}

export type Goldens = { readonly [tensor: string]: never }; // `never` fits every rank that a test asks for

/** `goldens('01-sdpa', 'sdpa')`: every tensor of the file by its name, on the current backend. */
export const goldens = goldensOf(import.meta.dirname);

/** The same for another module, found from its `test` folder. */
export function goldensOf(testFolder: string): (folder: string, name: string) => Goldens {
  return (folder, name) => readSafetensors(path.resolve(testFolder, '..', 'course', folder, 'fixtures', `${name}.safetensors`));
}

function readSafetensors(file: string): Goldens {
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
  return tensors as Goldens;
}

/** The tree of weights under a golden's `w.`: `w.layers.0.attn.Wq` becomes `.layers[0].attn.Wq`. */
export function weightsOf(tensors: { readonly [tensor: string]: unknown }): never {
  const tree: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(tensors)) {
    const [first, ...keys] = name.split('.');
    if (first !== 'w') continue;
    let node = tree;
    for (const key of keys.slice(0, -1)) {
      node[key] ??= {};
      node = node[key] as Record<string, unknown>;
    }
    node[keys.at(-1)!] = value;
  }
  return withLists(tree) as never;
}

/** Objects whose keys are 0, 1, ... become arrays. */
function withLists(node: unknown): unknown {
  if (node instanceof tf.Tensor || typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([key, child]) => [key, withLists(child)] as const);
  return entries.every(([key], i) => key === String(i)) ? entries.map(([, child]) => child) : Object.fromEntries(entries);
}

/** How many tensors a call keeps: those it returned. */
export function kept(call: () => unknown): number {
  const before = tf.memory().numTensors;
  const result = call();
  const after = tf.memory().numTensors;
  tf.dispose(result as tf.TensorContainer);
  return after - before;
}
