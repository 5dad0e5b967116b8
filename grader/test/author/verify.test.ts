import { describe, expect, test } from 'vitest';
import { checkGateInputs } from '../../src/author/verify/gate-inputs.ts';
import { checkFiles, checkSuite } from '../../src/author/verify/static-checks.ts';
import { openBox } from '../../src/box/index.ts';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { openReference } from '../../src/judge/judge.ts';
import { loadMutants } from '../../src/judge/patterns.ts';
import { collectSuite } from '../../src/suite/collect.ts';
import { copyToy, type Edits, manifest, mutants, reference, suite, verifyWith } from './verify-toy.ts';

test('a sound exercise passes, thresholds included, and the report says which test catches what', async () => {
  const steps: string[] = [];
  const { exercise } = await verifyWith({}, { thresholds: true, onProgress: ({ step }) => steps.push(step) });
  expect(exercise.problems.filter((problem) => !problem.includes('inconclusive'))).toEqual([]); // a busy machine may leave a threshold open
  expect(exercise).toMatchObject({ id: 'toy/softmax', solution: 'passed', stub: 'failed' });
  expect(exercise.survivors.filter((name) => !exercise.problems.some((problem) => problem.includes(name)))).toEqual([]);
  expect(exercise.controls).toEqual(['zeros', 'constant', 'copy-of-input', 'throw', 'endless loop'].map((name) => ({ name, score: 0 })));
  expect(exercise.mutants).toContainEqual({ name: 'no maximum taken away', killedBy: ['large scores stay finite'] });
  expect(exercise.idleTests).toEqual(['a shift of all scores changes nothing']);
  expect(steps).toContain('mutant no maximum taken away');
  expect(steps).toContain('threshold softmax keeps up with the reference');
}, 180_000);

test('what a mutant fails once and not again is the machine, and no pattern', async () => {
  const surprise = (times: number): Edits => ({
    [suite]: [
      [
        "test('a shift of all scores changes nothing', { points: 1, zh: '整体平移不改变结果' }, async ({ learner, random }) => {",
        `let surprises = ${times};
test('a shift of all scores changes nothing', { points: 1, zh: '整体平移不改变结果' }, async ({ learner, random }) => {
  const [low, high] = await learner.softmax([0, 1]);
  if (low > high && Math.abs(low + high - 1) < 1e-6 && surprises-- > 0) throw new Error('took too long');`,
      ],
    ],
  });
  expect((await verifyWith(surprise(1))).exercise.problems).toEqual([]);
  expect((await verifyWith(surprise(100))).exercise.problems).toEqual([
    'derived.json is stale (patterns): ladder verify --write toy/softmax',
  ]);
}, 60_000);

test('wrong mutants and controls are said, each by name', async () => {
  const { ok, exercise } = await verifyWith({
    [mutants]: [
      ["killedBy: 'large scores stay finite'", "killedBy: 'matches NumPy'"],
      ["name: 'takes empty input'", "name: 'accepts empty input'"],
      ["'x / total()'", "'x / (total() + 1)'"],
    ],
  });
  expect(ok).toBe(false);
  const problems = exercise.problems.join('\n');
  expect(problems).toContain("mutant 'no maximum taken away': expected 'matches NumPy' to fail, but only 'large scores stay finite' did");
  expect(problems).toContain("naive control 'sums again for each score' fails 'matches NumPy'");
  expect(problems).toContain('derived.json is stale (patterns): ladder verify --write toy/softmax');
});

test('weak tests are said: what a stub passes, what zeros pass, what no test catches', async () => {
  const { ok, exercise } = await verifyWith({
    [suite]: [
      ['await expect(learner.softmax([])).toReject(/at least one/);', 'await learner.softmax([]).catch(() => undefined);'],
      [
        'expect(await learner.softmax(scores)).toBeAllClose(expected);',
        'expect(await learner.softmax(scores)).toHaveShape([expected.length]);',
      ],
      ['.toBeAllClose(drawn.map((power) => power / total))', '.toHaveShape([4])'],
    ],
  });
  expect(ok).toBe(false);
  expect(exercise.problems).toContain("the stub passes 'no scores are refused'");
  const [unkind, wrong] = ['refuses with an error of another kind', ['powers of two', 'backwards', 'rounded to two digits']];
  expect(exercise.survivors).toEqual(['takes empty input', unkind, ...wrong]);
  expect(exercise.controls.find(({ name }) => name === 'zeros')?.score).toBeGreaterThan(0);
  expect(exercise.controls.find(({ name }) => name === 'throw')?.score).toBe(0);
});

