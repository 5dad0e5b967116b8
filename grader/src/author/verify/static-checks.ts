/** What can be said about an exercise without running it: words, imports, the gate. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { missingFiles } from '../../catalog/catalog.ts';
import { needsOf } from '../../catalog/needs.ts';
import type { Exercise } from '../../catalog/types.ts';
import { exportedNames } from '../../format/exports.ts';
import type { Mutants } from '../../format/mutants.ts';
import { cutStub } from '../../format/regions.ts';
import type { Suite, SuiteTest } from '../../suite/types.ts';

/** Code tokens in a row that a hint may share with the solution; more is the solution's text. */
const SHARED_TOKENS = 7;

/** Fewer wrong solutions say little about the tests. */
const FEWEST_MUTANTS = 10;

/** Problems with the files of an exercise, as sentences. */
export async function checkFiles(exercise: Exercise): Promise<string[]> {
  const missing = missingFiles(exercise);
  if (missing.length > 0) return missing.map((file) => `${file} is missing`);
  const reference = await readFile(exercise.referenceFile, 'utf8');
  const problems: string[] = [];
  const stub = cutStub(reference, { where: exercise.manifest.file, packageName: exercise.module.packageName, exercise: exercise.id });
  if (!stub.includes('// TODO: ')) problems.push('the stub has no TODO line');
  problems.push(
    ...hintsThatTell(exercise, reference),
    ...(await unequalHeadings(exercise)),
    ...(await wrongImports(exercise)),
    ...wrongAsync(exercise, reference),
  );
  return problems;
}

/** Problems with the suite and its controls, as sentences. */
export function checkSuite({ entries }: Suite, { mutants, naive = [] }: Mutants): string[] {
  const problems: string[] = [];
  const tests = entries.filter((entry): entry is SuiteTest => entry.kind === 'test');
  const thresholds = entries.filter((entry) => entry.kind === 'performance');

  const gates = tests.filter(({ options }) => options.gate);
  if (gates.length !== 1) problems.push(`expected one test with gate: true, got ${gates.length}`);
  for (const { name, options } of gates)
    if (options.trains) problems.push(`the gate '${name}' trains: everything waits for it, so it must be quick`);

  for (const { name, options, kind } of entries) {
    if (options.zh.trim() === '') problems.push(`'${name}' has no Chinese name`);
    const feedback = kind === 'test' ? options.untrusted : options.kind === 'kernels';
    if (feedback && options.points > 1)
      problems.push(`'${name}' rests on the box's own word: expected at most 1 point, got ${options.points}`);
  }
  if (mutants.length < FEWEST_MUTANTS) problems.push(`expected at least ${FEWEST_MUTANTS} mutants, got ${mutants.length}`);
  const names = new Set(tests.map(({ name }) => name));
  for (const mutant of mutants)
    for (const killer of namedKillers(mutant.killedBy))
      if (!names.has(killer)) problems.push(`mutant '${mutant.name}': no test is named '${killer}'`);
  for (const { name, fails } of naive)
    if (!thresholds.some((one) => one.name === fails)) problems.push(`naive control '${name}': no threshold is named '${fails}'`);
  for (const { name } of thresholds)
    if (!naive.some(({ fails }) => fails === name)) problems.push(`threshold '${name}' has no naive control that fails it`);
  for (const list of [mutants, naive]) {
    const twice = list.find(({ name }, index) => list.findIndex((other) => other.name === name) !== index);
    if (twice) problems.push(`two controls are named '${twice.name}'`);
  }
  return problems;
}

export function namedKillers(killedBy: string | readonly string[]): readonly string[] {
  return typeof killedBy === 'string' ? [killedBy] : killedBy;
}

/** Hints with a run of tokens out of the learner's regions. */
function hintsThatTell({ manifest }: Exercise, reference: string): string[] {
  const regions = [...reference.matchAll(/\/\/ ?#region[^\n]*\n([\s\S]*?)\/\/ ?#endregion/g)].map((match) => tokens(match[1]!));
  const known = new Set(regions.flatMap((region) => runs(region)));
  const problems: string[] = [];
  for (const [index, hint] of manifest.hints.entries()) {
    for (const language of ['en', 'zh'] as const) {
      const told = runs(tokens(hint[language])).find((run) => known.has(run));
      if (told) problems.push(`hint ${index + 1} (${language}) has the solution's text: ${told}`);
    }
  }
  return problems;
}

function tokens(text: string): string[] {
  return text.replace(/\/\/[^\n]*/g, '').match(/[A-Za-z_$][\w$]*|\d+(?:\.\d+)?|[^\s\w]/g) ?? [];
}

function runs(list: readonly string[]): string[] {
  const length = SHARED_TOKENS + 1;
  return Array.from({ length: Math.max(0, list.length - length + 1) }, (_, i) => list.slice(i, i + length).join(' '));
}

async function unequalHeadings({ courseDir }: Exercise): Promise<string[]> {
  const [en, zh] = await Promise.all(
    ['README.md', 'README.zh.md'].map(async (name) => headings(await readFile(path.join(courseDir, name), 'utf8'))),
  );
  if (en!.join(' ') === zh!.join(' ')) return [];
  return [`README.md and README.zh.md have other headings: ${en!.join(' ')} against ${zh!.join(' ')}`];
}

/** Levels of the headings, in order: '# ## ##'. */
function headings(markdown: string): string[] {
  return [...markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').matchAll(/^(#{1,6})\s/gm)].map((match) => match[1]!);
}

/** What the reference imports must be there, and come before it. */
async function wrongImports(exercise: Exercise): Promise<string[]> {
  return needsOf(exercise).then(
    () => [],
    (error: Error) => [error.message],
  );
}

function wrongAsync({ manifest }: Exercise, reference: string): string[] {
  const names = [...exportedNames(reference)];
  return (manifest.async ?? [])
    .filter((name) => !names.includes(name))
    .map((name) => `async: expected one of the exports of ${manifest.file} (${names.join(', ')}), got ${JSON.stringify(name)}`);
}
