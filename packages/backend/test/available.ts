/** Which backends this machine has: a test that cannot run says so by name. */
import { test } from 'vitest';
import { type BackendName, backendNames, useBackend } from '../src/index.ts';

export interface Available {
  readonly name: BackendName;
  /** Why it cannot run; undefined when it can. */
  readonly reason: string | undefined;
}

/** Starts each backend once. */
export async function availableBackends(names: readonly BackendName[] = backendNames): Promise<Available[]> {
  const found: Available[] = [];
  for (const name of names) {
    const reason = await useBackend(name).then(
      () => undefined,
      (error: Error) => error.message,
    );
    found.push({ name, reason });
  }
  return found;
}

/** Registers one skipped test that carries the backend's name and the reason, and prints both. */
export function reportNotRun({ name, reason }: Available): void {
  console.warn(`${name}: not run (${reason})`);
  test.skip(`${name}: not run (${reason})`, () => {});
}