test('a gate that sends the same inputs in every run is said', async () => {
  const stored = "the gate 'matches NumPy' sends the same inputs in every run";
  const drawn = 'Array.from(random.normal([4]).values, Math.exp)';
  const { ok, exercise } = await verifyWith({ [suite]: [[drawn, '[1, 2, 3, 4]']] });
  expect(ok).toBe(false);
  expect(exercise.problems.join('\n')).toContain(stored);

  const problems = async (edits: Edits): Promise<string> => {
    const changed = (await loadCatalog(await copyToy(edits))).find('softmax');
    const setup = { driver: 'plain', backend: 'wasm', open: openBox } as const;
    const { box } = await openReference(changed, setup);
    try {
      return (await checkGateInputs(changed, await collectSuite(changed.suiteFile), setup, box)).join('\n');
    } finally {
      await box.close();
    }
  };
  expect(await problems({})).toBe('');
  expect(await problems({ [suite]: [[drawn, '(random ? [1, 2, 3, 4] : [])']] })).toContain(stored);
  // What a callback answers is an input, too.
  const asked = {
    [suite]: [[drawn, '[1, 2, 3, 4]'], ['  const total', '  await learner.softmax([1, 2], async () => random.next()).catch(() => undefined);\n  const total']], // biome-ignore format: one line
    [reference]: [['scores: readonly number[]', 'scores: readonly number[], ask?: () => unknown'], ['{\n', '{\n  ask?.();\n']], // biome-ignore format: one line
  } satisfies Edits;
  expect(await problems(asked)).toBe('');
}, 120_000);

test('a solution that fails is said, with the test', async () => {
  const { ok, exercise } = await verifyWith({ [reference]: [['x / total', 'x / (total + 1)']] });
  expect(ok).toBe(false);
  expect(exercise.solution).toBe('failed');
  expect(exercise.problems.join('\n')).toMatch(/the solution fails 'matches NumPy': worst at \[2\]/);
  expect(exercise.problems.join('\n')).toMatch(/the solution fails the visible test 'two equal scores share'/);
});

test('a mutant whose text is not in the reference is a problem of its exercise', async () => {
  const { ok, exercise } = await verifyWith({ [mutants]: [["'Math.exp(x - top)'", "'Math.exp(x-top)'"]] });
  expect(ok).toBe(false);
  expect(exercise.problems.join('\n')).toMatch(/'no maximum taken away': expected .* exactly once in the reference, got 0 times/);
});

