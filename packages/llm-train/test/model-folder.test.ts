import '@llm-ladder/grader/matchers';
import fs from 'node:fs';
import path from 'node:path';
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { CHATML, renderChat } from '@llm-ladder/formats/chat-template';
import { onEveryBackend } from '@llm-ladder/testing/every-backend';
import { describe, expect, test } from 'vitest';
import { trainBpe } from '../src/index.ts';
import { loadModel, type ModelParts, saveModel } from '../src/model-folder.ts';
import { folderGoldens, folderOf, logitsOf, loudWeights, temporaryFolder } from './fixture-folders.ts';

const temporary = temporaryFolder();
const special = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'];
const bpe = trainBpe(['a small ship, a small sea 小船小海'], { vocab: 270, special });
const cfg = { V: 270, D: 12, L: 2, H: 3, G: 1, F: 20, maxLen: 32, eps: 1e-5, theta: 10_000, style: 'half', tied: true } as const;

const ours = (over: Partial<ModelParts> = {}): ModelParts => ({
  ...bpe,
  special,
  cfg,
  weights: loudWeights({ ...cfg, ...over.cfg }),
  tokens: { bos: 1, pad: 2, eos: [4, 2] },
  chatTemplate: CHATML,
  generation: { temp: 0.6, topK: 40, topP: 0.95, rep: 1.1 },
  ...over,
});

/** A copy of a fixture folder with one file changed. */
function changed(name: string, file: string, change: (json: Record<string, never>) => unknown): string {
  const folder = fs.mkdtempSync(path.join(temporary, 'changed-'));
  fs.cpSync(folderOf(name), folder, { recursive: true });
  const at = path.join(folder, file);
  fs.writeFileSync(at, JSON.stringify(change(JSON.parse(fs.readFileSync(at, 'utf8')))));
  return folder;
}

onEveryBackend(() => {
  test.each(['digits', 'sharded'])("logits of Hugging Face's folder %s equal theirs", async (name) => {
    const { ids, logits } = folderGoldens(name);
    const expected = tf.tensor(logits);
    const before = tf.memory().numTensors;
    const model = await loadModel(folderOf(name));
    const got = logitsOf(model, ids);
    expect(got).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-4 });
    // The control: read in the other order of pairs, the same weights say something else.
    const other = logitsOf({ ...model, cfg: { ...model.cfg, style: 'interleaved' } }, ids);
    expect(tf.tidy(() => got.sub(other).abs().max().dataSync()[0]!)).toBeGreaterThan(0.01);
    tf.dispose([got, other, model.weights as never]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([{ ...cfg }, { ...cfg, tied: false }, { ...cfg, style: 'interleaved' as const }])(
    'a saved model comes back with the same logits: %o',
    async (one) => {
      const folder = path.join(temporary, `back-${one.tied}-${one.style}`);
      const model = ours({ cfg: one });
      const ids = [5, 9, 260, 17, 4, 33];
      const expected = logitsOf(model, ids);
      const before = tf.memory().numTensors;
      await saveModel(folder, model);
      expect(tf.memory().numTensors).toBe(before);
      const back = await loadModel(folder);
      expect(logitsOf(back, ids)).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-4 });
      expect(back.cfg).toEqual({ ...one, style: 'half' });
      // The control: were the pairs not put in their new order, it would show.
      const mixedUp = logitsOf({ ...back, cfg: { ...back.cfg, style: 'interleaved' } }, ids);
      expect(tf.tidy(() => mixedUp.sub(expected).abs().max().dataSync()[0]!)).toBeGreaterThan(0.01);
    },
  );
});

