import fs from 'node:fs';
import path from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, test } from 'vitest';
import { readTokenizerJson, tokenizerJson } from '../../src/formats/tokenizer-json.ts';
import { makeTokenizer } from '../../src/formats/tokenizer-parts.ts';
import { Tokenizer, trainBpe } from '../../src/index.ts';
import { folderGoldens, folderOf } from './fixture-folders.ts';

const read = (name: string) => fs.readFileSync(path.join(folderOf(name), 'tokenizer.json'), 'utf8');
const special = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'];
const parts = { ...trainBpe(['a small ship, a small sea 小船小海'], { vocab: 270, special }), special };

describe('readTokenizerJson', () => {
  test.each(['digits', 'sharded'])("gives Hugging Face's ids with their tokenizer %s", (name) => {
    const { texts } = folderGoldens(name);
    const tokenizer = makeTokenizer(readTokenizerJson(read(name), name));
    for (const { text, ids, idsWithSpecials } of texts) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
      expect(tokenizer.encode(text, { allowSpecial: true }), JSON.stringify(text)).toEqual(idsWithSpecials);
    }
  });

  test('the two settings count: without them some ids differ', () => {
    const differing = (name: string, drop: 'singleDigits' | 'normalize') => {
      const { [drop]: _, ...rest } = readTokenizerJson(read(name), name);
      const tokenizer = makeTokenizer(rest);
      return folderGoldens(name).texts.filter(({ text, ids }) => `${tokenizer.encode(text)}` !== `${ids}`).length;
    };
    expect(differing('digits', 'singleDigits')).toBeGreaterThan(0);
    expect(differing('sharded', 'normalize')).toBeGreaterThan(0);
  });

  test('reads what was written', () => {
    expect(readTokenizerJson(tokenizerJson(parts), 'ours')).toEqual(parts);
    const other = { ...parts, singleDigits: true, normalize: 'NFKC' } as const;
    expect(readTokenizerJson(tokenizerJson(other), 'ours')).toEqual(other);
  });

  const byteLevel = { type: 'ByteLevel', add_prefix_space: false };
  test.each<[change: object, says: string]>([
    [{ pre_tokenizer: { type: 'Metaspace', replacement: '▁' } }, 'got {"type":"Metaspace","replacement":"▁"}'],
    [{ pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Split' }, byteLevel] } }, 'got Sequence(Split, ByteLevel)'],
    [{ pre_tokenizer: { ...byteLevel, add_prefix_space: true } }, 'got {"type":"ByteLevel","add_prefix_space":true}'],
    [{ pre_tokenizer: { ...byteLevel, use_regex: false } }, 'ByteLevel pre-tokenizer without a prefix space'],
    [{ pre_tokenizer: null }, 'got null'],
    [
      { normalizer: { type: 'Sequence', normalizers: [{ type: 'NFD' }, { type: 'Lowercase' }] } },
      'no normalizer, or NFKC, got Sequence(NFD, Lowercase)',
    ],
    [{ model: { type: 'WordPiece', vocab: {} } }, 'model.type: "BPE", got "WordPiece"'],
    [{ model: { type: 'BPE', vocab: { a: 0, b: 0 }, merges: [] } }, 'ids that differ'],
    [{ model: { type: 'BPE', vocab: { a: -1 }, merges: [] } }, 'whole ids of 0 or more, got a: -1'],
    [{ model: { type: 'BPE', vocab: { a: 9 }, merges: ['a b c'] } }, 'two tokens in each merge, got "a b c"'],
    [{ model: { type: 'BPE', vocab: {}, merges: [], byte_fallback: true } }, 'model.byte_fallback: false, got true'],
    [{ model: [] }, 'an object "model", got []'],
    [{ added_tokens: [{ id: 0, content: '<unk>', lstrip: true }] }, 'added token "<unk>".lstrip: false, got true'],
    [{ added_tokens: [{ id: 0 }] }, 'added tokens with their content'],
  ])('refuses %j in one line', (change, says) => {
    const text = JSON.stringify({ ...JSON.parse(tokenizerJson(parts)), ...change });
    expect(() => readTokenizerJson(text, 'tokenizer.json')).toThrow(UsageError);
    expect(() => readTokenizerJson(text, 'tokenizer.json')).toThrow(says);
  });
});

describe('makeTokenizer', () => {
  test('is the plain tokenizer where nothing is special about the parts', () => {
    expect(makeTokenizer(parts)).toBeInstanceOf(Tokenizer);
  });

  test('every digit stands alone, in any script, and specials with digits in them stay whole', () => {
    const vocab = new Map([...parts.vocab, ['12', 270], ['<|r1|>', 271]]);
    const merges = [...parts.merges, ['1', '2'] as const];
    const tokenizer = makeTokenizer({ vocab, merges, special: [...special, '<|r1|>'], singleDigits: true });
    const [one, two] = [vocab.get('1')!, vocab.get('2')!];
    expect(tokenizer.encode('1212')).toEqual([one, two, one, two]);
    expect(tokenizer.encode('1<|r1|>2', { allowSpecial: true })).toEqual([one, 271, two]);
    expect(tokenizer.encode('<|r1|>')).not.toContain(271);
    expect(tokenizer.decode(tokenizer.encode('٣½Ⅷ 12 小船'))).toBe('٣½Ⅷ 12 小船');
  });

  test('drops bytes that have no token, and makes no id that is not there', () => {
    const vocab = new Map([...parts.vocab].filter(([token]) => token !== 'Ą')); // byte 4
    const tokenizer = makeTokenizer({ ...parts, vocab });
    expect(tokenizer.decode(tokenizer.encode('a\u0004 small\u0004'))).toBe('a small');
    expect(Math.max(...tokenizer.encode('\u0004a ship\u0004'))).toBeLessThan(270);
  });
});
