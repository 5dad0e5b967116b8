/** The folder of a run: what is damaged is passed over, what is there is never half a file, and every refusal is one clear line. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { beforeEach, describe, expect, test } from 'vitest';
import { createRunFolder, newestFile, openRunFolder, rememberNewest, writeWhole } from '../../src/run/run-folder.ts';

let root: string;
beforeEach(() => {
  root = temporaryFolder();
});

describe('createRunFolder', () => {
  test('takes a new folder, an empty one, and one of a run that was killed before its first step', () => {
    createRunFolder(join(root, 'a', 'b'));
    createRunFolder(root.concat('/a/b'));
    writeFileSync(join(root, 'a', 'b', 'data.bin'), 'half');
    createRunFolder(join(root, 'a', 'b'));
  });

  test('refuses a folder with another run, with other things, and a place where none can be', () => {
    const folder = join(root, 'run');
    createRunFolder(folder);
    writeFileSync(join(folder, 'run.json'), '{}');
    expect(() => createRunFolder(folder)).toThrow(
      `train: --out: expected a new or an empty folder, got ${folder}, which holds another run`,
    );
    writeFileSync(join(root, 'notes.txt'), 'mine');
    expect(() => createRunFolder(root)).toThrow('which holds notes.txt');
    expect(() => createRunFolder(join(root, 'notes.txt', 'run'))).toThrow(
      `train: --out: expected a folder that can be written, got ${join(root, 'notes.txt', 'run')} (ENOTDIR)`,
    );
    expect(readFileSync(join(root, 'notes.txt'), 'utf8')).toBe('mine');
  });
});

describe('openRunFolder', () => {
  test('finds the newest run, and says when there is none', async () => {
    expect(() => openRunFolder(undefined, root)).toThrow('train --resume: expected a run that has begun, got none in .ladder/runs');
    expect(() => openRunFolder(root, root)).toThrow('expected the folder of a run (with run.json)');
    const folder = createRunFolder(join(root, 'run'));
    await folder.writeInfo({ seed: 3 });
    await rememberNewest(root, folder.path);
    expect(openRunFolder(undefined, root).readInfo()).toEqual({ seed: 3 });
    expect(readFileSync(newestFile(root), 'utf8')).toBe(`${folder.path}\n`);
  });
});

describe('checkpoints', () => {
  test('the newest two are kept', async () => {
    const folder = createRunFolder(join(root, 'run'));
    for (const step of [8, 9, 10]) await folder.writeCheckpoint(step, { step });
    expect((await folder.checkpointNames()).sort()).toEqual(['step-10.ckpt', 'step-9.ckpt']);
    expect((await folder.lastCheckpoint())?.state).toEqual({ step: 10 });
  });

  test.each(['cut off', 'changed', 'empty'])('a newest one that is %s is passed over', async (damage) => {
    const folder = createRunFolder(join(root, 'run'));
    for (const step of [1, 2]) await folder.writeCheckpoint(step, { step, weights: Float32Array.of(1, 2, step) });
    const file = join(folder.path, 'checkpoints', 'step-2.ckpt');
    const bytes = readFileSync(file);
    bytes[bytes.length - 9]! ^= 1;
    if (damage === 'changed') writeFileSync(file, bytes);
    else truncateSync(file, damage === 'empty' ? 0 : bytes.length - 5);
    expect(await folder.lastCheckpoint()).toMatchObject({ name: 'step-1.ckpt', state: { step: 1 } });
  });

  test('a write that was broken off leaves a file that nobody takes for a checkpoint', async () => {
    const folder = createRunFolder(join(root, 'run'));
    await folder.writeCheckpoint(1, { step: 1 });
    writeFileSync(join(folder.path, 'checkpoints', 'step-2.ckpt.tmp'), 'half of it');
    expect((await folder.lastCheckpoint())?.name).toBe('step-1.ckpt');
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk is one line, and the checkpoint before it is whole', async () => {
    const folder = createRunFolder(join(root, 'run'));
    await folder.writeCheckpoint(1, { step: 1 });
    symlinkSync('/dev/full', join(folder.path, 'checkpoints', 'step-2.ckpt.tmp')); // every write to it fails with ENOSPC
    await expect(folder.writeCheckpoint(2, { step: 2 })).rejects.toThrow(/^train: expected room on the disk for 0\.0 MB, got a full disk/);
    expect(await folder.lastCheckpoint()).toMatchObject({ name: 'step-1.ckpt', state: { step: 1 } });
    expect(await folder.checkpointNames()).toEqual(['step-1.ckpt']);
  });
});

test('writeWhole replaces a file at once', async () => {
  const file = join(root, 'a.json');
  mkdirSync(root, { recursive: true });
  await writeWhole(file, 'old');
  await writeWhole(file, 'new');
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(existsSync(`${file}.tmp`)).toBe(false);
});
