import { describe, expect, test } from 'vitest';
import { configJson, readConfig } from '../src/llama-config.ts';

const cfg = { V: 19, D: 24, L: 2, H: 6, G: 2, F: 40, maxLen: 32, eps: 1e-5, theta: 500, style: 'half', tied: true } as const;
const tokens = { bos: 1, pad: 2, eos: [4, 2] };

describe('readConfig', () => {
  test('is the other way of configJson, and knows where transformers 4 and 5 keep theta', () => {
    expect(readConfig(configJson(cfg, tokens), 'config.json')).toEqual(cfg);
    const { rope_theta: theta, ...five } = configJson(cfg, tokens);
    expect(readConfig({ ...five, rope_parameters: { rope_theta: theta, rope_type: 'default' } }, 'config.json').theta).toBe(500);
    expect(readConfig(five, 'config.json').theta).toBe(10_000);
  });

  test('what a config does not say is as LlamaConfig has it: as many key/value heads as heads, eps 1e-6, 2048 places, a head of its own', () => {
    const least = {
      model_type: 'llama',
      vocab_size: 19,
      hidden_size: 24,
      num_hidden_layers: 2,
      num_attention_heads: 6,
      intermediate_size: 40,
    };
    expect(readConfig(least, 'config.json')).toEqual({ ...cfg, G: 6, eps: 1e-6, maxLen: 2048, theta: 10_000, tied: false });
  });
});
