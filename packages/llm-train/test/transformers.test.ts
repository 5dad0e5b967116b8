import '@llm-ladder/grader/matchers';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { tf, useBackend } from '@llm-ladder/backend';
import { CHATML, renderChat } from '@llm-ladder/formats/chat-template';
import type { BpeParts } from '@llm-ladder/formats/tokenizer-json';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LlamaConfig, trainBpe } from '../src/index.ts';
import { type LoadedModel, loadModel, saveModel } from '../src/model-folder.ts';
import { folderGoldens, logitsOf, loudWeights, temporaryFolder } from './fixture-folders.ts';

const temporary = temporaryFolder();
const hasPython = spawnSync('python3', ['-c', 'import torch, transformers']).status === 0;
const { texts, messages } = folderGoldens('digits');
/** Texts that nobody thought of: words, numbers, white space, specials and graphemes of many scripts in a row. */
const pieces = fc.oneof(
  fc.constantFrom('the ship', '小船', ' ', '  ', '\n', '\t', '12', '٣', "'s", '，', '<|im_end|>', '<|im_', '\u3000', '#', 'Ä', 'ﬁ'),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const drawn = fc
  .sample(
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    { seed: 20261124, numRuns: 400 },
  )
  .filter((text) => !/[\u{10780}-\u{107bf}\u{1e030}-\u{1e08f}]/u.test(text)); // letters of Unicode 14 and 15, which the NFKC of Hugging Face tokenizers does not know

const special = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'];
const bpe = trainBpe(
  texts.flatMap(({ text }) => [text, text]),
  { vocab: 400, special },
);
const V = bpe.vocab.size;
const base: LlamaConfig = { V, D: 24, L: 2, H: 6, G: 2, F: 40, maxLen: 64, eps: 1e-5, theta: 10_000, style: 'half', tied: true };
const kinds: Record<string, [cfg: LlamaConfig, parts: Partial<BpeParts>]> = {
  plain: [base, {}],
  pairs: [{ ...base, style: 'interleaved', G: 3, theta: 500 }, { singleDigits: true }],
  head: [{ ...base, tied: false, eps: 1e-2 }, { normalize: 'NFKC' }],
};

interface Said {
  readonly odd: string[];
  readonly type: string;
  readonly logits: number[][];
  readonly ids: number[][];
  readonly idsWithSpecials: number[][];
  readonly decoded: string[];
  readonly chat: number[];
  readonly tokens: number[];
  readonly generation: unknown[];
}

describe.skipIf(!hasPython)('Hugging Face transformers on folders of ours (skipped without Python, torch and transformers)', () => {
  test('loads them and says the same: logits, ids, chat, special ids, sampling', { timeout: 300_000 }, async () => {
    await useBackend('cpu');
    const models: LoadedModel[] = [];
    const ids = [5, 9, 260, 17, 4, 33, 301];
    for (const [name, [cfg, parts]] of Object.entries(kinds)) {
      const generation = { temp: 0.6, topK: 40, topP: 0.95, rep: 1.1 };
      const made = { ...bpe, ...parts, special, cfg, weights: loudWeights(cfg), tokens: { bos: 1, pad: 2, eos: [4, 2] } };
      const folder = path.join(temporary, name);
      await saveModel(folder, { ...made, chatTemplate: CHATML, generation });
      models.push(await loadModel(folder));
      expect(logitsOf(models.at(-1)!, ids)).toBeAllClose(logitsOf(made, ids), { rtol: 1e-4, atol: 1e-4 });
    }
    const asked = { folders: models.map(({ source }) => source), texts: [...texts.map(({ text }) => text), ...drawn], ids, messages };
    const { stdout, stderr } = spawnSync('python3', [path.join(import.meta.dirname, 'what-python-says.py')], {
      input: JSON.stringify(asked),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, HF_HUB_OFFLINE: '1' },
    });
    const said = JSON.parse(stdout || JSON.stringify(stderr)) as Said[];
    for (const [i, model] of models.entries()) {
      const theirs = said[i]!;
      expect([theirs.odd, theirs.type]).toEqual([[], 'llama']);
      expect(logitsOf(model, ids)).toBeAllClose(tf.tensor(theirs.logits), { rtol: 1e-4, atol: 1e-4 });
      expect(theirs.ids).toEqual(asked.texts.map((text) => model.tokenizer.encode(text)));
      expect(theirs.idsWithSpecials).toEqual(asked.texts.map((text) => model.tokenizer.encode(text, { allowSpecial: true })));
      expect(theirs.decoded).toEqual(theirs.idsWithSpecials.map((one) => model.tokenizer.decode(one)));
      expect(theirs.chat).toEqual(renderChat(model, messages, { addGenerationPrompt: true }));
      expect(theirs.tokens).toEqual([1, 2, 4]);
      expect(theirs.generation).toEqual([true, 0.6, 40, 0.95, 1.1, [4, 2]]);
    }
    // The control: the three differ, so agreement is not a matter of course.
    expect(new Set(said.map((one) => JSON.stringify(one.ids))).size).toBe(3);
    const worst = tf.tidy(() => tf.sub(tf.tensor(said[0]!.logits), tf.tensor(said[1]!.logits)).abs().max().dataSync()[0]!);
    expect(worst).toBeGreaterThan(0.01);
  });
});
