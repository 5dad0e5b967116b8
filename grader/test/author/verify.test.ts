import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VerifyExercise } from '../../src/author/verify/findings.ts';
import { checkFiles, checkSuite } from '../../src/author/verify/static-checks.ts';
import { verify } from '../../src/author/verify.ts';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { readPoints } from '../../src/catalog/derived.ts';
import { setLang } from '../../src/format/words.ts';
import { loadMutants } from '../../src/judge/patterns.ts';
import { collectSuite } from '../../src/suite/collect.ts';
import { toyDerived, toyFolder } from '../fixtures/toy.ts';

// A copy of the toy module per case, with one thing wrong in it; everything runs in real boxes.
let base = '';
beforeAll(async () => {
  setLang('en');
  base = await mkdtemp(path.join(os.tmpdir(), 'ladder verify-'));
  await symlink(path.resolve(import.meta.dirname, '../../src'), path.join(base, 'src'), 'dir');
});
afterAll(async () => {
  setLang(undefined);
  await rm(base, { recursive: true });
});

type Edits = Readonly<Record<string, readonly (readonly [find: string, put: string])[]>>;

const suite = 'course/01-softmax/hidden.test.ts';
const mutants = 'course/01-softmax/mutants.ts';
const manifest = 'course/01-softmax/exercise.ts';
const derived = 'course/01-softmax/derived.json';
const reference = 'src/softmax.ts';

/** The toy's gate is fixed, which the judge's tests count on; an author's must draw. */
const DRAWING: Edits[string] = [
  ['gate: true }, async ({ learner, golden }) => {', 'gate: true }, async ({ learner, golden, random }) => {'],
  [
    '  expect(await learner.softmax(scores)).toBeAllClose(expected);\n',
    `  expect(await learner.softmax(scores)).toBeAllClose(expected);
  const drawn = Array.from(random.normal([4]).values, Math.exp);
  const total = drawn.reduce((sum, power) => sum + power, 0);
  expect(await learner.softmax(drawn.map(Math.log))).toBeAllClose(drawn.map((power) => power / total));
`,
  ],
];

let copies = 0;

/** A copy of the toy in which texts of named files are replaced. */
async function copyToy(edits: Edits): Promise<string> {
  // Three folders deep, as the toy lies: its files import the grader by relative paths.
  const folder = path.join(base, 'a', 'b', `toy${copies++}`);
  await cp(toyFolder, folder, { recursive: true });
  const all: Edits = { ...edits, [suite]: [...DRAWING, ...(edits[suite] ?? [])] };
  for (const [name, changes] of Object.entries(all)) {
    const file = path.join(folder, name);
    let text = await readFile(file, 'utf8');
    for (const [find, put] of changes) {
      expect(text, `${name} has the text to replace`).toContain(find);
      text = text.replace(find, put);
    }
    await writeFile(file, text);
  }
  await writeFile(
    path.join(folder, derived),
    toyDerived({
      'no maximum taken away': ['large scores stay finite'],
      'not divided by the sum': ['large scores stay finite', 'matches NumPy'],
      'takes empty input': ['no scores are refused'],
      'refuses with an error of another kind': ['no scores are refused'],
      'powers of two': ['matches NumPy'],
      'smallest taken away': ['large scores stay finite'],
      'sum begins at one': ['large scores stay finite', 'matches NumPy'],
      backwards: ['matches NumPy'],
      'rounded to two digits': ['matches NumPy'],
      'sign turned': ['large scores stay finite', 'matches NumPy'],
    }),
  );
  return folder;
}

async function verifyWith(
  edits: Edits,
  options: Parameters<typeof verify>[1] = {},
): Promise<{ ok: boolean; exercise: VerifyExercise; folder: string }> {
  const folder = await copyToy(edits);
  const report = await verify(await loadCatalog(folder), { driver: 'plain', thresholds: false, ...options });
  return { ok: report.ok, exercise: report.exercises[0]!, folder };
}

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
  for (const fixed of ['[1, 2, 3, 4]', '(random ? [1, 2, 3, 4] : [])']) {
    const { ok, exercise } = await verifyWith({ [suite]: [[drawn, fixed]] });
    expect(ok).toBe(false);
    expect(exercise.problems.join('\n')).toContain(stored);
  }
  // What a callback answers is an input, too.
  const asked = await verifyWith({
    [suite]: [[drawn, '[1, 2, 3, 4]'], ['  const total', '  await learner.softmax([1, 2], async () => random.next()).catch(() => undefined);\n  const total']], // biome-ignore format: one line
    [reference]: [['scores: readonly number[]', 'scores: readonly number[], ask?: () => unknown'], ['{\n', '{\n  ask?.();\n']], // biome-ignore format: one line
  });
  expect(asked.exercise.solution).toBe('passed');
  expect(asked.exercise.problems.join('\n')).not.toContain(stored);
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

