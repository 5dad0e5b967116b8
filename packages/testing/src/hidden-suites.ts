/** Hidden suites on the backends that no verdict uses. `ladder verify` runs them on WASM; nothing of them is written a second time for the others. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { type BackendName, backendNames } from '@llm-ladder/backend';
import { type Exercise, loadCatalog, programFor, referenceSuite } from '@llm-ladder/grader';
import { describe, test } from 'vitest';
import { absent, onEveryBackend } from './every-backend.ts';

const others: readonly BackendName[] = backendNames.filter((name) => name !== 'wasm');

export interface HiddenSuitesOptions {
  /** Slugs of exercises that take too long on plain JavaScript. */
  readonly leaveOut?: readonly string[];
  /** Tests that train and run all the same: those that are soon done. */
  readonly train?: readonly string[];
}

/**
 * Registers the hidden tests of a module, found from its `test` folder, once per backend other than WASM, with the references as the programs under test.
 * Not among them are tests that train, unless named, and exercises that never touch a tensor. Throws where a name in the options is none.
 */
export async function hiddenSuitesOnEveryBackend(
  testFolder: string,
  { leaveOut = [], train = [] }: HiddenSuitesOptions = {},
): Promise<void> {
  const root = realpathSync(resolve(testFolder, '..'));
  const module = (await loadCatalog(root)).modules.find((one) => one.root === root);
  if (module === undefined) throw new Error(`${root}: expected a module of the course, got none`);
  const here = others.filter((name) => !absent.has(name));
  const unused = new Set([...leaveOut, ...train]);
  for (const exercise of module.exercises) {
    if (unused.delete(exercise.slug) || !(await usesTensors(exercise))) continue;
    const suites = new Map(await Promise.all(here.map(async (name) => [name, await referenceSuite(exercise, name)] as const)));
    for (const { name } of [...suites.values()].flat()) unused.delete(name);
    describe(exercise.id, () => {
      onEveryBackend((backend) => {
        for (const { name, trains, notRun, run } of suites.get(backend)!) {
          if (trains && !train.includes(name)) continue;
          if (notRun === undefined) test(name, run);
          else test.skip(`${name} (${notRun})`, run);
        }
      }, others);
    });
  }
  if (unused.size > 0) throw new Error(`${module.id}: expected exercises and tests that are there, got ${[...unused].join(', ')}`);
}

async function usesTensors(exercise: Exercise): Promise<boolean> {
  const { files, modules } = await programFor(exercise, 'reference');
  return Object.values({ ...files, ...modules }).some((text) => /^import \{[^}]*\btf\b[^}]*\} from '@llm-ladder\/backend'/m.test(text));
}
