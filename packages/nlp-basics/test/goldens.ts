/** The fixtures of the course as TF.js tensors. */
import fs from 'node:fs';
import path from 'node:path';
import { tf } from '@llm-ladder/backend';
import { tensorsOf } from '@llm-ladder/formats/tensors';

/** `goldens('06-skipgram-ns', 'sgns')`: every tensor of the file by its name, on the current backend. */
export function goldens(folder: string, name: string): { readonly [tensor: string]: never } {
  const file = path.resolve(import.meta.dirname, '..', 'course', folder, 'fixtures', `${name}.safetensors`);
  return tensorsOf(fs.readFileSync(file), file) as { readonly [tensor: string]: never }; // `never` fits every rank that a test asks for
}

/** How many tensors a call keeps: those it returned. */
export function kept(call: () => unknown): number {
  const before = tf.memory().numTensors;
  const result = call();
  const after = tf.memory().numTensors;
  tf.dispose(result as tf.TensorContainer);
  return after - before;
}
