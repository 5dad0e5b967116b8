import fs from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, test } from 'vitest';
import { openSafetensors, writeSafetensors } from '../src/safetensors-file.ts';
import { temporaryFolder } from './fixtures.ts';

const temporary = temporaryFolder();

/** A file by hand: a header as text and as many bytes behind it. */
function file(header: string | object, data: Uint8Array | number, headerLength?: number): string {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const tail = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + json.length + tail.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(tail, 8 + json.length);
  const at = path.join(fs.mkdtempSync(path.join(temporary, 'file-')), 'model.safetensors');
  fs.writeFileSync(at, bytes);
  return at;
}

const entry = (dtype: string, shape: unknown, begin: number, end: number) => ({ dtype, shape, data_offsets: [begin, end] });

async function readAll(at: string): Promise<Record<string, number[]>> {
  const opened = await openSafetensors(at);
  const found: Record<string, number[]> = {};
  for (const name of opened.shapes.keys()) found[name] = [...(await opened.read(name))];
  await opened.close();
  return found;
}

describe('openSafetensors', () => {
  test('float32, float16 and bfloat16, whatever their order in the file', async () => {
    const data = new Uint8Array(20);
    const view = new DataView(data.buffer);
    for (const [i, x] of [1.5, -2].entries()) view.setFloat32(12 + 4 * i, x, true);
    for (const [i, bits] of [0x3c00, 0x8001, 0x7c00].entries()) view.setUint16(2 * i, bits, true); // 1, the smallest below 0, infinity
    for (const [i, bits] of [0x3f80, 0xc2f7, 0x0000].entries()) view.setUint16(6 + 2 * i, bits, true); // 1, -123.5, 0
    const header = {
      b: entry('BF16', [1, 3], 6, 12),
      f: entry('F32', [2], 12, 20),
      h: entry('F16', [3], 0, 6),
      none: entry('F32', [0], 20, 20),
    };
    expect(await readAll(file(header, data))).toEqual({ b: [1, -123.5, 0], f: [1.5, -2], h: [1, -(2 ** -24), Infinity], none: [] });
  });

  test('every float16 is the number that its bits say', async () => {
    const bits = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
    const { h } = await readAll(file({ h: entry('F16', [65536], 0, 131072) }, new Uint8Array(bits.buffer)));
    // Slowly: the fraction bit by bit.
    const slow = (half: number) => {
      let value = (half >> 10) & 31 ? 1 : 0;
      for (let bit = 0; bit < 10; bit++) if ((half >> bit) & 1) value += 2 ** (bit - 10);
      const exponent = (half >> 10) & 31;
      const size = exponent === 31 ? (half & 1023 ? NaN : Infinity) : value * 2 ** (Math.max(exponent, 1) - 15);
      return half >> 15 ? -size : size;
    };
    expect(h).toEqual(Array.from(bits, slow));
  });

  const one = entry('F32', [2], 0, 8);
  test.each<[what: string, at: string, says: string]>([
    ['an empty file', file('', 0), 'a JSON object as the safetensors header, got ""'],
    ['a header longer than the file', file({ a: one }, 8, 10_000), 'a safetensors header of at most'],
    ['a header of 2^62 bytes', file({ a: one }, 8, 2 ** 62), 'a safetensors header of at most'],
    ['a header that is no JSON', file('{"a": ', 8), 'a JSON object as the safetensors header, got'],
    ['a header that is a list', file('[1]', 8), 'a JSON object as the safetensors header, got "[1]"'],
    [
      'a name twice',
      file(`{"a":${JSON.stringify(one)} , "\\u0061" : ${JSON.stringify(one)}}`, 8),
      'each name once in the header, got "a" twice',
    ],
    ['an entry without offsets', file({ a: { dtype: 'F32', shape: [2] } }, 8), 'a dtype, a shape and two data_offsets'],
    ['an entry that is null', file({ a: null }, 8), 'a dtype, a shape and two data_offsets'],
    ['an unknown dtype', file({ a: entry('F5', [2], 0, 8) }, 8), 'a dtype among F64, I64, U64, F32'],
    ['a negative length', file({ a: entry('F32', [-2], 0, 8) }, 8), 'a: expected a shape of whole numbers, got [-2]'],
    ['lengths that cannot be counted', file({ a: entry('F32', [2 ** 40, 2 ** 40], 0, 8) }, 8), 'a: expected a shape of whole numbers'],
    ['a size that is not the shape', file({ a: entry('F32', [3], 0, 8) }, 8), 'a: expected 12 bytes of F32 [3], got data_offsets [0,8]'],
    ['an offset below 0', file({ a: entry('F32', [2], -4, 4) }, 8), 'a: expected 8 bytes of F32 [2], got data_offsets [-4,4]'],
    [
      'tensors that overlap',
      file({ a: one, b: entry('F32', [2], 4, 12) }, 12),
      'b: expected its bytes to start at 8, without gap or overlap, got 4',
    ],
    ['the same bytes twice', file({ a: one, b: one }, 8), 'b: expected its bytes to start at 8, without gap or overlap, got 0'],
    ['a gap', file({ a: one, b: entry('F32', [2], 12, 20) }, 20), 'b: expected its bytes to start at 8, without gap or overlap, got 12'],
    ['a cut file', file({ a: entry('F32', [20], 0, 80) }, 70), 'expected 80 bytes of tensors, as its header says, got 70'],
    ['bytes too many', file({ a: one }, 9), 'expected 8 bytes of tensors, as its header says, got 9'],
    ['terabytes', file({ a: entry('F32', [1e12], 0, 4e12) }, 8), 'expected 4000000000000 bytes of tensors, as its header says, got 8'],
  ])('refuses %s in one line', async (_, at, says) => {
    const before = process.memoryUsage().arrayBuffers;
    const error = await openSafetensors(at).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(says);
    expect((error as Error).message).toContain(at);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });

  test('refuses 7 bytes, a tensor that is not there, and a kind of number that it does not read', async () => {
    const short = path.join(temporary, 'short.safetensors');
    fs.writeFileSync(short, new Uint8Array(7));
    await expect(openSafetensors(short)).rejects.toThrow('a safetensors file, 8 bytes or more, got 7');
    const opened = await openSafetensors(file({ a: entry('I64', [1], 0, 8) }, 8));
    await expect(opened.read('b')).rejects.toThrow('expected a tensor "b", got 1 others');
    await expect(opened.read('a')).rejects.toThrow('expected F32, F16 or BF16 in "a", got I64');
    expect(await opened.stored('a')).toEqual({ dtype: 'I64', shape: [1], numbers: BigInt64Array.of(0n) });
    await expect(opened.stored('b')).rejects.toThrow('expected a tensor "b", got 1 others');
    await opened.close();
  });
});

