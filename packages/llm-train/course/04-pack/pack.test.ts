import '@llm-ladder/grader/matchers';
import { describe, expect, test } from 'vitest';
import { documentMask, packDocs, pretrainExample } from './pack.ts';

describe('pretrainExample', () => {
  test('the worked row of the README', () => {
    expect(pretrainExample([7, 8], { maxLen: 5, bos: 1, pad: 0 })).toEqual({ x: [1, 7, 8, 0], y: [7, 8, 0, 0], mask: [1, 1, 0, 0] });
  });

  test('a long document is cut', () => {
    expect(pretrainExample([7, 8, 9, 10], { maxLen: 4, bos: 1, pad: 0 })).toEqual({ x: [1, 7, 8], y: [7, 8, 9], mask: [1, 1, 1] });
  });
});

describe('packDocs', () => {
  const docs = [[5, 6], [7, 8, 9]]; // biome-ignore format: one line

  test('the worked rows of the README', () => {
    expect(packDocs(docs, 3, 2).ids).toEqual([[5, 6, 2], [7, 8, 9]]); // biome-ignore format: one row per line would hide the cut
    expect(packDocs(docs, 4, 2)).toEqual({ ids: [[5, 6, 2, 7]], docId: [[0, 0, 0, 1]], pos: [[0, 1, 2, 0]] });
  });

  test('positions may count on through the row', () => {
    expect(packDocs(docs, 4, 2, { resetPos: false }).pos).toEqual([[0, 1, 2, 3]]);
  });
});

describe('documentMask', () => {
  test('later tokens and other documents are hidden', () => {
    const mask = documentMask([[0, 0, 1]]);
    expect(mask).toBeAllClose([[[[0, -1e9, -1e9], [0, 0, -1e9], [-1e9, -1e9, 0]]]]); // biome-ignore format: one row per query
  });
});
