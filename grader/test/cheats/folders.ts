/** Cheats that are a folder: what lies in it, or what it is, rather than what its code does. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cheat } from './cheat.ts';

export const folders: readonly Cheat[] = [
  {
    name: 'file-link',
    does: "links its file to the solution's",
    row: 23,
    exercise: 'sdpa',
    reason: /a file of this folder, got a link/,
    folder: (folder, solutions) => {
      rmSync(join(folder, 'attention.ts'));
      symlinkSync(join(solutions, '01-sdpa', 'attention.ts'), join(folder, 'attention.ts'));
    },
  },
  {
    name: 'folder-link',
    does: "is a link to the solution's folder",
    row: 23,
    exercise: 'sdpa',
    reason: /a folder inside .*, got a link/,
    folder: (folder, solutions) => {
      rmSync(folder, { recursive: true });
      symlinkSync(join(solutions, '01-sdpa'), folder);
    },
  },
  {
    name: 'device-link',
    does: 'links its file to a device that never ends',
    row: 'ours',
    exercise: 'sdpa',
    reason: /a file of this folder, got a link/,
    folder: (folder) => {
      rmSync(join(folder, 'attention.ts'));
      symlinkSync('/dev/zero', join(folder, 'attention.ts'));
    },
  },
  {
    name: 'named-pipe',
    does: 'is a pipe that nobody writes to',
    row: 'ours',
    exercise: 'sdpa',
    reason: /expected a file, got a special file/,
    folder: (folder) => {
      rmSync(join(folder, 'attention.ts'));
      execFileSync('mkfifo', [join(folder, 'attention.ts')]);
    },
  },
  {
    name: 'file-bomb',
    does: 'brings thousands of files',
    row: 'ours',
    exercise: 'sdpa',
    reason: /at most 64 files, got more/,
    folder: (folder) => {
      for (let i = 0; i < 70; i++) writeFileSync(join(folder, `part-${i}.ts`), '');
    },
  },
  {
    name: 'folder-bomb',
    does: 'brings a tree of folders that takes for ever to walk',
    row: 'ours',
    exercise: 'sdpa',
    reason: /at most 2000 files and folders, got more/,
    folder: (folder) => {
      for (let i = 0; i < 50; i++) for (let j = 0; j < 50; j++) mkdirSync(join(folder, `a${i}`, `b${j}`), { recursive: true });
    },
  },
  {
    name: 'large-file',
    does: 'brings a file of a megabyte of blanks',
    row: 'ours',
    exercise: 'sdpa',
    reason: /at most 524288 bytes/,
    folder: (folder) => writeFileSync(join(folder, 'blank.ts'), ' '.repeat(2 ** 20)),
  },
  {
    name: 'file-name',
    does: 'has a file whose name repaints the terminal',
    row: 6,
    exercise: 'sdpa',
    reason: /a file name of visible characters, got "\?\[2Jpassed\.ts"/,
    folder: (folder) => writeFileSync(join(folder, '\u001b[2Jpassed.ts'), '!'),
  },
  {
    name: 'own-suite',
    does: 'brings a hidden suite, a test configuration and packages of its own, and no solution',
    row: 23,
    exercise: 'sdpa',
    reason: /which this exercise may not use/,
    folder: (folder) => {
      mkdirSync(join(folder, 'node_modules', 'answers'), { recursive: true });
      renameSync(join(folder, 'honest.ts'), join(folder, 'node_modules', 'answers', 'index.ts'));
      writeFileSync(join(folder, 'node_modules', 'answers', 'package.json'), '{"name":"answers","exports":"./index.ts"}');
      writeFileSync(join(folder, 'hidden.test.ts'), "import { test } from 'vitest'; test('mine', () => {});");
      writeFileSync(join(folder, 'vitest.config.ts'), 'export default { test: { include: [] } };');
      writeFileSync(join(folder, 'attention.ts'), "export { attention } from 'answers';");
    },
  },
];
