import { describe, expect, test } from 'vitest';
import { trainBpe } from './bbpe-train.ts';

describe('trainBpe', () => {
  test('the worked number of the README', () => {
    const { vocab, merges } = trainBpe(['low low low lower'], { vocab: 300, minFreq: 2 });
    expect(merges).toEqual([
      ['l', 'o'],
      ['lo', 'w'],
      ['Ġ', 'low'],
    ]);
    expect(vocab.size).toBe(259);
    expect(vocab.get('Ġlow')).toBe(258);
  });

  test('specials come first, then the bytes', () => {
    const { vocab } = trainBpe([], { vocab: 300, special: ['<pad>', '<end>'] });
    expect(vocab.size).toBe(258);
    expect([vocab.get('<pad>'), vocab.get('<end>'), vocab.get('!'), vocab.get('a'), vocab.get('Ġ')]).toEqual([0, 1, 2, 66, 222]);
  });

  test('a Chinese character is three bytes', () => {
    const { merges } = trainBpe(['中中中'], { vocab: 258 });
    expect(merges).toEqual([
      ['¸', 'Ń'],
      ['ä', '¸Ń'],
    ]);
  });

  test('stops when the vocabulary is full', () => {
    expect(trainBpe(['low low low lower'], { vocab: 257 }).merges).toEqual([['l', 'o']]);
  });
});
