/** Files of a model in the cache, for a hidden suite: read by the grader, outside the box. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { GraderError } from '@llm-ladder/backend/errors';
import { modelFolder, modelHere } from '@llm-ladder/data/model-cache';
import { narrow, openSafetensors } from '@llm-ladder/formats';
import { TensorValue } from '../box/values.ts';

export interface Asset {
  readonly name: string;
  /** The model's folder. */
  readonly folder: string;
  /** Names of its files, as `path` and the readers take them. */
  readonly files: readonly string[];
  /** Absolute path of one of its files. Every function here throws GraderError for a file that it does not have. */
  readonly path: (file: string) => string;
  readonly bytes: (file: string) => Promise<Uint8Array>;
  readonly text: (file: string) => Promise<string>;
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it lies on disk; the test knows its form
  readonly json: (file: string) => Promise<any>;
  /** Weights by their names, from a safetensors file: floats as float32, whole numbers as int32. All of them, or those that are named. */
  readonly tensors: (options?: { readonly file?: string; readonly names?: readonly string[] }) => Promise<Record<string, TensorValue>>;
}

/** A model that is in the cache. GraderError for one that `requires` does not name: without it the test would fail where the model is absent. */
export function openAsset(name: string, required: readonly string[]): Asset {
  if (!required.includes(`model:${name}`)) {
    const hint = `requires: ['model:${name}'] in the options of the test, or in exercise.ts`;
    throw new GraderError('asset', `asset: expected a model that the test requires (${required.join(', ') || 'none'}), got ${name}`, {
      hint,
    });
  }
  const record = modelHere(name);
  if (record === undefined)
    throw new GraderError('asset', `asset: expected the model ${name} in the cache, got none`, { hint: `ladder model add ${name}` });
  const folder = modelFolder(name);
  const files = record.files.map((file) => file.path);
  const at = (file: string): string => {
    if (files.includes(file)) return path.join(folder, file);
    throw new GraderError('asset', `asset ${name}: expected one of ${files.join(', ')}, got ${file}`);
  };
  const text = (file: string): Promise<string> => ours(name, () => readFile(at(file), 'utf8'));
  return {
    name,
    folder,
    files,
    path: at,
    bytes: (file) => ours(name, () => readFile(at(file))),
    text,
    json: (file) => ours(name, async () => JSON.parse(await text(file)) as unknown),
    tensors: ({ file = 'model.safetensors', names } = {}) => ours(name, () => readTensors(at(file), names)),
  };
}

/** What goes wrong in a file of ours must not read as a fault of the learner's. */
async function ours<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof GraderError) throw cause;
    throw new GraderError('asset', `asset ${name}: ${(cause as Error).message}`, { cause });
  }
}

async function readTensors(file: string, names: readonly string[] | undefined): Promise<Record<string, TensorValue>> {
  const weights = await openSafetensors(file);
  try {
    const tensors: Record<string, TensorValue> = {};
    for (const name of names ?? weights.shapes.keys()) {
      const { dtype, shape, numbers } = narrow(await weights.stored(name), `${file}: ${name}`);
      tensors[name] = new TensorValue(dtype, shape, numbers);
    }
    return tensors;
  } finally {
    await weights.close();
  }
}
