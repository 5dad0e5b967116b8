import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { expired, last, load, newestFirst, save } from './checkpoint.ts';

const table = tf.tensor2d([[0.1, 0.2, 0.3], [1, 2, 3]]); // biome-ignore format: one row a line
const state = { weights: { embed: table, head: table }, rng: Uint32Array.of(7), data: { cursor: 3 }, lr: 2e-4 };

describe('save and load', () => {
  test('a state comes back', () => {
    const { weights, rng, data, lr } = load(save(state)) as typeof state;
    expect(weights.embed).toBeAllClose(table, { rtol: 0, atol: 0 });
    expect([rng[0], data.cursor, lr]).toEqual([7, 3, 2e-4]);
    expect(weights.head).toBe(weights.embed); // tied before, tied after
  });

  test('one changed bit is noticed', () => {
    const bytes = save(state);
    bytes[bytes.length - 20]! ^= 1;
    expect(() => load(bytes)).toThrow();
  });
});

describe('newestFirst, expired and last', () => {
  const names = ['step-9.ckpt', 'step-10.ckpt', 'step-11.ckpt.tmp', 'notes.txt'];

  test('10 is newer than 9, and half-written files do not count', () => {
    expect(newestFirst(names)).toEqual(['step-10.ckpt', 'step-9.ckpt']);
    expect(expired(names, 1)).toEqual(['step-9.ckpt']);
  });

  test('a damaged file is passed over', async () => {
    const read = async (name: string) => (name === 'step-10.ckpt' ? Uint8Array.of(1, 2, 3) : save({ step: 9 }));
    expect(await last(names, read)).toEqual({ name: 'step-9.ckpt', state: { step: 9 } });
  });
});
