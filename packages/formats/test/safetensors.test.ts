import { tf, useBackend } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { beforeAll, describe, expect, test } from 'vitest';
import { narrow, readSafetensors } from '../src/safetensors.ts';
import { tensorsOf } from '../src/tensors.ts';

type Written = readonly [dtype: string, shape: readonly number[], numbers: ArrayBufferView];

/** A file by hand, each tensor behind the one before it. `shift` puts it at an odd place of a larger buffer. */
function bytesOf(tensors: Readonly<Record<string, Written>>, metadata?: unknown, shift = 0): Uint8Array {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, [dtype, shape, { byteLength }]]) => {
    const begin = end;
    end += byteLength;
    return [name, { dtype, shape, data_offsets: [begin, end] }];
  });
  const json = new TextEncoder().encode(
    JSON.stringify({ ...(metadata !== undefined && { __metadata__: metadata }), ...Object.fromEntries(entries) }),
  );
  const bytes = new Uint8Array(new ArrayBuffer(shift + 8 + json.length + end), shift);
  new DataView(bytes.buffer, shift).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  let at = 8 + json.length;
  for (const [, , { buffer, byteOffset, byteLength }] of Object.values(tensors)) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

const all = {
  f64: ['F64', [2], Float64Array.of(0.1, -1e300)],
  i64: ['I64', [1, 2], BigInt64Array.of(-(2n ** 62n), 7n)],
  u64: ['U64', [1], BigUint64Array.of(2n ** 63n)],
  f32: ['F32', [2, 1], Float32Array.of(0.5, -3)],
  i32: ['I32', [2], Int32Array.of(-(2 ** 31), 5)],
  u32: ['U32', [1], Uint32Array.of(2 ** 32 - 1)],
  f16: ['F16', [2], Uint16Array.of(0x3c00, 0xc000)],
  bf16: ['BF16', [2], Uint16Array.of(0x3f80, 0xc2f7)],
  i16: ['I16', [1], Int16Array.of(-300)],
  u16: ['U16', [1], Uint16Array.of(65535)],
  i8: ['I8', [1], Int8Array.of(-5)],
  u8: ['U8', [3], Uint8Array.of(1, 2, 255)],
  bool: ['BOOL', [2], Uint8Array.of(1, 0)],
  none: ['F32', [0, 4], new Float32Array(0)],
} satisfies Record<string, Written>;

describe('readSafetensors', () => {
  test.each([0, 3])('every dtype as the file has it, wherever the bytes lie (%i bytes in)', (shift) => {
    const { tensors, metadata } = readSafetensors(bytesOf(all, { seed: '7' }, shift), 'all');
    expect(metadata).toEqual({ seed: '7' });
    const halves: Record<string, Float32Array> = { f16: Float32Array.of(1, -2), bf16: Float32Array.of(1, -123.5) };
    for (const [name, [dtype, shape, numbers]] of Object.entries(all))
      expect(tensors.get(name), name).toEqual({ dtype, shape, numbers: halves[name] ?? numbers });
    expect(tensors.size).toBe(Object.keys(all).length);
  });

  test('no metadata is none; other than texts is refused', () => {
    expect(readSafetensors(bytesOf({ bool: all.bool }), 'x').metadata).toEqual({});
    expect(() => readSafetensors(bytesOf({ bool: all.bool }, { seed: 7 }), 'x')).toThrow(
      'x: expected __metadata__ of texts, got {"seed":7}',
    );
    expect(() => readSafetensors(bytesOf({ bool: all.bool }, ['a']), 'x')).toThrow('__metadata__ of texts');
  });

  test('refuses what is cut off, too long or of no known number', () => {
    const bytes = bytesOf({ f32: all.f32 });
    for (const wrong of [bytes.subarray(0, 5), bytes.subarray(0, 20), bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.alloc(1)])])
      expect(() => readSafetensors(wrong, 'x')).toThrow(UsageError);
    expect(() => readSafetensors(bytesOf({ a: ['F8_E4M3', [1], Uint8Array.of(1)] }), 'x')).toThrow('x: a: expected one of F64, I64');
  });
});

describe('narrow', () => {
  const narrowed = (name: keyof typeof all) => narrow(readSafetensors(bytesOf({ [name]: all[name] }), 'x').tensors.get(name)!, 'x');

  test('floats become float32, whole numbers int32, BOOL bool', () => {
    expect(narrowed('f64')).toEqual({ dtype: 'float32', shape: [2], numbers: Float32Array.of(0.1, -1e300) });
    expect(narrowed('u8')).toEqual({ dtype: 'int32', shape: [3], numbers: Int32Array.of(1, 2, 255) });
    expect(narrowed('i16')).toEqual({ dtype: 'int32', shape: [1], numbers: Int32Array.of(-300) });
    expect(narrowed('bool')).toEqual({ dtype: 'bool', shape: [2], numbers: Uint8Array.of(1, 0) });
    const small = readSafetensors(bytesOf({ a: ['I64', [2], BigInt64Array.of(-(2n ** 31n), 9n)] }), 'x').tensors.get('a')!;
    expect(narrow(small, 'x').numbers).toEqual(Int32Array.of(-(2 ** 31), 9));
  });

  test.each(['i64', 'u64', 'u32'] as const)('%s outside int32 is refused, never wrapped', (name) => {
    expect(() => narrowed(name)).toThrow('x: expected whole numbers that int32 holds');
  });
});

describe('tensorsOf', () => {
  beforeAll(async () => void (await useBackend('cpu')));

  test('TF.js tensors with the shapes and dtypes of the file', () => {
    const { f32, u8, bool, none } = all;
    const before = tf.memory().numTensors;
    const tensors = tensorsOf(bytesOf({ f32, u8, bool, none }), 'x');
    const seen = Object.entries(tensors).map(([name, one]) => [name, one.dtype, one.shape, [...one.dataSync()]]);
    expect(seen).toEqual([
      ['f32', 'float32', [2, 1], [0.5, -3]],
      ['u8', 'int32', [3], [1, 2, 255]],
      ['bool', 'bool', [2], [1, 0]],
      ['none', 'float32', [0, 4], []],
    ]);
    tf.dispose(tensors);
    expect(tf.memory().numTensors).toBe(before);
  });
});
