import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { tf, useBackend } from '@llm-ladder/backend';
import { CHATML } from '@llm-ladder/formats/chat-template';
import { exportTorch } from '@llm-ladder/formats/export-torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { initWeights, trainBpe } from '../src/index.ts';
import { type LanguageModel, loadModel, type ModelParts, saveModel } from '../src/model-folder.ts';
import { logitsOf, temporaryFolder } from './fixture-folders.ts';

const temporary = temporaryFolder();
const special = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'];
const texts = Array.from({ length: 120 }, (_, i) => `The ship ${i} sailed to island ${i % 7}.\n小船${i}号驶向${i % 7}号岛。`);
const bpe = trainBpe(texts, { vocab: 320, special });
const cfg = { V: 320, D: 32, L: 2, H: 4, G: 2, F: 64, maxLen: 64, eps: 1e-5, theta: 10_000, style: 'interleaved', tied: true } as const;
const hasPython = spawnSync('python3', ['-c', 'import torch, transformers, accelerate']).status === 0;

beforeAll(async () => void (await useBackend('cpu')));

const model = (): ModelParts => ({
  ...bpe,
  special,
  cfg,
  weights: initWeights(cfg, Math.random),
  tokens: { bos: 1, pad: 2, eos: [4] },
  chatTemplate: CHATML,
  generation: { temp: 0.6, topK: 40, topP: 0.95, rep: 1.1 },
});

const savable = (one = model()) => ({ tokens: one.tokens, save: (to: string) => saveModel(to, one) });

/** The mean loss of the next token of a text, in nats. */
const lossOf = (one: LanguageModel, text: string) => {
  const ids = one.tokenizer.encode(text);
  return tf.tidy(() => {
    const logits = logitsOf(one, ids).slice([0], [ids.length - 1]);
    const targets = tf.oneHot(tf.tensor1d(ids.slice(1), 'int32'), one.cfg.V);
    return tf.losses.softmaxCrossEntropy(targets, logits).dataSync()[0]!;
  });
};

describe('exportTorch', () => {
  test('writes every text on a line of its own, and the model beside them', async () => {
    const folder = path.join(temporary, 'written');
    const odd = ['a\nb', '"quoted" \\ back', '小船\u2028', 'lone \ud83d'];
    expect(await exportTorch(folder, savable(), odd)).toBe(4);
    const lines = fs.readFileSync(path.join(folder, 'train.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).text)).toEqual(odd.map((text) => text.toWellFormed()));
    expect(fs.readdirSync(folder).sort()).toEqual(['deepspeed.json', 'model', 'train.jsonl', 'train.py']);
    expect((await loadModel(path.join(folder, 'model'))).cfg.V).toBe(320);
  });

  test('takes a stream of many texts, and refuses none', async () => {
    const folder = path.join(temporary, 'many');
    async function* many() {
      for (let i = 0; i < 3000; i++) yield `${i} ${'long '.repeat(200)}`;
    }
    expect(await exportTorch(folder, savable(), many())).toBe(3000);
    expect(fs.readFileSync(path.join(folder, 'train.jsonl'), 'utf8').split('\n')).toHaveLength(3001);
    await expect(exportTorch(folder, savable(), [])).rejects.toThrow('exportTorch: expected at least one text, got none');
    expect(fs.readFileSync(path.join(folder, 'train.jsonl'), 'utf8').split('\n')).toHaveLength(3001); // the old one is whole
    await expect(exportTorch(folder, { ...savable(), tokens: { eos: [] } }, ['a'])).rejects.toThrow('a model with an end token');
  });

  test.skipIf(!hasPython)(
    'torchrun trains it on two processes, and the result loads back (skipped without torch, transformers, accelerate)',
    {
      timeout: 600_000,
    },
    async () => {
      const folder = path.join(temporary, 'trained');
      await exportTorch(folder, savable(), texts);
      const { status, stderr } = spawnSync(
        'python3',
        [
          '-m',
          'torch.distributed.run',
          '--standalone',
          '--nproc_per_node',
          '2',
          'train.py',
          '--steps',
          '30',
          '--lr',
          '1e-2',
          '--batch',
          '4',
        ],
        { cwd: folder, encoding: 'utf8', env: { ...process.env, OMP_NUM_THREADS: '1', HF_HUB_OFFLINE: '1' } },
      );
      expect(status, stderr).toBe(0);
      const [before, after] = [await loadModel(path.join(folder, 'model')), await loadModel(path.join(folder, 'out'))];
      const unseen = 'The ship 200 sailed to island 3.\n小船200号驶向3号岛。';
      expect(lossOf(before, unseen)).toBeGreaterThan(Math.log(320) - 1);
      expect(lossOf(after, unseen)).toBeLessThan(0.6 * Math.log(320));
      expect([after.cfg, after.chatTemplate, after.tokens]).toEqual([{ ...cfg, style: 'half' }, CHATML, before.tokens]);
      expect(after.tokenizer.encode(unseen)).toEqual(before.tokenizer.encode(unseen));
    },
  );
});
