import { describe, expect, test } from 'vitest';
import { DEFAULT_SAMPLING, generationJson, readSampling, readTemplate, readTokens, tokenizerConfigJson } from '../src/hf-config.ts';

const tokens = { bos: 1, pad: 2, eos: [4, 2] };
const vocab = new Map(['<unk>', '<s>', '</s>', 'a', '<|im_end|>'].map((token, id) => [token, id]));

describe('readTokens', () => {
  const read = (config: object, generation: object, tokenizer: object) =>
    readTokens({ config: { ...config }, generation: { ...generation }, tokenizer: { ...tokenizer } }, vocab, 'folder');

  test('generation_config.json comes first, then config.json, then the literals of the tokenizer', () => {
    const tokenizer = { bos_token: { content: '<s>' }, eos_token: '</s>', pad_token: '<unk>' };
    expect(read({ eos_token_id: 3 }, { eos_token_id: [4, 3] }, tokenizer)).toEqual({ bos: 1, pad: 0, eos: [4, 3] });
    expect(read({ eos_token_id: 3, bos_token_id: null }, {}, tokenizer)).toEqual({ bos: 1, pad: 0, eos: [3] });
    expect(read({}, {}, tokenizer)).toEqual({ bos: 1, pad: 0, eos: [2] });
  });

  test('without a pad token the end token pads; without any, id 0', () => {
    expect(read({ eos_token_id: 4 }, {}, {})).toEqual({ pad: 4, eos: [4] });
    expect(read({}, {}, {})).toEqual({ pad: 0, eos: [] });
    expect(() => read({ eos_token_id: -1 }, {}, {})).toThrow('folder: expected eos_token_id as ids, got -1');
  });
});

describe('sampling and templates', () => {
  test('a temperature of 0 is written as no sampling, and read as such', () => {
    const greedy = { temp: 0, topK: 0, topP: 1, rep: 1.2 };
    expect(generationJson(greedy, tokens)).toEqual({
      do_sample: false,
      repetition_penalty: 1.2,
      bos_token_id: 1,
      eos_token_id: [4, 2],
      pad_token_id: 2,
    });
    expect(readSampling(generationJson(greedy, tokens))).toMatchObject({ temp: 0, rep: 1.2 });
    expect(readSampling({})).toEqual(DEFAULT_SAMPLING);
    expect(readSampling({ temperature: 0.2, top_p: null })).toEqual({ ...DEFAULT_SAMPLING, temp: 0.2 });
  });

  test('of several templates the one named default counts', () => {
    const list = [{ name: 'tools', template: 't' }, { name: 'default', template: 'd' }]; // biome-ignore format: a list
    expect([readTemplate({ chat_template: list }), readTemplate({ chat_template: 'x' }), readTemplate({})]).toEqual(['d', 'x', undefined]);
    expect(tokenizerConfigJson({ tokens, vocab, maxLen: 32, chatTemplate: 'x' })).toMatchObject({ bos_token: '<s>', eos_token: '<|im_end|>', pad_token: '</s>', chat_template: 'x' }); // biome-ignore format: one object
  });
});