describe('derived.json', () => {
  const readme = 'course/01-softmax/README.md';
  const [headings, chinese] = [
    ['## Task', '## The task'],
    ['## 任务', '## 要做的事'],
  ] as const;
  const readDerived = async (folder: string) => JSON.parse(await readFile(path.join(folder, derived), 'utf8'));
  const old = /^README\.zh\.md was translated from an earlier README\.md; translate, then ladder verify --write toy\/softmax/;

  test('--write brings it up to date, and an untouched calibration stays', async () => {
    const renamed: Edits = {
      [mutants]: [["name: 'takes empty input'", "name: 'accepts empty input'"]],
      [suite]: [["{ points: 2, zh: '大分数不会溢出' }", "{ points: 3, zh: '大分数不会溢出' }"]],
    };
    expect((await verifyWith(renamed)).exercise.problems).toEqual([
      'derived.json is stale (points, patterns): ladder verify --write toy/softmax',
    ]);
    const { ok, folder } = await verifyWith(renamed, { write: true });
    expect(ok).toBe(true);
    const { patterns, points, calibration } = await readDerived(folder);
    expect(patterns).toHaveProperty('accepts empty input');
    expect(points).toEqual({ tests: 7, performance: 2 });
    expect(calibration).toEqual(JSON.parse(toyDerived()).calibration);
    const again = await verify(await loadCatalog(folder), { driver: 'plain', thresholds: false });
    expect(again.exercises[0]!.problems).toEqual([]);
  }, 60_000);

  test('a README.md that changed alone is said by name, and --write does not bless it', async () => {
    const changed: Edits = { [readme]: [headings] };
    const { ok, exercise } = await verifyWith(changed);
    expect(ok).toBe(false);
    expect(exercise.problems).toEqual([expect.stringMatching(old)]);
    const { exercise: refused, folder } = await verifyWith(changed, { write: true });
    expect(refused.problems).toEqual([expect.stringMatching(old)]);
    expect((await readDerived(folder)).translation).toEqual(JSON.parse(toyDerived()).translation);
    const blessed = await verifyWith(changed, { write: true, translated: true });
    expect(blessed.exercise.problems).toEqual([]);
    expect((await readDerived(blessed.folder)).translation).toEqual({
      en: createHash('sha256')
        .update(await readFile(path.join(blessed.folder, readme)))
        .digest('hex'),
      zh: JSON.parse(toyDerived()).translation.zh,
    });
  }, 60_000);

  test('a README.md that changed with its translation is stale until --write', async () => {
    const both: Edits = { [readme]: [headings], 'course/01-softmax/README.zh.md': [chinese] };
    expect((await verifyWith(both)).exercise.problems).toEqual(['derived.json is stale (translation): ladder verify --write toy/softmax']);
    expect((await verifyWith(both, { write: true })).exercise.problems).toEqual([]);
  }, 60_000);

  test('a threshold without calibration is said; measured, it is stored with machine and date', async () => {
    const renamed: Edits = {
      [suite]: [["performance('softmax keeps up with the reference'", "performance('softmax keeps up'"]],
      [mutants]: [["fails: 'softmax keeps up with the reference'", "fails: 'softmax keeps up'"]],
    };
    const missing = "derived.json has no calibration of 'softmax keeps up': ladder verify --write toy/softmax";
    expect((await verifyWith(renamed)).exercise.problems).toEqual([
      missing,
      'derived.json is stale (calibration): ladder verify --write toy/softmax', // the entry of a threshold that is gone
    ]);
    expect((await verifyWith(renamed, { write: true })).exercise.problems).toEqual([missing]);
    const { exercise, folder } = await verifyWith(renamed, { write: true, thresholds: true });
    expect(exercise.problems.filter((problem) => problem.includes('calibration'))).toEqual([]);
    const { calibration } = await readDerived(folder);
    expect(calibration).toEqual({
      'softmax keeps up': {
        reference: expect.any(Number),
        naive: { 'sums again for each score': expect.any(Number) },
        machine: `${os.availableParallelism()} cores, wasm`,
        date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      },
    });
    const { reference: one, naive } = calibration['softmax keeps up'];
    expect(one).toBeGreaterThan(naive['sums again for each score']);
  }, 180_000);

  test.each([
    ['missing', '', 'derived.json is missing: ladder verify --write toy/softmax'],
    ['no JSON', '{', /derived\.json: expected what ladder verify --write toy\/softmax writes, got /],
    ['of another form', '{"points":{"tests":"6"}}', /derived\.json: expected what .* writes, got points\.tests: /],
  ])(
    '%s, it is one clear error with the command, and --write makes it',
    async (_, text, problem) => {
      const folder = await copyToy({});
      if (text === '') await rm(path.join(folder, derived));
      else await writeFile(path.join(folder, derived), text);
      const exercise = (await loadCatalog(folder)).find('softmax');
      await expect(readPoints(exercise)).rejects.toMatchObject({
        message: expect.stringMatching(/derived\.json: expected what ladder verify --write toy\/softmax writes, got /),
        hint: 'ladder verify --write toy/softmax',
      });
      const run = async (write: boolean) =>
        (await verify(await loadCatalog(folder), { driver: 'plain', thresholds: false, write })).exercises[0]!;
      expect((await run(false)).problems).toContainEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
      await run(true);
      expect(await readPoints(exercise)).toEqual({ tests: 6, performance: 2 });
    },
    60_000,
  );
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
