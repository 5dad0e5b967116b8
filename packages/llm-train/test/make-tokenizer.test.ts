import fs from 'node:fs';
import path from 'node:path';
import { readTokenizerJson } from '@llm-ladder/formats/tokenizer-json';
import { describe, expect, test } from 'vitest';
import { Tokenizer, trainBpe } from '../src/index.ts';
import { makeTokenizer } from '../src/make-tokenizer.ts';
import { folderGoldens, folderOf } from './fixture-folders.ts';

const read = (name: string) => fs.readFileSync(path.join(folderOf(name), 'tokenizer.json'), 'utf8');
const special = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'];
const parts = { ...trainBpe(['a small ship, a small sea 小船小海'], { vocab: 270, special }), special };

describe('makeTokenizer of a tokenizer.json', () => {
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
