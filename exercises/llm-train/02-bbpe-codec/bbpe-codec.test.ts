import { BYTE_CHARS, BYTES_IN_ORDER } from '@llm-ladder/llm-train/pretokens';
import { describe, expect, test } from 'vitest';
import { StreamDecoder, Tokenizer } from './bbpe-codec.ts';

const special = ['<end>'];
const bytes = BYTES_IN_ORDER.map((byte) => BYTE_CHARS[byte]!);

/** A vocabulary of bytes, merges, and the specials at the end. */
function options(merges: [string, string][], specials: string[] = []) {
  const tokens = [...bytes, ...merges.map((pair) => pair.join('')), ...specials];
  return { vocab: new Map(tokens.map((token, id) => [token, id])), merges, special: specials };
}

describe('Tokenizer', () => {
  test('the pair that was learned first is merged first, as in the README', () => {
    expect(new Tokenizer(options([['a', 'b'], ['b', 'c']])).encode('abc')).toEqual([256, 66]); // biome-ignore format: one line
    expect(new Tokenizer(options([['b', 'c'], ['a', 'b']])).encode('abc')).toEqual([64, 256]); // biome-ignore format: one line
  });

  test('a text comes back', () => {
    const tokenizer = new Tokenizer(options([['a', 'b']]));
    const text = 'ab 中文，🙂\n';
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  test('a special in a text is text unless it is allowed', () => {
    const tokenizer = new Tokenizer(options([], special));
    expect(tokenizer.encode('a<end>')).toHaveLength(6);
    expect(tokenizer.encode('a<end>', { allowSpecial: true })).toEqual([64, 256]);
    expect(tokenizer.decode([64, 256])).toBe('a<end>');
    expect(tokenizer.decode([64, 256], { skipSpecial: true })).toBe('a');
  });
});

describe('StreamDecoder', () => {
  test('a character comes when its last byte is there', () => {
    const ids = new Tokenizer(options([])).encode('中');
    const stream = new StreamDecoder(options([]));
    expect(ids.map((id) => stream.push(id))).toEqual(['', '', '中']);
    expect(stream.end()).toBe('');
  });
});
