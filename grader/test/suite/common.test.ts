/** The common checks of plain exports: each fails on the wrong solution that it brings, and on no right one. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verify } from '../../src/author/verify.ts';
import { loadCatalog, programFor } from '../../src/catalog/catalog.ts';
import { setLang } from '../../src/format/words.ts';
import { judge } from '../../src/judge/judge.ts';
import { madeMutants } from '../../src/judge/made-mutants.ts';
import { allMutants, loadMutants } from '../../src/judge/patterns.ts';
import { collectSuite } from '../../src/suite/collect.ts';

const catalog = await loadCatalog(path.join(import.meta.dirname, '../fixtures/toy-agent'));
const exercise = catalog.find('tool-loop');

beforeAll(() => setLang('en'));
afterAll(() => setLang(undefined));

const start = '  const history = [...messages];\n';

/** Names of the tests that the reference fails with another first line, and something declared beside it. */
async function failing(line: string, declared = ''): Promise<string[]> {
  const reference = await readFile(exercise.referenceFile, 'utf8');
  expect(reference).toContain(start);
  const program = await programFor(exercise, { referenceText: `${declared}\n${reference.replace(start, line)}` });
  const options = { driver: 'plain', backend: 'cpu', seed: 'abc', gated: false, thresholds: false } as const;
  return (await judge(exercise, program, options)).tests.filter(({ status }) => status === 'failed').map(({ name }) => name);
}

test('a suite brings one wrong solution for each of its common checks, with words', async () => {
  const reference = await readFile(exercise.referenceFile, 'utf8');
  const made = madeMutants(await collectSuite(exercise.suiteFile), reference, exercise.manifest.file);
  expect(made.map(({ name, killedBy }) => [name, killedBy])).toEqual([
    ['runTools: changes its inputs', 'runTools: does not change its inputs'],
    ['runTools: another answer every second time', 'runTools: gives the same answer twice'],
    ['runTools: the first answer for ever', 'runTools: keeps nothing between calls'],
  ]);
  for (const { looksLike } of made)
    expect(looksLike).toEqual({ en: expect.stringMatching(/./), zh: expect.stringMatching(/\p{Script=Han}/u) });
  const written = await loadMutants(exercise);
  expect((await allMutants(exercise)).mutants).toEqual([...written.mutants, ...made]);
  const suite = await collectSuite(exercise.suiteFile);
  expect(() => madeMutants(suite, reference.replace('function runTools', 'function other'), 'f.ts')).toThrow(
    /a function declared in f\.ts/,
  );
});

test('verify runs them beside the written ones, and each dies by its own check', async () => {
  const { exercises } = await verify(catalog, { thresholds: false, driver: 'plain', backend: 'cpu' });
  const [report] = exercises;
  expect(report).toMatchObject({ solution: 'passed', stub: 'failed', survivors: [], idleTests: [] });
  expect(report?.mutants).toHaveLength(13);
  // The toy's derived.json knows of no mutant.
  expect(report?.problems).toEqual(['derived.json is stale (patterns): ladder verify --write toy-agent/tool-loop']);
}, 120_000);

test.each([
  ['a counter', `${start}  if (calls++ % 2 === 1) history.pop();\n`, 'let calls = 0;', 'runTools: gives the same answer twice'],
  [
    'a history that lives on',
    '  kept.push(...messages);\n  const history = kept;\n',
    'const kept: Message[] = [];',
    'runTools: keeps nothing between calls',
  ],
  ['messages that grow', '  const history = messages as Message[];\n', '', 'runTools: does not change its inputs'],
])(
  '%s is caught',
  async (_, line, declared, name) => {
    expect(await failing(line, declared)).toContain(name);
  },
  60_000,
);

test('what is right fails none of them', async () => {
  expect(await failing(start)).toEqual([]);
}, 60_000);
