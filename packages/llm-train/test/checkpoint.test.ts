import { describe, expect, test } from 'vitest';
import { checksum, expired, last, load, newestFirst, type Saved, save } from '../src/checkpoint.ts';

describe('save and load', () => {
  test('numbers that JSON lacks come back', () => {
    const list = load(save([-0, 0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])) as number[];
    for (const [i, value] of [-0, 0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].entries()) expect(list[i]).toBe(value);
  });

  test('bytes that lie at an odd address load too', () => {
    const bytes = save({ text: '大模型', data: Float64Array.of(Math.PI) });
    const odd = new Uint8Array(bytes.length + 1);
    odd.set(bytes, 1);
    expect(load(odd.subarray(1))).toEqual({ text: '大模型', data: Float64Array.of(Math.PI) });
    expect(load(Buffer.from(odd.buffer, 1))).toEqual({ text: '大模型', data: Float64Array.of(Math.PI) }); // as readFile gives them
  });

  test('every flipped bit of a small file is noticed', () => {
    const bytes = save({ step: 3, rng: Uint32Array.of(1, 2) });
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => load(changed)).toThrow('load: expected a whole checkpoint');
    }
  });

  test('says what it cannot keep, and where', () => {
    const state = { run: [1, { at: new Date(0) }] } as unknown as Saved;
    expect(() => save(state)).toThrow('save: expected plain data, tensors and typed arrays, got state.run[1].at, which is object');
    expect(() => save({ $: 1 })).toThrow('got state'); // the mark of a block
  });
});

describe('checksum', () => {
  test('does not depend on the address, and sees length and order', () => {
    const bytes = Uint8Array.from({ length: 23 }, (_, i) => i * 11);
    const odd = new Uint8Array(24);
    odd.set(bytes, 1);
    expect(checksum(odd.subarray(1))).toBe(checksum(bytes));
    expect(checksum(bytes.subarray(0, 22))).not.toBe(checksum(bytes));
    expect(checksum(bytes.toReversed())).not.toBe(checksum(bytes));
  });
});

describe('newestFirst, expired and last', () => {
  test('go by the number', () => {
    const names = ['step-9.ckpt', 'step-10.ckpt', 'step-010.ckpt.tmp', 'a-step-11.ckpt'];
    expect(newestFirst(names)).toEqual(['step-10.ckpt', 'step-9.ckpt']);
    expect(expired(names, 1)).toEqual(['step-9.ckpt']);
    expect(() => expired(names, 0)).toThrow('expired: expected keep >= 1, got 0');
  });

  test('a file that cannot be read is no damaged file', async () => {
    const read = async (): Promise<Uint8Array> => {
      throw new Error('EACCES');
    };
    await expect(last(['step-1.ckpt'], read)).rejects.toThrow('EACCES');
  });
});
