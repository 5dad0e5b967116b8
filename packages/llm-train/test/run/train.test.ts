/** Whole runs of a very small model: it learns, it can be stopped and gone on with, and its folder holds all that it should. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tf } from '@llm-ladder/backend';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../../src/model-folder.ts';
import type { Preset } from '../../src/run/presets.ts';
import { Screen } from '../../src/run/screen.ts';
import { type RunInfo, startRun, type TrainRequest } from '../../src/run/start-run.ts';
import { type Stop, train } from '../../src/run/train.ts';

const preset: Preset = {
  name: 'very-small',
  about: { en: 'seconds', zh: '几秒' },
  model: { D: 32, L: 1, H: 4, G: 2, F: 64, maxLen: 128 },
  vocab: 320,
  textBytes: 60_000,
  dialogues: 200,
  rowLength: 65,
  stages: { pretrain: { steps: 24, batch: 8, accum: 1, lr: 1e-2 }, sft: { steps: 6, batch: 4, accum: 2, lr: 5e-3 } },
  saveEvery: 10,
  normal: { pretrain: [5.5, 5.2, 4.6], sft: 5, memoryMb: 4000, speed: 0.0001 },
};
const request = (out: string, more: Partial<TrainRequest> = {}): TrainRequest => ({
  root: temporaryFolder(),
  preset,
  seed: 1,
  sft: true,
  backend: 'wasm',
  out,
  ...more,
});

/** Runs to the end, or asks it to stop once it has shown so many steps. */
async function runOf(asked: TrainRequest, stopAfter = Number.POSITIVE_INFINITY) {
  const parts: string[] = [];
  const stop: Stop = { requested: false };
  const screen = new Screen({ write: (part: string) => parts.push(part) });
  const run = await startRun(asked, screen, ({ en }) => en);
  const { update } = run.training;
  run.training.update = async function () {
    if (this.step + 1 === stopAfter) stop.requested = true;
    return update.call(this);
  };
  const ending = await train(run, screen, ({ en }) => en, stop);
  run.training.dispose();
  const losses = readFileSync(run.folder.file('loss.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').slice(0, 5).join());
  return { ending, text: parts.join(''), run, losses, folder: run.folder.path, root: asked.root };
}

const lossAt = ({ losses }: { losses: string[] }, at: number) => losses[at]!.split(',')[2];
const straight = await runOf(request('run'));
const weights = (folder: string) => readFileSync(join(folder, 'model', 'model.safetensors'));

describe('a run', () => {
  test('learns: the loss falls from ln V to well below it', () => {
    const [first, ...losses] = straight.losses.slice(0, 24).map((line) => Number(line.split(',')[2]));
    expect(Math.abs(first! - Math.log(320))).toBeLessThan(0.3);
    expect(losses.slice(-5).reduce((sum, loss) => sum + loss, 0) / 5).toBeLessThan(Math.log(320) - 1);
  });

  test('leaves everything in its folder, and the way to it', () => {
    expect(straight.ending).toBe('finished');
    const names = readdirSync(straight.folder).map((name) => name.replace(/tfevents.*/, 'tfevents'));
    expect(names.sort()).toEqual(['checkpoints', 'data.bin', 'events.out.tfevents', 'loss.csv', 'loss.svg', 'model', 'run.json']);
    expect(readFileSync(join(straight.root, '.ladder', 'runs', 'last'), 'utf8')).toBe(`${straight.folder}\n`);
    const info = JSON.parse(readFileSync(join(straight.folder, 'run.json'), 'utf8')) as RunInfo;
    expect(info).toMatchObject({
      preset: { name: 'very-small' },
      seed: 1,
      backend: 'wasm',
      data: 'own',
      parts: null,
      steps: { pretrain: 24, sft: 6 },
    });
    expect(info.card?.map(({ ok }) => ok)).toEqual(Array(7).fill(true));
    expect(straight.losses).toHaveLength(30);
  });

  test('asks the model, and says what comes next', () => {
    for (const line of ['> What colour is a banana?', '> 晴天的天空是什么颜色？', 'Next: ladder chat'])
      expect(straight.text).toContain(line);
  });

  test('the model loads, with its tokenizer and its template', async () => {
    const model = await loadModel(join(straight.folder, 'model'));
    expect(model.cfg).toMatchObject({ V: 320, D: 32, L: 1, tied: true });
    expect(model.tokenizer.decode(model.tokenizer.encode('天空 is blue'))).toBe('天空 is blue');
    expect(model.chatTemplate).toContain('<|im_start|>');
    expect(model.tokens.eos).toEqual([4, 2]);
    tf.dispose(model.weights as unknown as tf.TensorContainer);
  });
});

