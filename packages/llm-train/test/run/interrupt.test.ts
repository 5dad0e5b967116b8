/** Ctrl-C, as the system sends it: once saves and says how to go on, twice leaves at once, and neither loses what was there. */
import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { describe, expect, test } from 'vitest';
import { RunFolder } from '../../src/run/run-folder.ts';

const command = new URL('../../src/commands/train-command.ts', import.meta.url).href;
const root = temporaryFolder();
const file = join(root, 'texts.txt');
writeFileSync(file, Array.from({ length: 600 }, (_, at) => `Number ${at} is a number that comes before ${at + 1}.`).join('\n\n'));

/** Runs `ladder train` in a process of its own, and sends it `signals` at once when its first step is shown. */
async function trainWith(options: object, signals: readonly NodeJS.Signals[]): Promise<{ code: number | null; text: string }> {
  const context = `{ root: ${JSON.stringify(root)}, lang: 'en', say: ({ en }) => en, backend: 'wasm' }`;
  const all = JSON.stringify({ preset: 'tiny', seed: '1', sft: false, ...options });
  const script = `process.exitCode = await (await import(${JSON.stringify(command)})).trainCommand(${all}, ${context});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const parts: string[] = [];
  let sent = false;
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    parts.push(part);
    if (sent || !part.includes('pretraining')) return;
    sent = true;
    for (const signal of signals) child.kill(signal);
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, text: parts.join('') };
}

describe.skipIf(process.platform === 'win32')('ladder train', { timeout: 300_000 }, () => {
  test('once: finishes the step, saves, says how to go on; the next run goes on from there', async () => {
    const { code, text } = await trainWith({ out: join(root, 'once'), data: [file] }, ['SIGINT']);
    expect(code).toBe(1);
    const step = Number(/Stopped after step (\d+) of 450; all is saved\.\nTo go on: ladder train --resume\n$/.exec(text)?.[1]);
    expect(await new RunFolder(join(root, 'once')).checkpointNames()).toEqual([`step-${step}.ckpt`]);
    const resumed = await trainWith({ resume: true }, ['SIGTERM']);
    expect(resumed.text).toContain(`Going on after step ${step}: ${join(root, 'once')}`);
    expect(resumed.text).toMatch(/Stopped after step \d+ of 450/);
  });

  test('twice: leaves at once, and what is on the disk is whole', async () => {
    // Two kinds: the system keeps only one of a kind for a process that is not running just then.
    const { code, text } = await trainWith({ out: join(root, 'twice'), data: [file] }, ['SIGINT', 'SIGTERM']);
    expect(code).not.toBe(0);
    expect(text).not.toContain('To go on');
    const folder = new RunFolder(join(root, 'twice'));
    expect(readdirSync(folder.file('checkpoints'))).toEqual([]);
    await expect(folder.readData()).resolves.toBeDefined(); // arrays alone: it needs no backend
    expect(folder.readInfo()).toMatchObject({ version: 1 });
  });
});