describe('a file beyond 2 GiB', () => {
  const length = 2 ** 29 + 2; // 2^31 + 8 bytes
  const large = (): string => {
    const at = file({ a: entry('F32', [length], 0, 4 * length), b: entry('F32', [2], 4 * length, 4 * length + 8) }, 0);
    const start = fs.statSync(at).size;
    const descriptor = fs.openSync(at, 'r+');
    const put = (from: number, ...numbers: number[]) => fs.writeSync(descriptor, Float32Array.from(numbers), 0, 4 * numbers.length, from);
    put(start, 1); // a hole between: the disk holds a few bytes of it
    put(start + 4 * length - 4, 2, 3, 4);
    fs.closeSync(descriptor);
    return at;
  };

  test('the tensor behind one of 2^31 + 8 bytes', async () => {
    const opened = await openSafetensors(large());
    expect(opened.shapes.get('a')).toEqual([length]);
    expect([...(await opened.read('b'))]).toEqual([3, 4]);
    await opened.close();
  });

  // Minutes on a machine that is slow to give 2 GiB of memory.
  test.skipIf(process.env.LADDER_LARGE_FILES === undefined)(
    'the tensor of 2^31 + 8 bytes itself, and back (skipped without LADDER_LARGE_FILES=1)',
    async () => {
      const opened = await openSafetensors(large());
      const a = await opened.read('a');
      await opened.close();
      expect([a.length, a[0], a[1], a.at(-2), a.at(-1)]).toEqual([length, 1, 0, 0, 2]);
      const at = path.join(temporary, 'copy.safetensors');
      const handle = await open(at, 'w');
      await writeSafetensors(handle, [{ name: 'a', shape: [length], data: async () => a }]);
      await handle.close();
      const last = new Float32Array(2);
      const descriptor = fs.openSync(at, 'r');
      const { size } = fs.fstatSync(descriptor);
      fs.readSync(descriptor, last, 0, 8, size - 8);
      fs.closeSync(descriptor);
      expect([...last]).toEqual([0, 2]);
      expect(size % 8).toBe(0);
      expect(size - 4 * length).toBeLessThan(200);
    },
    600_000,
  );
});

describe('writeSafetensors', () => {
  test('what was written is read again, and only one tensor is asked for at a time', async () => {
    const at = path.join(temporary, 'written.safetensors');
    let running = 0;
    const tensors = Array.from({ length: 5 }, (_, i) => ({
      name: `t.${i}"é`,
      shape: [i, 3],
      data: async () => {
        expect(++running).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return Float32Array.from({ length: 3 * i }, (_, j) => i + j / 7);
      },
    }));
    const handle = await open(at, 'w');
    await writeSafetensors(handle, tensors);
    await handle.close();
    const expected = tensors.map(({ name }, i) => [name, Array.from({ length: 3 * i }, (_, j) => Math.fround(i + j / 7))]);
    expect(await readAll(at)).toEqual(Object.fromEntries(expected));
    expect(fs.readFileSync(at).readUInt32LE(0) % 8).toBe(0); // so the tensors start at a multiple of 8
  });

  test('refuses data that is not as long as its shape says', async () => {
    const handle = await open(path.join(temporary, 'wrong.safetensors'), 'w');
    const wrong = { name: 'a', shape: [2, 2], data: async () => new Float32Array(3) };
    await expect(writeSafetensors(handle, [wrong])).rejects.toThrow('writeSafetensors: expected 4 numbers of a, got 3');
    await handle.close();
  });
});
