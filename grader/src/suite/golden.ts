/** Fixtures of an exercise: named tensors with a header that says where they came from, or JSON. */
import path from 'node:path';
import { GraderError, UsageError } from '@llm-ladder/backend/errors';
import { narrow, readSafetensors } from '@llm-ladder/formats/safetensors';
import { TensorValue } from '../box/values.ts';
import { readCourseFile } from '../seal/course-files.ts';
import type { Golden } from './types.ts';

const loaded = new Map<string, Promise<Golden>>();

/** `fixtures/<name>.safetensors` (or `.json`) of a course folder; read once. GraderError when there is none. */
export function loadGolden(courseDir: string, name: string): Promise<Golden> {
  const stem = path.join(courseDir, 'fixtures', name);
  const known = loaded.get(stem);
  if (known) return known;
  const golden = read(courseDir, name);
  loaded.set(stem, golden);
  golden.catch(() => loaded.delete(stem));
  return golden;
}

async function read(courseDir: string, name: string): Promise<Golden> {
  const bytes = await readCourseFile(courseDir, `fixtures/${name}.safetensors`);
  if (bytes) return parseSafetensors(bytes, name);
  const text = await readCourseFile(courseDir, `fixtures/${name}.json`);
  if (!text) {
    const stem = path.join(courseDir, 'fixtures', name);
    throw new GraderError('fixture', `${stem}: expected a .safetensors or .json file, got none`);
  }
  return JSON.parse(new TextDecoder().decode(text));
}

/**
 * Named tensors of a safetensors file (F64 and I64 narrowed) and `meta`, its header's `__metadata__`. GraderError for bytes that are cut off or lie, for whole
 * numbers outside int32, and for a file without metadata.
 */
export function parseSafetensors(
  bytes: Uint8Array,
  name: string,
): Record<string, TensorValue> & { readonly meta: Readonly<Record<string, string>> } {
  try {
    const { tensors, metadata } = readSafetensors(bytes, name);
    if (Object.keys(metadata).length === 0) throw new UsageError(name, '__metadata__ with versions and seed', 'none');
    const narrowed = Array.from(tensors, ([key, tensor]) => {
      const { dtype, shape, numbers } = narrow(tensor, `${name}: ${key}`);
      return [key, new TensorValue(dtype, shape, numbers)] as const;
    });
    return Object.defineProperty(Object.fromEntries(narrowed), 'meta', { value: metadata, enumerable: false }) as never;
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new GraderError('fixture', cause.message, { cause }); // a broken fixture is no fault of whoever runs the test
  }
}
