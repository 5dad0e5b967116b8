import { expect, test } from 'vitest';
import { splitter } from '../src/special-tokens.ts';

test('the longest literal wins, characters of regular expressions are plain, and literals stay', () => {
  expect('a<|x|>b<|x|>>[c]'.split(splitter(['<|x|>', '<|x|>>', '[c]']))).toEqual(['a', '<|x|>', 'b', '<|x|>>', '', '[c]', '']);
});

test('without literals nothing is cut', () => {
  expect('a b'.split(splitter([]))).toEqual(['a b']);
});
