/** The part of verify that nobody wrote: small slips in the reference, each of which a test must catch or a written reason must excuse. */
import { readFile } from 'node:fs/promises';
import { LearnerError } from '@llm-ladder/backend/errors';
import { programFor } from '../../catalog/catalog.ts';
import type { Exercise } from '../../catalog/types.ts';
import { ProgramHost } from '../../judge/program-host.ts';
import { ReferenceHost } from '../../judge/reference-host.ts';
import { type Hosts, runTest } from '../../judge/run-test.ts';
import type { SuiteTest } from '../../suite/types.ts';
import { type GeneratedMutant, generateMutants, sample } from './generate.ts';
import { type MutantsRun, SEED } from './mutants-run.ts';

const NOT_LOADED = 'cannot be loaded';

/** Checks the written reasons against the mutants there are; where asked for, runs the mutants against the tests, each until the first that fails. */
export async function verifyGenerated(exercise: Exercise, { suite, mutants, findings, setup, options }: MutantsRun): Promise<void> {
  const reasons = new Map(mutants.survivors?.flatMap(({ why, mutants: keys }) => keys.map((key) => [key, why] as const)));
  const wanted = setup.generate;
  if (!wanted && (reasons.size === 0 || !findings.full)) return; // reasons and mutants both come from texts that have not changed
  const all = await generateMutants(await readFile(exercise.referenceFile, 'utf8'), exercise.manifest.file);
  const keys = new Set(all.map(({ key }) => key));
  for (const key of reasons.keys()) if (!keys.has(key)) findings.problems.push(`survivors: no generated mutant is '${key}'`);
  if (!wanted) return;

  const chosen = wanted.sample === undefined ? all : sample(all, wanted.sample, `${wanted.seed ?? SEED} ${exercise.id}`);
  const tests = inOrder(suite.entries.filter((entry): entry is SuiteTest => entry.kind === 'test'));
  const killers = await Promise.all(
    chosen.map((mutant) =>
      setup.slot(() => {
        setup.step(`generated mutant, line ${mutant.line}: ${mutant.key}`);
        return firstKiller(exercise, mutant, tests, options);
      }),
    ),
  );
  const living = chosen.filter((_, i) => killers[i] === undefined);
  for (const { key, line } of living)
    if (!reasons.has(key)) findings.problems.push(`${exercise.manifest.file}:${line}: no test catches the generated mutant '${key}'`);
  for (const [i, { key }] of chosen.entries())
    if (killers[i] !== undefined && reasons.has(key))
      findings.problems.push(`survivors: '${key}' needs no reason: '${killers[i]}' catches it`);
  const killed = chosen.length - living.length;
  const excused = living.filter(({ key }) => reasons.has(key)).length;
  findings.generated = {
    made: all.length,
    ran: chosen.length,
    killed,
    excused,
    rate: killed === 0 ? 0 : killed / (chosen.length - excused),
    killers: countBy(killers.filter((killer) => killer !== undefined)),
    survivors: living.map(({ key, line }) => ({ key, line, reason: reasons.get(key) ?? null })),
  };
}

/** The gate, which catches most, then the quick tests, then those that train. */
function inOrder(tests: readonly SuiteTest[]): SuiteTest[] {
  const rank = (test: SuiteTest): number => (test.options.trains ? 2 : test.options.gate ? 0 : 1);
  return tests.toSorted((a, b) => rank(a) - rank(b));
}

/** The first test that fails on a mutant; undefined when all pass. */
async function firstKiller(
  exercise: Exercise,
  { text }: GeneratedMutant,
  tests: readonly SuiteTest[],
  options: MutantsRun['options'],
): Promise<string | undefined> {
  const program = await programFor(exercise, { referenceText: text });
  const hosts: Hosts = { learner: new ProgramHost(exercise, program, options), reference: new ReferenceHost(exercise, options) };
  try {
    await hosts.learner.open();
    for (const test of tests) {
      options.signal?.throwIfAborted();
      const { report } = await runTest(exercise, test, hosts, SEED); // an endless loop meets the limit that learners have
      if (report.status === 'failed') return report.name;
    }
    return undefined;
  } catch (error) {
    if (error instanceof LearnerError) return NOT_LOADED;
    throw error;
  } finally {
    await Promise.all([hosts.learner.close(), hosts.reference.close()]);
  }
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
