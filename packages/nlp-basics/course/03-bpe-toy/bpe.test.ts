import { describe, expect, test } from 'vitest';
import { applyBpe, learnBpe } from './bpe.ts';

const english = new Map([['cold', 5], ['colder', 2], ['oldest', 3], ['told', 4]]); // biome-ignore format: one line
const chinese = new Map([['大学', 4], ['大学生', 3], ['学生', 5], ['中学生', 2], ['中学', 3]]); // biome-ignore format: one line

describe('learnBpe', () => {
  test('the worked numbers of the README', () => {
    expect(learnBpe(english, 4)).toEqual([['l', 'd'], ['o', 'ld'], ['c', 'old'], ['t', 'old']]); // biome-ignore format: one line
    expect(learnBpe(chinese, 3)).toEqual([['学', '生'], ['大', '学'], ['中', '学']]); // biome-ignore format: one line
  });

  test('stops when no pair is left', () => {
    expect(learnBpe(new Map([['ab', 1]]), 10)).toEqual([['a', 'b']]);
  });
});

describe('applyBpe', () => {
  test('cuts a word that was never seen', () => {
    expect(applyBpe('golden', learnBpe(english, 4))).toEqual(['g', 'old', 'e', 'n']);
  });

  test('the merge that was learned first goes first', () => {
    expect(applyBpe('abc', [['b', 'c'], ['a', 'b'], ['ab', 'c']])).toEqual(['a', 'bc']); // biome-ignore format: one line
  });
});