describe('loadModel', () => {
  test('what belongs to the model comes back too', async () => {
    const folder = path.join(temporary, 'whole');
    const model = ours();
    await saveModel(folder, model);
    const { vocab, merges, tokens, generation, chatTemplate, tokenizer, source } = await loadModel(folder);
    expect({ vocab, merges, tokens, generation, chatTemplate, source }).toEqual({
      vocab: bpe.vocab,
      merges: bpe.merges,
      tokens: model.tokens,
      generation: model.generation,
      chatTemplate: CHATML,
      source: folder,
    });
    expect(tokenizer.decode(tokenizer.encode('a small 小船'))).toBe('a small 小船');
    await saveModel(folder, await loadModel(folder)); // a loaded model can be saved over itself
    expect((await loadModel(folder)).tokens).toEqual(model.tokens);
    expect(fs.readdirSync(folder).sort()).toEqual(
      ['config.json', 'generation_config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'].sort(),
    );
  });

  test.each<[setting: string, value: unknown, says: string]>([
    ['model_type', 'mistral', 'model_type llama, all that this LLaMA does, got "mistral"'],
    ['rope_scaling', { rope_type: 'llama3', factor: 8 }, 'rope_scaling absent, all that this LLaMA does, got "llama3"'],
    ['rope_parameters', { rope_theta: 1e4, rope_type: 'yarn' }, 'rope_parameters.rope_type default, all that this LLaMA does, got "yarn"'],
    ['attention_bias', true, 'attention_bias false, all that this LLaMA does, got true'],
    ['mlp_bias', true, 'mlp_bias false'],
    ['hidden_act', 'gelu', 'hidden_act silu'],
    ['head_dim', 8, 'head_dim 4'],
    ['num_key_value_heads', 4, 'an even D / H, got D=24, H=6, G=4'],
    ['num_hidden_layers', 1e9, 'a tensor model.layers.2.input_layernorm.weight [24], as the configuration says, got none'],
    ['num_hidden_layers', 1, 'only the tensors of a LLaMA without biases, got model.layers.1.'],
    ['hidden_size', 48, 'model.embed_tokens.weight of [230,48], as the configuration says, got [230,24]'],
    ['vocab_size', 12, 'tokens with ids below V=12'],
    ['vocab_size', 2.5, 'vocab_size as a whole number of 1 or more, got 2.5'],
    ['eos_token_id', [4, 999], 'special ids below V=230, got 999'],
    ['quantization_config', { bits: 4 }, 'quantization_config absent'],
  ])('refuses %s = %j in one line', async (setting, value, says) => {
    const folder = changed('digits', 'config.json', (config) => ({ ...config, head_dim: undefined, [setting]: value }));
    if (setting === 'eos_token_id') fs.rmSync(path.join(folder, 'generation_config.json'));
    const before = tf.memory().numTensors;
    const error = await loadModel(folder).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(says);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('says what is missing', async () => {
    const at = path.join(temporary, 'nowhere');
    await expect(loadModel(at)).rejects.toThrow(`loadModel: expected a model folder or a .gguf file, got nothing at ${at}`);
  });
});

describe('renderChat of a loaded model', () => {
  test("gives Hugging Face's ids with a template of theirs, and where the assistant speaks next", async () => {
    const theirs = await loadModel(folderOf('digits'));
    const { messages, chat } = folderGoldens('digits');
    expect(renderChat(theirs, messages, { addGenerationPrompt: true })).toEqual(chat);
    const closed = renderChat(theirs, messages);
    expect(chat.slice(0, closed.length)).toEqual(closed);
    expect(theirs.tokenizer.decode(chat.slice(closed.length))).toBe('<|im_start|>assistant\n');
  });
});

describe('saveModel', () => {
  test('refuses parts that do not fit before it touches the folder', async () => {
    const folder = path.join(temporary, 'untouched');
    await expect(saveModel(folder, ours({ special: ['<none>'] }))).rejects.toThrow('special tokens of the vocabulary, got "<none>"');
    await expect(saveModel(folder, ours({ tokens: { pad: 270, eos: [] } }))).rejects.toThrow('special ids below V=270, got 270');
    expect(fs.existsSync(folder)).toBe(false);
  });
});
