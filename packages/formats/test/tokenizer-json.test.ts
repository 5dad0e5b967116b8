import { UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, test } from 'vitest';
import { type BpeParts, readTokenizerJson, tokenizerJson } from '../src/tokenizer-json.ts';

const special = ['<unk>', '</s>'];
const tokens = [...special, 's', 'e', 'a', 'se', 'sea', 'Ġ', '小', '"'];
const parts: BpeParts = { vocab: new Map(tokens.map((token, id) => [token, id])), merges: [['s', 'e'], ['se', 'a']], special }; // biome-ignore format: a table

describe('readTokenizerJson', () => {
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
