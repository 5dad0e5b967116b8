import { describe, expect, test } from 'vitest';
import { filters, lshDedup, minhash, shingles } from './corpus-clean.ts';

const ENGLISH = 'The ferry leaves the old harbour at six, and by noon its passengers walk along the beach of the island.';
const CHINESE =
  '渡船六点钟离开老码头，中午时分，乘客们已经在小岛的沙滩上散步了。傍晚他们又坐同一条船回来，甲板上晒着渔网，海面上只剩下一点灯火。';

describe('filters', () => {
  test('good texts break no rule', () => {
    expect(filters(ENGLISH)).toEqual([]);
    expect(filters(CHINESE)).toEqual([]);
  });

  test('bad ones do', () => {
    expect(filters('太短')).toEqual(['short']);
    expect(filters(`${ENGLISH}${'|=- '.repeat(20)}`)).toEqual(['symbols']);
    expect(filters('点击阅读全文\n'.repeat(30))).toEqual(['lines', 'loop']);
    expect(filters(`${ENGLISH}\nRead more...\n登录后查看…`)).toEqual(['cut']);
  });
});

describe('minhash', () => {
  test('the share of equal places is near the Jaccard similarity', () => {
    const [a, b] = [shingles('今天天气好', 2), shingles('今天天气很好', 2)]; // 3 of 6 are shared
    const [one, other] = [minhash(a, 1024, 7), minhash(b, 1024, 7)];
    const equal = one.filter((value, i) => value === other[i]).length;
    expect(Math.abs(equal / 1024 - 0.5)).toBeLessThan(3 / Math.sqrt(1024));
  });
});

describe('lshDedup', () => {
  test('the longest of near-duplicates stays', async () => {
    const docs = [ENGLISH, CHINESE, `${ENGLISH.slice(0, -1)}!!`, CHINESE.replace('一点灯火', '一点点灯火')];
    expect(await lshDedup(docs, 0.8)).toEqual([2, 3]);
  });

  test('the comparison decides', async () => {
    const docs = [ENGLISH, `${ENGLISH}!`];
    expect(await lshDedup(docs, 0.8, { compare: async () => 0.5 })).toEqual([0, 1]);
  });
});
