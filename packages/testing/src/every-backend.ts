/** Runs the same tests on every backend of this machine; one that is absent is reported as not run, by name. */
import { type BackendName, backendNames, useBackend } from '@llm-ladder/backend';
import { beforeAll, describe, test } from 'vitest';

/** Why a backend cannot run here. */
export const absent = new Map<BackendName, string>();
for (const name of backendNames) {
  await useBackend(name).catch((error: Error) => absent.set(name, error.message));
}

/** Registers `tests` once per backend, with that backend in use. */
export function onEveryBackend(tests: (backend: BackendName) => void, names: readonly BackendName[] = backendNames): void {
  for (const name of names) {
    const reason = absent.get(name);
    if (reason !== undefined) {
      test.skip(`${name}: not run (${reason})`, () => {});
      continue;
    }
    describe(name, () => {
      beforeAll(async () => void (await useBackend(name)));
      tests(name);
    });
  }
}
