/** What a hidden suite does under plain vitest: it grades the reference solution of the folder it lies in. */
import path from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { absentOf, notHere, requirementsOf } from '../assets/required.ts';
import type { Value } from '../box/values.ts';
import { loadCatalog, programFor } from '../catalog/catalog.ts';
import type { Exercise } from '../catalog/types.ts';
import { freshSeed, type Random } from '../suite/random.ts';
import type { SuiteEntry, SuiteThreshold } from '../suite/types.ts';
import { ProgramHost } from './program-host.ts';
import { ReferenceHost } from './reference-host.ts';
import { type Hosts, openContext } from './run-test.ts';
import { judgeCalls, judgeKernels } from './thresholds/counts.ts';
import { runUntimed } from './thresholds/untimed.ts';

interface Setting {
  readonly exercise: Exercise;
  readonly hosts: Hosts;
}

const settings = new Map<string, Promise<Setting>>();

/** Runs one entry of the suite in `file` against the reference; throws what the test throws. Where it cannot run here, says why. */
export async function runEntry(file: string, entry: SuiteEntry): Promise<string | undefined> {
  let setting = settings.get(file);
  if (!setting) {
    setting = prepare(file);
    settings.set(file, setting);
  }
  const { exercise, hosts } = await setting;
  const missing = absentOf(requirementsOf(exercise, entry));
  if (missing.length > 0) return notHere(missing);
  const seed = freshSeed();
  try {
    if (entry.kind === 'performance') await lookOnce(entry, exercise, hosts, seed);
    else {
      hosts.learner.startTest(entry.name, entry.options.timeoutMs);
      const { run, close } = openContext(exercise, hosts, seed, entry);
      try {
        await run(entry.fn);
      } finally {
        await close();
      }
    }
  } catch (error) {
    if (error instanceof Error) error.message += `\nrandom seed ${seed}`;
    throw error;
  }
  return undefined;
}

export async function closeBoxes(): Promise<void> {
  const all = [...settings.values()];
  settings.clear();
  for (const setting of await Promise.all(all)) await Promise.all([setting.hosts.learner.close(), setting.hosts.reference.close()]);
}

async function prepare(file: string): Promise<Setting> {
  const catalog = await loadCatalog(path.dirname(file));
  const exercise = catalog.modules
    .flatMap((module) => module.exercises)
    .find(({ suiteFile }) => path.resolve(suiteFile) === path.resolve(file));
  if (!exercise) throw new UsageError(file, 'the hidden suite of an exercise that its module lists', 'none');
  const options = { driver: 'plain', backend: 'wasm' } as const;
  const hosts = {
    learner: new ProgramHost(exercise, await programFor(exercise, 'reference'), options),
    reference: new ReferenceHost(exercise, options),
  };
  return { exercise, hosts };
}

/** A threshold measures nothing here: one call, whose output must hold; counts are counted. */
async function lookOnce({ name, options }: SuiteThreshold, exercise: Exercise, hosts: Hosts, seed: string): Promise<void> {
  if (options.kind === 'calls' || options.kind === 'kernels') {
    const run = { exercise, hosts, seed };
    const { decision, details } = options.kind === 'calls' ? await judgeCalls(name, options, run) : await judgeKernels(name, options, run);
    if (decision !== 'passed')
      throw new Error(`${name}: expected at most ${JSON.stringify(options.atMost)}, got ${JSON.stringify(details)}`);
    return;
  }
  const makeInputs = (random: Random): readonly Value[] =>
    options.kind === 'growth' ? options.inputs(random, options.n) : options.inputs(random, 1);
  await runUntimed(name, options, makeInputs, { exercise, hosts, seed });
}
