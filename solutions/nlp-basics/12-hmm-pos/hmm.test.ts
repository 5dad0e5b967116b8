import '@llm-ladder/grader/matchers';
import { describe, expect, test } from 'vitest';
import { decode, fitHmm } from './hmm.ts';

const parse = (line: string) => line.split(' ').map((pair) => pair.split('/') as [word: string, tag: string]);
const hmm = fitHmm(['the/D can/N fell/V', 'she/P can/V swim/V', '这/D 锁/N 坏/V', '她/P 锁/V 门/N'].map(parse), 0.5);

describe('fitHmm', () => {
  test('the worked number of the README', () => {
    const two = fitHmm([parse('the/D can/N'), parse('she/P can/V swim/V')], 1);
    expect(two.tags).toEqual(['D', 'N', 'P', 'V']);
    expect(two.start).toBeAllClose([2 / 6, 1 / 6, 2 / 6, 1 / 6].map(Math.log));
    expect(two.trans[3]).toBeAllClose([1 / 7, 1 / 7, 1 / 7, 2 / 7].map(Math.log));
    expect(two.end[3]!).toBeCloseTo(Math.log(2 / 7), 9);
    expect(two.emit.get('can')![3]!).toBeCloseTo(Math.log(2 / 7), 9);
    expect(two.unknown[3]!).toBeCloseTo(Math.log(1 / 7), 9);
  });
});

describe('decode', () => {
  test('the word before decides', () => {
    expect(decode(hmm, ['the', 'can'])).toEqual(['D', 'N']);
    expect(decode(hmm, ['she', 'can', 'swim'])).toEqual(['P', 'V', 'V']);
    expect(decode(hmm, ['她', '锁', '门'])).toEqual(['P', 'V', 'N']);
  });

  test('a word that was never seen takes the tag that fits', () => {
    expect(decode(hmm, ['这', '灯', '坏'])).toEqual(['D', 'N', 'V']);
  });
});
