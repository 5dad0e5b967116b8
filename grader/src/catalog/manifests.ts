/** Reads the manifests of a module and of its exercises, with one clear error about the first fault. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LadderError, UsageError } from '@llm-ladder/backend/errors';
import type { z } from 'zod';
import { type CheckedManifest, exerciseSchema, type ModuleManifest, moduleSchema } from '../format/manifest.ts';

export interface ExerciseFolder {
  /** `01-sdpa`. */
  readonly name: string;
  readonly order: number;
  readonly slug: string;
}

const folderRule = /^(\d\d)-([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/;

/** The manifest of a module. UsageError when it is not there, does not load, or does not hold. */
export async function readModule(file: string, where: string): Promise<ModuleManifest> {
  return checkManifest(moduleSchema, await importDefault(file, where, 'defineModule'), where);
}

/** The manifest of an exercise. UsageError when it is not there, does not load, or does not hold. */
export async function readExercise(file: string, where: string): Promise<CheckedManifest> {
  return checkManifest(exerciseSchema, await importDefault(file, where, 'defineExercise'), where);
}

/** The exercises' folders of a course, in the order of their numbers. UsageError when there is none, for a name that is no `<nn>-<slug>`, and for a number or a slug that comes twice. */
export function exerciseFolders(courseDir: string, where: string): ExerciseFolder[] {
  const found: ExerciseFolder[] = [];
  for (const entry of readdirSync(courseDir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!entry.isDirectory() || !isExercise(join(courseDir, entry.name))) continue;
    const folder = `${where}/${entry.name}`;
    const [, number, slug] = folderRule.exec(entry.name) ?? [];
    if (number === undefined || slug === undefined || number === '00') {
      throw new UsageError(folder, 'a folder of an exercise named like 01-my-slug', JSON.stringify(entry.name), {
        hint: 'docs/authoring.md',
      });
    }
    const order = Number(number);
    const twin = found.find((one) => one.order === order || one.slug === slug);
    if (twin !== undefined) {
      const [what, value] = twin.order === order ? ['number', number] : ['slug', slug];
      throw new UsageError(folder, `a ${what} of its own`, `${value}, the ${what} of ${twin.name}`);
    }
    found.push({ name: entry.name, order, slug });
  }
  if (found.length === 0) {
    throw new UsageError(where, 'at least one exercise, in a folder like 01-my-slug with an exercise.ts', 'none', {
      hint: 'ladder new exercise <module>/<slug> makes one',
    });
  }
  return found;
}

/** A folder that is named like an exercise, or has a manifest; not the shared files of a course, and not what is left of a folder that was renamed. */
function isExercise(folder: string): boolean {
  if (['exercise.ts', 'exercise.js'].some((name) => existsSync(join(folder, name)))) return true;
  return (
    folderRule.test(folder.split(/[\\/]/).at(-1)!) &&
    readdirSync(folder, { recursive: true, withFileTypes: true }).some((one) => one.isFile())
  );
}

async function importDefault(file: string, where: string, maker: 'defineModule' | 'defineExercise'): Promise<unknown> {
  const kind = maker === 'defineModule' ? 'a module' : 'an exercise';
  if (!existsSync(file)) throw new UsageError(where, `the manifest of ${kind}`, 'no file');
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as typeof loaded;
  } catch (error) {
    if (LadderError.isInstance(error)) throw error;
    const { message } = error as Error;
    throw new UsageError(where, `the manifest of ${kind}, as a file that loads`, message.split('\n')[0] ?? 'an error', { cause: error });
  }
  if (loaded.default === undefined) throw new UsageError(where, `export default ${maker}({ ... })`, 'no default export');
  return loaded.default;
}

/** The manifest, or one UsageError about its first fault: `packages/x/course/01-scale/exercise.ts: minutes: expected number, got "3"`. */
export function checkManifest<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [first, ...others] = result.error.issues;
  const more = others.length === 0 ? '' : ` (and ${others.length} more to fix after it)`;
  throw faultOf(first!, value, where, more);
}

function faultOf(issue: z.core.$ZodIssue, value: unknown, where: string, more: string): UsageError {
  let path = [...issue.path];
  let expected = issue.message.replace(/^expected /, '').replace(/, got .*$/, '');
  if (issue.code === 'unrecognized_keys') {
    path = [...path, issue.keys[0]!];
    expected = 'no such field (a typo?)';
  } else if (issue.code === 'invalid_type') expected = issue.expected;
  else if (issue.code === 'invalid_value') expected = issue.values.map((one) => JSON.stringify(one)).join(' or ');
  else if (issue.code === 'too_small')
    expected = `${issue.origin === 'array' ? 'a list of ' : ''}${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
  else if (issue.code === 'too_big')
    expected = `${issue.origin === 'array' ? 'a list of ' : ''}${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
  const got = path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? at[key as never] : undefined), value);
  const text = got === undefined ? 'nothing' : (JSON.stringify(got) ?? String(got));
  const dotted = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return new UsageError(
    `${where}: ${dotted.replace(/^\./, '') || 'default export'}`,
    expected,
    `${text.length > 80 ? `${text.slice(0, 77)}...` : text}${more}`,
    {
      hint: 'docs/authoring.md lists every field of a manifest',
    },
  );
}