describe('a run that is stopped', () => {
  test('saves, says how to go on, and ends as the straight one: weights and losses', async () => {
    const stopped = await runOf(request('run'), 13);
    expect(stopped.ending).toBe('stopped');
    expect(stopped.text).toContain('Stopped after step 13 of 30; all is saved.\nTo go on: ladder train --resume\n');
    expect(existsSync(join(stopped.folder, 'model'))).toBe(false);
    const resumed = await runOf({ ...request(''), root: stopped.root, resume: '' });
    expect(resumed.losses).toEqual(straight.losses);
    expect(Buffer.compare(weights(resumed.folder), weights(straight.folder))).toBe(0);
  });

  test('a damaged newest checkpoint costs the steps since the one before, and no more', async () => {
    const stopped = await runOf(request('run'), 13);
    writeFileSync(join(stopped.folder, 'checkpoints', 'step-13.ckpt'), 'not a checkpoint');
    const resumed = await runOf({ ...request(''), root: stopped.root, resume: stopped.folder });
    expect(resumed.text).toContain('step-13.ckpt is damaged; the run goes on from step-10.ckpt.\nGoing on after step 10');
    expect(resumed.losses).toEqual(straight.losses);
    expect(Buffer.compare(weights(resumed.folder), weights(straight.folder))).toBe(0);
  });

  test('with other parts than it began with says so, and run.json names them', async () => {
    const stopped = await runOf(request('run', { steps: 2 }), 1);
    const parts = [{ exercise: 'llm-train/llama', whose: 'learner' }] as const;
    const resumed = await runOf({ ...request(''), root: stopped.root, resume: '', parts });
    expect(resumed.text).toContain('The parts are not those that this run began with');
    expect(JSON.parse(readFileSync(join(stopped.folder, 'run.json'), 'utf8'))).toMatchObject({ parts });
  });

  test('refuses the checkpoint of another shape', async () => {
    const [stopped, other] = [
      await runOf(request('run'), 2),
      await runOf(request('run', { preset: { ...preset, model: { ...preset.model, D: 16 } } }), 3),
    ];
    writeFileSync(join(stopped.folder, 'checkpoints', 'step-3.ckpt'), readFileSync(join(other.folder, 'checkpoints', 'step-3.ckpt')));
    await expect(runOf({ ...request(''), root: stopped.root, resume: '' })).rejects.toThrow(
      'train --resume: expected a checkpoint of the shape',
    );
  });
});

describe('other runs', () => {
  test('without SFT: a model that goes on with texts, and no template', async () => {
    const { text, folder, ending } = await runOf(request('run', { sft: false, steps: 3 }));
    expect(ending).toBe('finished');
    expect(text).toContain('One day');
    expect(text).not.toContain('> ');
    expect(readFileSync(join(folder, 'model', 'tokenizer_config.json'), 'utf8')).not.toContain('im_start|>user');
  });

  test('another seed gives another model, the same seed the same', async () => {
    const [same, other] = [await runOf(request('run', { steps: 2 })), await runOf(request('run', { steps: 2, seed: 2 }))];
    expect(lossAt(same, 0)).toBe(lossAt(straight, 0));
    expect(lossAt(other, 0)).not.toBe(lossAt(same, 0));
  });

  test('a run above its card ends so, with a line that says what is off', async () => {
    const strict = { ...preset, normal: { ...preset.normal!, pretrain: [5.5, 5.2, 1] as const } };
    const { ending, text } = await runOf(request('run', { preset: strict }));
    expect(ending).toBe('above the card');
    expect(text).toMatch(/! loss, pretraining 100 % is \d\.\d\d, normal is at most 1\.00: it learns too slowly/);
  });

  test('a loss that is no number ends the run, and its weights are not saved', async () => {
    const wild = { ...preset, stages: { ...preset.stages, pretrain: { ...preset.stages.pretrain, lr: 1e30 } } };
    const { ending, text, folder } = await runOf(request('run', { preset: wild }));
    expect(ending).toBe('diverged');
    expect(text).toMatch(/The loss is not a number at step \d+/);
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual([]);
  });

  test('texts of its own; without conversations among them SFT takes ours', async () => {
    const lines = Array.from({ length: 300 }, (_, at) => `Line ${at}: the quick brown fox jumps over the lazy dog.`);
    const corpus = { eachText: () => lines, eachDialogue: () => [] };
    const { text, run } = await runOf(request('run', { steps: 2, data: { files: ['fox.txt'], corpus } }));
    expect(text).toContain('No conversations in these files: SFT uses our own.');
    expect(run.info.data).toEqual(['fox.txt']);
  });

  test('an empty corpus is one line, and leaves no run', async () => {
    const asked = request('run', { data: { files: ['empty.txt'], corpus: { eachText: () => [], eachDialogue: () => [] } } });
    await expect(runOf(asked)).rejects.toThrow('train: --data: expected texts of at least 65 tokens (about a page), got none');
    expect(existsSync(join(asked.root, '.ladder', 'runs', 'last'))).toBe(false);
  });
});
