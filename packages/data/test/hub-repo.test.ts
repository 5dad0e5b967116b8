import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { downloadHubFile } from '../src/fetch-hub-file.ts';
import { openHubRepo } from '../src/hub-client.ts';
import { newCache } from './add-hub-set.ts';
import { COMMIT, type FakeDataset, fakeHub } from './fake-hub.ts';

const weights = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
const model: FakeDataset = {
  kind: 'model',
  files: { 'config.json': '{}', 'onnx/model.parquet': weights }, // what ends in .parquet is large in this Hub
  card: { license: 'apache-2.0' },
};
const open = (repo: string, revision?: string) =>
  openHubRepo({
    kind: 'model',
    repo,
    ...(revision !== undefined && { revision }),
    asking: { where: `model add hf:${repo}` },
    command: `ladder model add hf:${repo}`,
  });

test('a model: its commit, licence and files, and a file with the SHA-256 that the Hub states', async () => {
  const cache = newCache();
  await fakeHub({ 'me/net': model });
  const repo = await open('me/net');
  expect([repo.commit, repo.licence, repo.card]).toEqual([COMMIT, 'apache-2.0', { license: 'apache-2.0' }]);
  const files = await repo.list();
  const sha256 = createHash('sha256').update(weights).digest('hex');
  expect(files).toEqual([
    { path: 'config.json', size: 2 },
    { path: 'onnx/model.parquet', size: 5000, sha256 },
  ]);
  expect([await repo.find('onnx'), await repo.find('config.json'), await repo.find('none')]).toEqual(['folder', files[0], undefined]);
  const to = join(cache, 'file');
  let bytes = 0;
  expect(await downloadHubFile(repo, files[1]!, { to, onBytes: (some) => (bytes += some) })).toBe(sha256);
  expect([readFileSync(to), bytes]).toEqual([weights, 5000]);
  expect(await downloadHubFile(repo, files[1]!, { to, bytes: 10 })).toBe(
    createHash('sha256').update(weights.subarray(0, 10)).digest('hex'),
  );
});

test('what is refused names the model and its command', async () => {
  const cache = newCache();
  await fakeHub({ 'me/net': { ...model, sha256: 'a'.repeat(64) }, 'me/texts': { files: {} } });
  await expect(open('me/none')).rejects.toThrow(
    'model add hf:me/none: expected a model that is there and open to you, got 401 (RepoNotFound)',
  );
  await expect(open('me/texts')).rejects.toThrow('expected a model that is there'); // a dataset is none
  await expect(open('me/net', 'old')).rejects.toMatchObject({
    message: 'model add hf:me/net: expected a revision of me/net, got old',
    hint: 'ladder model add hf:me/net',
  });
  const repo = await open('me/net');
  const file = (await repo.list())[1]!;
  await expect(downloadHubFile(repo, file, { to: join(cache, 'file') })).rejects.toThrow(
    `model add hf:me/net: onnx/model.parquet: expected SHA-256 ${'a'.repeat(64)}`,
  );
});
