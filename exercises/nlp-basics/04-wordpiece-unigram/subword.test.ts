import { describe, expect, test } from 'vitest';
import { unigramViterbi, wordpiece } from './subword.ts';

describe('wordpiece', () => {
  test('the worked numbers of the README', () => {
    const vocab = new Set(['re', '##learn', '##ing', 'learn']);
    expect(wordpiece('relearning', vocab, '[UNK]')).toEqual(['re', '##learn', '##ing']);
    expect(wordpiece('learning', vocab, '[UNK]')).toEqual(['learn', '##ing']);
    expect(wordpiece('relearned', vocab, '[UNK]')).toEqual(['[UNK]']);
    expect(wordpiece('大学生', new Set(['大', '大学', '##学', '##生']), '[UNK]')).toEqual(['大学', '##生']);
  });
});

describe('unigramViterbi', () => {
  test('the worked numbers of the README', () => {
    const english = new Map([['the', -2], ['theme', -3], ['men', -2], ['n', -6]]); // biome-ignore format: one line
    expect(unigramViterbi('themen', english)).toEqual({ pieces: ['the', 'men'], score: -4 });
    const chinese = new Map([['大', -4], ['学', -4], ['生', -3], ['大学', -5], ['学生', -4.5]]); // biome-ignore format: one line
    expect(unigramViterbi('大学生', chinese)).toEqual({ pieces: ['大学', '生'], score: -8 });
  });

  test('a word that cannot be cut', () => {
    expect(unigramViterbi('abc', new Map([['ab', -1]]))).toEqual({ pieces: [], score: -Infinity });
  });
});
