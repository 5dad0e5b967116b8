import { useBackend } from '@llm-ladder/backend';
import { kept } from '@llm-ladder/testing/kept';
import { beforeAll, describe, expect, test } from 'vitest';
import { documentMask, packDocs, pretrainExample } from '../src/pack.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('documentMask', () => {
  test('keeps one tensor', () => {
    expect(kept(() => documentMask([[0, 1, 1]]))).toBe(1);
  });
});

describe('packDocs', () => {
  test('packs a hundred thousand tokens', () => {
    const docs = Array.from({ length: 1000 }, (_, d) => Array.from({ length: 99 }, () => 3 + d));
    const { ids, docId, pos } = packDocs(docs, 512, 2);
    expect(ids).toHaveLength(195);
    expect([ids[1]![88], docId[1]![88], pos[1]![88]]).toEqual([9, 6, 0]); // place 600 of the stream: the seventh document begins
  });

  test('says which length it cannot take', () => {
    expect(() => packDocs([[1]], 1, 2)).toThrow('packDocs: expected len of at least 2, got 1');
    expect(() => pretrainExample([1], { maxLen: 0, bos: 1, pad: 0 })).toThrow('pretrainExample: expected maxLen of at least 2, got 0');
  });
});
