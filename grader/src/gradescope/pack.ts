/** Tarballs of the grader, of course modules and of everything that comes with them, whether they are installed or being written in a workspace. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { GraderError } from '@llm-ladder/backend/errors';
import { needsOf } from '../catalog/needs.ts';
import { findInstalled } from '../catalog/packages.ts';
import type { ModuleInfo } from '../catalog/types.ts';
import { npm, shellWord } from '../system/npm.ts';

export interface OwnPackage {
  readonly name: string;
  /** Its folder, symlinks resolved. */
  readonly root: string;
}

const graderRoot = join(import.meta.dirname, '..', '..'); // from src/gradescope and from dist/gradescope alike

/** The modules and, with them, every module that their exercises build on: without those none of these runs. */
export async function withNeeds(modules: readonly ModuleInfo[]): Promise<readonly ModuleInfo[]> {
  const all = new Set(modules);
  for (const module of all) {
    const needs = await Promise.all(module.exercises.map(needsOf));
    for (const need of needs.flatMap(({ exercises }) => exercises)) all.add(need.module);
  }
  return [...all];
}

/** The packages that an archive must bring itself: modules, the grader, and what of the course they depend on. The rest comes from a registry. */
export function ownPackages(modules: readonly ModuleInfo[]): readonly OwnPackage[] {
  const all = new Map<string, OwnPackage>();
  const add = (name: string, root: string): void => {
    if (all.has(name)) return;
    all.set(name, { name, root });
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies?: Record<string, string> };
    for (const other of Object.keys(dependencies ?? {})) {
      const ours = other.startsWith('@llm-ladder/') || modules.some(({ packageName }) => packageName === other);
      const folder = ours ? findInstalled(root, other) : undefined;
      if (folder !== undefined) add(other, folder);
    }
  };
  add('@llm-ladder/grader', graderRoot);
  for (const { packageName, root } of modules) add(packageName, root);
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Packs one package into a folder and returns the tarball's name: `transformer.tgz`. GraderError when it cannot be built or packed. */
export async function pack({ name, root }: OwnPackage, folder: string): Promise<string> {
  const fresh = await mkdtemp(join(folder, '.pack-')); // for one package, so that its tarball is the only file there
  try {
    const workspace = workspaceOf(root);
    if (workspace !== undefined) await packSource(workspace, root, fresh);
    else {
      const installed = root.includes(`${sep}node_modules${sep}`); // as it was published: its own scripts have run already
      await npm(root, ['pack', ...(installed ? ['--ignore-scripts'] : []), '--pack-destination', shellWord(relative(root, fresh))]);
    }
    const [tarball] = await readdir(fresh);
    if (tarball === undefined) throw new GraderError('install', `${root}: expected npm pack to write a tarball, got none`);
    const file = `${name
      .replace(/^@llm-ladder\//, '')
      .replace(/^@/, '')
      .replace('/', '-')}.tgz`;
    await rename(join(fresh, tarball), join(folder, file));
    return file;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

function workspaceOf(root: string): string | undefined {
  return [dirname(root), dirname(dirname(root))].find((folder) => existsSync(join(folder, 'pnpm-workspace.yaml')));
}

/** pnpm writes versions where a workspace's package.json has `workspace:`, and the exports of the built files. */
async function packSource(workspace: string, root: string, folder: string): Promise<void> {
  const pnpm = join(workspace, 'node_modules', 'pnpm', 'bin', 'pnpm.mjs');
  for (const words of [
    ['run', 'build'],
    ['pack', '--pack-destination', folder],
  ]) {
    try {
      const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
      await promisify(execFile)(process.execPath, [pnpm, ...words], { cwd: root, env: { ...process.env, PATH: path }, maxBuffer: 1 << 24 });
    } catch (cause) {
      const { stdout, message } = cause as { stdout?: string; message: string };
      const said = (stdout || message).trim().split('\n').slice(-5).join('\n');
      throw new GraderError('install', `pnpm ${words[0]} in ${root}: expected it to succeed, got\n${said}`, { cause });
    }
  }
}
