/** A hidden suite on its own reference, on any backend: what a verdict rests on holds on WASM, and on the others too. */
import type { BackendName } from '@llm-ladder/backend';
import type { Exercise } from '../catalog/types.ts';
import { collectSuite } from '../suite/collect.ts';
import { freshSeed } from '../suite/random.ts';
import type { SuiteTest } from '../suite/types.ts';
import { openContext } from './run-test.ts';

export interface ReferenceTest {
  readonly name: string;
  /** It takes long: it trains a model. */
  readonly trains: boolean;
  /** Runs it once; rejects with what the test throws, the seed added. */
  readonly run: () => Promise<void>;
}

/**
 * The tests of an exercise's hidden suite (no thresholds), with the reference as the learner's program: in this process, on `backend`, without limits. What a test
 * calls `reference` stays on WASM, so that the two are computed apart. A run rejects with a BackendError where the backend is absent.
 */
export async function referenceSuite(exercise: Exercise, backend: BackendName): Promise<readonly ReferenceTest[]> {
  const { InProcessHost } = await import('./in-process.ts'); // brings TF.js along
  const { entries } = await collectSuite(exercise.suiteFile);
  const hosts = {
    learner: new InProcessHost(exercise, backend, 'learner'),
    reference: new InProcessHost(exercise, 'wasm', 'reference'),
  };
  const run = async ({ name, fn }: SuiteTest): Promise<void> => {
    const seed = freshSeed();
    const { run: within, close } = openContext(exercise, hosts, seed, name);
    try {
      await within(fn);
    } catch (error) {
      if (error instanceof Error) error.message += `\nrandom seed ${seed}`;
      throw error;
    } finally {
      await close();
    }
  };
  return entries
    .filter((entry) => entry.kind === 'test')
    .map((entry) => ({ name: entry.name, trains: entry.options.trains ?? false, run: () => run(entry) }));
}