describe('generated mutants', () => {
  const unseen = 'argument: powers.reduce((sum, x) => sum + x, 0) -> powers.reduce((sum, x) => sum + x)';
  const excuse = (...keys: string[]): Edits => ({
    [mutants]: [['  naive: [', `  survivors: [{ why: 'there is a first power', mutants: ${JSON.stringify(keys)} }],\n  naive: [`]],
  });

  test('those that no test catches are said, with line and change', async () => {
    const { ok, exercise } = await verifyWith({}, { generate: {} });
    expect(ok).toBe(false);
    expect(exercise.problems).toEqual([`softmax.ts:10: no test catches the generated mutant '${unseen}'`]);
    expect(exercise.generated).toMatchObject({ made: 17, ran: 17, killed: 16, excused: 0, rate: 16 / 17 });
    expect(exercise.generated?.survivors).toEqual([{ key: unseen, line: 10, reason: null }]);
    expect(Object.values(exercise.generated!.killers).reduce((a, b) => a + b)).toBe(16);
  });

  test('a written reason excuses one', async () => {
    const { ok, exercise } = await verifyWith(excuse(unseen), { generate: {} });
    expect(exercise.problems).toEqual([]);
    expect(ok).toBe(true);
    expect(exercise.generated).toMatchObject({ killed: 16, excused: 1, rate: 1 });
    expect(exercise.generated?.survivors).toEqual([{ key: unseen, line: 10, reason: 'there is a first power' }]);
  });

  test('a reason without need is said, and one for no mutant even where none is generated', async () => {
    const caught = 'operator: x / total -> x * total';
    const { exercise } = await verifyWith(excuse(unseen, caught), { generate: {} });
    expect(exercise.problems).toEqual([`survivors: '${caught}' needs no reason: 'matches NumPy' catches it`]);
    const { exercise: other } = await verifyWith(excuse('operator: a -> b'));
    expect(other.problems).toEqual(["survivors: no generated mutant is 'operator: a -> b'"]);
    expect(other.generated).toBeUndefined();
  });

  test('an endless loop is caught, and a sample runs only its part', async () => {
    const loop = {
      [reference]: [['  const powers', '  let seen = 0;\n  while (seen < scores.length) seen += 1;\n  const powers']],
    } as Edits;
    const { exercise } = await verifyWith(loop, { generate: {} });
    const survivors = exercise.generated!.survivors.map(({ key }) => key);
    expect(survivors).not.toContain('condition: seen < scores.length -> true');
    expect(survivors).toContain('condition: seen < scores.length -> false');
    const { exercise: part } = await verifyWith({}, { generate: { sample: 3, seed: 'any' } });
    expect(part.generated).toMatchObject({ made: 17, ran: 3 });
  });
});

describe('what needs no box', () => {
  const cases: [string, Edits, RegExp][] = [
    [
      'a killer that does not exist',
      { [mutants]: [["killedBy: 'no scores are refused'", "killedBy: 'no such test'"]] },
      /no test is named 'no such test'/,
    ],
    ['fewer mutants than ten', { [mutants]: [['mutants: [', 'mutants: [].slice(), others: [']] }, /expected at least 10 mutants, got 0/],
    [
      'a second gate',
      { [suite]: [["points: 1, zh: '整体", "gate: true, points: 1, zh: '整体"]] },
      /expected one test with gate: true, got 2/,
    ],
    [
      'a hint with the solution in it',
      { [manifest]: [['Look at what happens to a score of 1000.', 'const powers = scores.map((x) => Math.exp(x - top))']] },
      /hint 1 \(en\) has the solution's text/,
    ],
    ['other headings in Chinese', { 'course/01-softmax/README.zh.md': [['## 任务', '### 任务']] }, /other headings: # ## against # ###/],
    [
      'a threshold without a naive control',
      { [mutants]: [["fails: 'softmax keeps up with the reference'", "fails: 'x'"]] },
      /threshold 'softmax keeps up with the reference' has no naive control/,
    ],
    [
      'an import of a file that is not there',
      { [reference]: [['export function', "import './other.ts';\nexport function"]] },
      /softmax\.ts:\d+: expected imports of files that exist, got @llm-ladder-test\/toy\/other/,
    ],
    [
      'an async export that is none',
      { [manifest]: [["file: 'softmax.ts',", "file: 'softmax.ts',\n  async: ['soft'],"]] },
      /async: expected one of the exports of softmax\.ts \(softmax\), got "soft"/,
    ],
  ];

  test.each(cases)('%s is said', async (_, edits, problem) => {
    const folder = await copyToy(edits);
    const read = async (): Promise<string[]> => {
      const exercise = (await loadCatalog(folder)).find('softmax');
      return [...(await checkFiles(exercise)), ...checkSuite(await collectSuite(exercise.suiteFile), await loadMutants(exercise))];
    };
    expect((await read().catch((error: Error) => [error.message])).join('\n')).toMatch(problem);
  });

  test('a sound exercise has nothing to say', async () => {
    const exercise = (await loadCatalog(await copyToy({}))).find('softmax');
    const problems = [...(await checkFiles(exercise)), ...checkSuite(await collectSuite(exercise.suiteFile), await loadMutants(exercise))];
    expect(problems).toEqual([]);
  });
});
