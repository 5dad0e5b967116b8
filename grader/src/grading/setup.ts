/** What every exercise of one run shares: the box, the backend, the seed. */
import { randomBytes } from 'node:crypto';
import { type BoxBackend, type Driver, strongestDriver } from '../box/index.ts';
import { requireStrong } from './strong-box.ts';

export interface Setup {
  readonly backend: BoxBackend;
  readonly driver: Driver;
  readonly seed: string;
  readonly strict: boolean;
  readonly thresholds: boolean;
}

export interface SetupOptions {
  readonly backend?: string | undefined;
  readonly strict?: boolean | undefined;
  readonly thresholds?: boolean | undefined;
  readonly seed?: string | undefined;
}

/** Chooses the box and the backend. What grades runs on `wasm` unless told otherwise, so that a verdict is the same everywhere. */
export async function gradingSetup({ backend = 'wasm', strict = false, thresholds = true, seed }: SetupOptions): Promise<Setup> {
  const driver = await strongestDriver();
  if (strict) requireStrong(driver, []);
  return { backend: await resolveBackend(backend), driver, strict, thresholds, seed: seed ?? randomBytes(8).toString('hex') };
}

async function resolveBackend(name: string): Promise<BoxBackend> {
  if (name !== 'auto') return name as BoxBackend; // the command line takes known names only
  const { useBackend } = await import('@llm-ladder/backend');
  return useBackend('auto');
}
