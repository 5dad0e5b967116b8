/** The PyTorch fixtures of the course as TF.js tensors. */
import fs from 'node:fs';
import path from 'node:path';
import { tf } from '@llm-ladder/backend';
import { tensorsOf } from '@llm-ladder/formats/tensors';

export type Goldens = { readonly [tensor: string]: never }; // `never` fits every rank that a test asks for

/** `goldens('01-sdpa', 'sdpa')`: every tensor of the file by its name, on the current backend. */
export const goldens = goldensOf(import.meta.dirname);

/** The same for another module, found from its `test` folder. */
export function goldensOf(testFolder: string): (folder: string, name: string) => Goldens {
  return (folder, name) => {
    const file = path.resolve(testFolder, '..', 'course', folder, 'fixtures', `${name}.safetensors`);
    return tensorsOf(fs.readFileSync(file), file) as Goldens;
  };
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
