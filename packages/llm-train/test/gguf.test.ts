import '@llm-ladder/grader/matchers';
import fs from 'node:fs';
import path from 'node:path';
import { tf, useBackend } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { cacheRoot } from '@llm-ladder/backend/tensorflow';
import { renderChat } from '@llm-ladder/formats/chat-template';
import { onEveryBackend } from '@llm-ladder/testing/every-backend';
import { describe, expect, test } from 'vitest';
import type { LanguageModel } from '../src/model-folder.ts';
import { loadModel } from '../src/model-folder.ts';
import { type FolderGoldens, folderGoldens, folderOf, logitsOf, temporaryFolder } from './fixture-folders.ts';

type Listed = [ids: number[], logits: number[]];
interface GgufGoldens extends FolderGoldens {
  readonly runs: readonly { readonly ids: number[]; readonly top: Listed; readonly others: Listed }[];
}

const tiny = folderOf('tiny.gguf');
const bytes = fs.readFileSync(tiny);
const temporary = temporaryFolder();
const smollm2 = path.join(cacheRoot(), 'models', 'smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf');

/** The largest difference to the goldens at the last place, and whether the five largest are the same in the same order. */
function compare(model: Pick<LanguageModel, 'cfg' | 'weights'>, { ids, top, others }: GgufGoldens['runs'][number]) {
  const logits = tf.tidy(() =>
    logitsOf(model, ids)
      .slice([ids.length - 1], [1])
      .dataSync(),
  );
  const differences = [top, others].flatMap(([at, values]) => at.map((id, i) => Math.abs(logits[id]! - values[i]!)));
  const order = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
  return { worst: Math.max(...differences), sameTop5: `${order.slice(0, 5)}` === `${top[0].slice(0, 5)}` };
}

function expectTokenizer(model: LanguageModel, { texts, messages, chat }: GgufGoldens): void {
  for (const { text, ids, idsWithSpecials } of texts) {
    expect(model.tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
    expect(model.tokenizer.encode(text, { allowSpecial: true }), JSON.stringify(text)).toEqual(idsWithSpecials);
  }
  expect(renderChat(model, messages, { addGenerationPrompt: true })).toEqual(chat);
}

onEveryBackend(() => {
  test('every kind of number: logits equal those of the dequantised weights in PyTorch', async () => {
    const { runs } = folderGoldens('tiny.gguf') as GgufGoldens;
    const before = tf.memory().numTensors;
    const model = await loadModel(tiny);
    for (const run of runs) expect(compare(model, run)).toEqual({ worst: expect.closeTo(0, 3), sameTop5: true });
    // The control: one number of the smallest tensor off by a hundredth shows.
    const off = { ...model, weights: { ...model.weights, norm: tf.tidy(() => model.weights.norm.add<tf.Tensor1D>(0.01)) } };
    expect(compare(off, runs[0]!).worst).toBeGreaterThan(1e-3);
    tf.dispose([off.weights.norm, model.weights as never]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('loadModel of a GGUF file', () => {
  const write = (name: string, content: Uint8Array) => {
    const file = path.join(temporary, name);
    fs.writeFileSync(file, content);
    return file;
  };
  /** The file with some bytes changed at a place that is found by the text before it. */
  const patched = (after: string, offset: number, change: (view: DataView, at: number) => void) => {
    const copy = new Uint8Array(bytes);
    const at = after === '' ? offset : bytes.indexOf(after) + after.length + offset;
    change(new DataView(copy.buffer), at);
    return copy;
  };
  const u32 = (value: number) => (view: DataView, at: number) => view.setUint32(at, value, true);

  test('the tokenizer, the chat template and the special ids', async () => {
    const model = await loadModel(tiny);
    expectTokenizer(model, folderGoldens('tiny.gguf') as GgufGoldens);
    expect(model.tokens).toEqual({ bos: 1, pad: 2, eos: [4, 2] });
    expect(model.special).toEqual(['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>']);
    expect(model.cfg).toMatchObject({ D: 64, L: 2, H: 8, G: 2, F: 96, maxLen: 128, theta: 1000, style: 'interleaved', tied: false });
  });

  test.skipIf(!fs.existsSync(smollm2))(
    'SmolLM2-135M-Instruct says what PyTorch says (skipped unless it is in the cache)',
    { timeout: 300_000 },
    async () => {
      await useBackend('tensorflow').catch(() => useBackend('wasm'));
      const goldens = folderGoldens('smollm2') as GgufGoldens;
      const model = await loadModel(smollm2);
      expectTokenizer(model, goldens);
      for (const run of goldens.runs) {
        const { worst, sameTop5 } = compare(model, run);
        expect(worst).toBeLessThan(1e-3);
        expect(sameTop5).toBe(true);
      }
      tf.dispose(model.weights as never);
    },
  );

  test.each<[what: string, content: Uint8Array, says: string]>([
    [
      'another architecture',
      patched('general.architecture', 12, (view, at) => view.setUint8(at, 0x78)),
      'general.architecture: llama, got "xlama"',
    ],
    [
      'another pre-tokenizer',
      patched('tokenizer.ggml.pre', 12, (view, at) => view.setUint8(at, 0x78)),
      'tokenizer.ggml.pre: smollm or gpt-2, got "xmollm"',
    ],
    ['another width of a head', patched('llama.rope.dimension_count', 4, u32(4)), 'llama.rope.dimension_count: 8 or none, got "4"'],
    ['no layers', patched('llama.block_count', 4, u32(0)), 'llama.block_count: a whole number of 1 or more, got "0"'],
    ['fewer layers than it has', patched('llama.block_count', 4, u32(1)), 'only the tensors of a LLaMA without biases, got blk.1.'],
    ['more layers than it has', patched('llama.block_count', 4, u32(2 ** 31)), 'a tensor blk.2.attn_norm.weight [64]'],
    [
      'an end token that is none',
      patched('tokenizer.ggml.eos_token_id', 4, u32(5000)),
      'tokenizer.ggml.eos_token_id: an id below 230, got "5000"',
    ],
  ])('a model with %s is refused in one line', async (_, content, says) => {
    const before = tf.memory().numTensors;
    const error = await loadModel(write('odd.gguf', content)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(says);
    expect(tf.memory().numTensors).toBe(before);
  });
});
