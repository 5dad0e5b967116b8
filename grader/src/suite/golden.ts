/** Fixtures of an exercise: named tensors with a header that says where they came from, or JSON. */
import path from 'node:path';
import { GraderError } from '@llm-ladder/backend/errors';
import { type DType, TensorValue } from '../box/values.ts';
import { readCourseFile } from '../seal/course-files.ts';
import type { Golden } from './types.ts';

const READERS: Record<string, { dtype: DType; bytes: number; read: (view: DataView, at: number) => number }> = {
  F32: { dtype: 'float32', bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F64: { dtype: 'float32', bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  I32: { dtype: 'int32', bytes: 4, read: (view, at) => view.getInt32(at, true) },
  I64: { dtype: 'int32', bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  BOOL: { dtype: 'bool', bytes: 1, read: (view, at) => view.getUint8(at) },
  U8: { dtype: 'int32', bytes: 1, read: (view, at) => view.getUint8(at) },
};

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

/** Named tensors of a safetensors file (F64 and I64 narrowed) and `meta`, its header's `__metadata__`. */
export function parseSafetensors(
  bytes: Uint8Array,
  name: string,
): Record<string, TensorValue> & { readonly meta: Readonly<Record<string, string>> } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerSize = bytes.byteLength >= 8 ? Number(view.getBigUint64(0, true)) : Number.POSITIVE_INFINITY;
  if (8 + headerSize > bytes.byteLength)
    throw new GraderError('fixture', `${name}: expected a safetensors header, got ${bytes.byteLength} bytes`);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerSize))) as Record<string, unknown>;
  const { __metadata__: meta, ...entries } = header;
  if (meta === undefined) throw new GraderError('fixture', `${name}: expected __metadata__ with versions and seed, got none`);
  const tensors: Record<string, TensorValue> = {};
  for (const [key, value] of Object.entries(entries)) {
    const { dtype, shape, data_offsets: offsets } = value as { dtype: string; shape: number[]; data_offsets: [number, number] };
    const reader = READERS[dtype];
    const size = shape.reduce((product, n) => product * n, 1);
    const start = 8 + headerSize + offsets[0];
    if (!reader || offsets[1] - offsets[0] !== size * (reader?.bytes ?? 0) || start + size * reader.bytes > bytes.byteLength)
      throw new GraderError(
        'fixture',
        `${name}: ${key}: expected ${Object.keys(READERS).join(', ')} data of its shape, got ${dtype} [${shape}]`,
      );
    const values =
      reader.dtype === 'float32' ? new Float32Array(size) : reader.dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
    for (let i = 0; i < size; i++) values[i] = reader.read(view, start + i * reader.bytes);
    tensors[key] = new TensorValue(reader.dtype, shape, values);
  }
  return Object.defineProperty(tensors, 'meta', { value: meta, enumerable: false }) as never;
}
