/** The archive that Gradescope takes: setup.sh and run_autograder at its root, beside them the course as packages with every version pinned. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { json } from '../author/module-template.ts';
import { projectPackage } from '../author/project-template.ts';
import type { Exercise } from '../catalog/types.ts';
import { npm } from '../system/npm.ts';
import { ownPackages, pack, withNeeds } from './pack.ts';
import { type ZipFile, zipOf } from './zip.ts';

/** What the archive grades, as `autograder.json` in it. */
export const planSchema = z.strictObject({
  version: z.literal(1),
  exercises: z.array(z.string()).min(1),
  thresholds: z.boolean(),
  lang: z.enum(['en', 'zh']),
});
export type Plan = z.infer<typeof planSchema>;

export const PLAN = 'autograder.json';

export interface ArchiveOptions extends Omit<Plan, 'version' | 'exercises'> {
  /** After how many minutes run_autograder stops by itself; Gradescope gives 0 points to one that it has to stop. */
  readonly minutes: number;
  /** Stands for npm and pnpm in tests. */
  readonly pack?: typeof pack;
  readonly lock?: (folder: string) => Promise<unknown>;
}

const scripts = join(import.meta.dirname, '..', '..', 'ci', 'gradescope');

/** The bytes of autograder.zip. GraderError when a package cannot be packed or its dependencies not be found. */
export async function buildArchive(exercises: readonly Exercise[], options: ArchiveOptions): Promise<Buffer> {
  const { minutes, pack: packOne = pack, lock = lockVersions, ...rest } = options;
  const folder = await mkdtemp(join(tmpdir(), 'ladder-gradescope-'));
  try {
    const modules = await withNeeds([...new Set(exercises.map(({ module }) => module))]);
    const tarballs: [name: string, file: string][] = [];
    for (const one of ownPackages(modules)) tarballs.push([one.name, await packOne(one, folder)]);
    const { optionalDependencies } = projectPackage('autograder');
    await writeFile(
      join(folder, 'package.json'),
      json({
        name: 'autograder',
        private: true,
        version: '0.0.0',
        type: 'module',
        dependencies: Object.fromEntries(tarballs.map(([name, file]) => [name, `file:${file}`])),
        optionalDependencies,
      }),
    );
    await lock(folder);
    const plan: Plan = { version: 1, exercises: exercises.map(({ id }) => id), ...rest };
    const run = await readFile(join(scripts, 'run_autograder'), 'utf8');
    const files: ZipFile[] = [
      { name: 'setup.sh', content: await readFile(join(scripts, 'setup.sh')), mode: 0o755 },
      { name: 'run_autograder', content: Buffer.from(run.replaceAll('@MINUTES@', String(minutes))), mode: 0o755 },
      { name: PLAN, content: Buffer.from(json(plan)) },
    ];
    for (const name of ['package.json', 'package-lock.json', ...tarballs.map(([, file]) => file)])
      files.push({ name, content: await readFile(join(folder, name)) });
    return zipOf(files);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A lock file with the version and the digest of everything that setup.sh will fetch; not with the address of a mirror that only this machine may know. */
function lockVersions(folder: string): Promise<string> {
  return npm(folder, ['install', '--package-lock-only', '--ignore-scripts', '--omit-lockfile-registry-resolved']);
}
