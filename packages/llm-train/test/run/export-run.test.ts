import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tf } from '@llm-ladder/backend';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { beforeAll, expect, test } from 'vitest';
import { loadModel } from '../../src/model-folder.ts';
import { exportRun, textsOf } from '../../src/run/export-run.ts';
import { prepareData } from '../../src/run/learning-data.ts';
import { presetOf } from '../../src/run/presets.ts';
import { Screen } from '../../src/run/screen.ts';
import { startRun } from '../../src/run/start-run.ts';

let root: string;
beforeAll(async () => {
  root = temporaryFolder();
});
const say = ({ en }: { en: string }) => en;

test('the rows give back the texts that they were made of, but for the cut one at the end', () => {
  const texts = Array.from({ length: 300 }, (_, i) => `The ship ${i} sailed away. 小船${i}号。</s> is text here`);
  const corpus = { eachText: () => texts, eachDialogue: () => [] };
  const { data } = prepareData(corpus, { vocab: 320, rowLength: 33 }, { sft: false });
  const back = [...textsOf(data)];
  expect(back.length).toBeGreaterThan(295);
  expect(back).toEqual(texts.slice(0, back.length));
});

test('a fresh run is written for torchrun, and its model loads with the same weights', { timeout: 60_000 }, async () => {
  const tiny = presetOf('tiny');
  const preset = { ...tiny, vocab: 400, textBytes: 60_000, dialogues: 60, model: { ...tiny.model, D: 16, L: 1, H: 2, G: 1, F: 24 } };
  const run = await startRun({ root, preset, seed: 3, sft: true, backend: 'cpu' }, new Screen(process.stderr), say);
  const folder = join(root, 'torch');
  const count = await exportRun(run, folder);
  const lines = readFileSync(join(folder, 'train.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(count);
  expect(count).toBeGreaterThan(50);
  const model = await loadModel(join(folder, 'model'));
  expect(model.chatTemplate).toBeDefined();
  const difference = tf.tidy(() => model.weights.embed.sub(run.training.weights.embed).abs().max().dataSync()[0]);
  expect(difference).toBe(0);
  run.training.dispose();
});
