/** Adds a set from a Hub on this machine, and reads it as `--data` does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readCorpus } from '../src/read-corpus.ts';
import { addSets, hubRecord } from '../src/store.ts';
import { type FakeDataset, fakeHub, plainEnv } from './fake-hub.ts';

/** An empty cache, and no settings of the machine's own, until the test ends. */
export function newCache(): string {
  const cacheDir = mkdtempSync(join(tmpdir(), 'sets of the hub '));
  onTestFinished(() => rmSync(cacheDir, { recursive: true, force: true }));
  plainEnv();
  return cacheDir;
}

/** Adds `hf:me/set<rest>`. */
export async function addHubSet(cacheDir: string, dataset: FakeDataset, rest = '', maxBytes?: number) {
  const { asked } = await fakeHub({ 'me/set': dataset });
  const name = `hf:me/set${rest}`;
  const steps: string[] = [];
  await addSets([name], { cacheDir, maxBytes, onStep: ({ en }) => steps.push(en) });
  const corpus = readCorpus([name], { cacheDir });
  return { name, asked, steps, texts: [...corpus.eachText()], dialogues: [...corpus.eachDialogue()], record: hubRecord(name, cacheDir)! };
}

export function lines(...rows: unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
