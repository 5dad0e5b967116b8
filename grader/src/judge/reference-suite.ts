/** A hidden suite on its own reference, on any backend: what a verdict rests on holds on WASM, and on the others too. */
import type { BackendName } from '@llm-ladder/backend';
import { absentOf, notHere, requirementsOf } from '../assets/required.ts';
import type { Exercise } from '../catalog/types.ts';
import { collectSuite } from '../suite/collect.ts';
import { freshSeed } from '../suite/random.ts';
import type { SuiteTest } from '../suite/types.ts';
import { openContext } from './run-test.ts';

export interface ReferenceTest {
  readonly name: string;
  /** It takes long: it trains a model. */
  readonly trains: boolean;
  /** Why it cannot run here; undefined where it can. */
  readonly notRun: string | undefined;
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
  const run = async (entry: SuiteTest): Promise<void> => {
    const seed = freshSeed();
    const { run: within, close } = openContext(exercise, hosts, seed, entry);
    try {
      await within(entry.fn);
    } catch (error) {
      if (error instanceof Error) error.message += `\nrandom seed ${seed}`;
      throw error;
    } finally {
      await close();
    }
  };
  return entries
    .filter((entry) => entry.kind === 'test')
    .map((entry) => {
      const missing = absentOf(requirementsOf(exercise, entry));
      const notRun = missing.length > 0 ? notHere(missing) : undefined;
      return { name: entry.name, trains: entry.options.trains ?? false, notRun, run: () => run(entry) };
    });
}
