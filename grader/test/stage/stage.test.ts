import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { beforeEach, expect, test } from 'vitest';
import { readSubmission, readVisibleTests, stageCaps } from '../../src/stage/stage.ts';

let top: string;
let folder: string;
beforeEach(() => {
  top = temporaryFolder();
  folder = join(top, '01-sdpa');
  mkdirSync(folder);
  put('attention.ts', 'export const a = 1;\n');
});
function put(path: string, text: string | Uint8Array): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

async function refusal(options = {}): Promise<string> {
  const error = await readSubmission(folder, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).message.replaceAll(top, '').replaceAll('\\', '/');
}

test('reads sources and data, in subfolders too', async () => {
  put('parts/mask.ts', '// 掩码');
  put('data/table.json', '{}');
  expect(await readSubmission(folder)).toEqual({
    'attention.ts': 'export const a = 1;\n',
    'data/table.json': '{}',
    'parts/mask.ts': '// 掩码',
  });
});

test('leaves tests, configuration, dot files, packages and everything else out', async () => {
  const unwanted = [
    'attention.test.ts',
    'a.spec.ts',
    'vitest.config.ts',
    'vitest.setup.ts',
    'vitest.workspace.ts',
    'setup.ts',
    'types.d.ts',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'biome.json',
    '.npmrc',
    '.vscode/settings.json',
    '.hidden.ts',
    'node_modules/x/index.ts',
    'attention.js',
    'attention.mjs',
    'attention.ts.new',
    'README.md',
    'a.node',
  ];
  for (const path of unwanted) put(path, 'x');
  expect(Object.keys(await readSubmission(folder))).toEqual(['attention.ts']);
  expect(Object.keys(await readVisibleTests(folder))).toEqual(['a.spec.ts', 'attention.test.ts']);
});

test('names the file that is missing', async () => {
  rmSync(join(folder, 'attention.ts'));
  expect(await refusal({ entry: 'attention.ts' })).toBe('/01-sdpa/attention.ts: expected a file, got none');
  rmSync(folder, { recursive: true });
  expect(await refusal()).toBe('/01-sdpa: expected a folder, got none');
  writeFileSync(folder, 'x');
  expect(await refusal()).toBe('/01-sdpa: expected a folder, got a file');
});

test('names a folder that stands where a file should', async () => {
  rmSync(join(folder, 'attention.ts'));
  mkdirSync(join(folder, 'attention.ts'));
  expect(await refusal()).toBe('/01-sdpa/attention.ts: expected a file, got a folder');
});

test.skipIf(process.platform === 'win32')('follows no link out of the folder, and links inside it', async () => {
  writeFileSync(join(top, 'solution.ts'), 'secret');
  symlinkSync('attention.ts', join(folder, 'same.ts'));
  expect((await readSubmission(folder))['same.ts']).toBe('export const a = 1;\n');
  symlinkSync('../solution.ts', join(folder, 'x.ts'));
  expect(await refusal()).toBe('/01-sdpa/x.ts: expected a file of this folder, got a link to /solution.ts');
  rmSync(join(folder, 'x.ts'));
  symlinkSync('nowhere.ts', join(folder, 'x.ts'));
  expect(await refusal()).toBe('/01-sdpa/x.ts: expected a file, got none');
  rmSync(join(folder, 'x.ts'));
  symlinkSync('x.ts', join(folder, 'x.ts'));
  expect(await refusal()).toBe('/01-sdpa/x.ts: expected a file, got a link to itself');
});

test.skipIf(process.platform === 'win32')('walks no linked folder, and refuses an exercise that is a link to elsewhere', async () => {
  mkdirSync(join(top, 'solutions'));
  writeFileSync(join(top, 'solutions', 'a.ts'), 'secret');
  symlinkSync('../solutions', join(folder, 'parts'));
  expect(Object.keys(await readSubmission(folder))).toEqual(['attention.ts']);
  const tree = join(top, 'tree');
  mkdirSync(tree);
  symlinkSync('../solutions', join(tree, '01-sdpa'));
  await expect(readSubmission(join(tree, '01-sdpa'), { within: tree })).rejects.toThrow(
    /expected a folder inside .*tree, got a link to .*solutions/,
  );
});

test.skipIf(process.platform === 'win32')('does not wait at a named pipe', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe.ts')]);
  expect(await refusal()).toBe('/01-sdpa/pipe.ts: expected a file, got a special file');
});

test('caps the size of a file, of all files, and their number', async () => {
  put('big.ts', 'x'.repeat(stageCaps.fileBytes + 1));
  expect(await refusal()).toBe(`/01-sdpa/big.ts: expected at most ${stageCaps.fileBytes} bytes, got ${stageCaps.fileBytes + 1}`);
  rmSync(join(folder, 'big.ts'));
  for (let i = 0; i < 5; i++) put(`p${i}.ts`, 'x'.repeat(stageCaps.fileBytes - 1));
  expect(await refusal()).toMatch(/expected at most 2097152 bytes of sources, got more/);
  for (let i = 0; i < stageCaps.files; i++) put(`p${i}.ts`, 'x');
  expect(await refusal()).toMatch(/expected at most 64 files, got more/);
});

test('says when a file is not UTF-8 and takes a byte order mark away', async () => {
  put('attention.ts', Buffer.from([0xef, 0xbb, 0xbf, 0x61]));
  expect(await readSubmission(folder)).toEqual({ 'attention.ts': 'a' });
  put('attention.ts', Buffer.from([0x61, 0xff, 0xfe]));
  expect(await refusal()).toBe('/01-sdpa/attention.ts: expected text in UTF-8, got bytes that are not');
});

// Root reads everything.
test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('says when a file may not be read', async () => {
  chmodSync(join(folder, 'attention.ts'), 0);
  expect(await refusal()).toBe('/01-sdpa/attention.ts: expected a file that can be read, got no permission to read it');
});
