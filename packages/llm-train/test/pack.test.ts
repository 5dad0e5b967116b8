import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { onEveryBackend } from '../../transformer/test/every-backend.ts';
import { kept } from '../../transformer/test/goldens.ts';
import { documentMask, packDocs, pretrainExample } from '../src/pack.ts';

onEveryBackend(() => {
  test('documents of a row do not see each other', () => {
    const mask = documentMask([[0, 1, 1]]);
    expect(mask).toBeAllClose([[[[0, -1e9, -1e9], [-1e9, 0, -1e9], [-1e9, 0, 0]]]]); // biome-ignore format: one row per query
    expect(kept(() => documentMask([[0, 1, 1]]))).toBe(1);
    tf.dispose(mask);
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
