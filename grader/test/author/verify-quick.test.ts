/** What the default verify leaves out of an exercise that was verified in full: each shortcut still finds what is wrong. */
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkSuite } from '../../src/author/verify/static-checks.ts';
import { hashOf, readVerified } from '../../src/author/verify/verified.ts';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { loadMutants } from '../../src/judge/patterns.ts';
import { collectSuite } from '../../src/suite/collect.ts';
import { copyToy, derived, type Edits, mutants, pretendVerified, reference, suite, verifyAt, verifyQuickly } from './verify-toy.ts';

const THRESHOLD = 'softmax keeps up with the reference';

describe('an exercise that was verified in full', () => {
  test('passes: mutants meet the tests that they name, the ratio to itself is run and not timed', async () => {
    const { ok, exercise } = await verifyQuickly({}, { thresholds: true });
    expect({ ok, problems: exercise.problems }).toEqual({ ok: true, problems: [] });
    expect(exercise).toMatchObject({ full: false, solution: 'passed', stub: 'failed', survivors: [] });
    expect(exercise.mutants).toContainEqual({ name: 'powers of two', killedBy: ['matches NumPy'] });
    expect(exercise.idleTests).toEqual(['a shift of all scores changes nothing']);
  }, 180_000);

  test('a mutant that no test catches is a survivor', async () => {
    const blind: Edits = { [suite]: [['.toReject(/at least one/)', '.resolves.not.toBe(0).catch(() => undefined)']] };
    const { ok, exercise } = await verifyQuickly(blind);
    expect(ok).toBe(false);
    expect(exercise.survivors).toEqual(['takes empty input', 'refuses with an error of another kind']);
  });

  test('a mutant that the named test lets live is said with those that catch it', async () => {
    const { ok, exercise } = await verifyQuickly({ [mutants]: [["killedBy: 'large scores stay finite'", "killedBy: 'matches NumPy'"]] });
    expect(ok).toBe(false);
    expect(exercise.problems).toEqual([
      "mutant 'no maximum taken away': expected 'matches NumPy' to fail, but only 'large scores stay finite' did",
    ]);
  });

  test('a mutant that hangs is caught', async () => {
    const hangs: Edits = { [mutants]: [["['x - top', 'top - x']", "['const top =', 'for (;;);\\n  const top =']"]] };
    const { exercise } = await verifyQuickly(hangs);
    expect(exercise.mutants.at(-1)).toEqual({ name: 'sign turned', killedBy: ['large scores stay finite', 'matches NumPy'] });
  });

  test('a solution that fails is said', async () => {
    const { ok, exercise } = await verifyQuickly({ [reference]: [['x / total', 'x / (total + 1)']] });
    expect(ok).toBe(false);
    expect(exercise).toMatchObject({ full: false, solution: 'failed' });
    expect(exercise.problems.join('\n')).toMatch(/the solution fails 'matches NumPy': worst at \[2\]/);
  });

  test('a control that earns points and a stub that passes are said', async () => {
    const { exercise } = await verifyQuickly({
      [suite]: [
        ['expect(await learner.softmax(scores)).toBeAllClose(expected);', 'expect(await learner.softmax(scores)).toHaveShape([expected.length]);'], // biome-ignore format: one line
        ['.toBeAllClose(drawn.map((power) => power / total))', '.toHaveShape([4])'],
        ['await expect(learner.softmax([])).toReject(/at least one/);', 'await learner.softmax([]).catch(() => undefined);'],
      ],
    });
    expect(exercise.controls.find(({ name }) => name === 'zeros')?.score).toBeGreaterThan(0);
    expect(exercise.problems).toContain("the stub passes 'no scores are refused'");
  });

  test('patterns that contradict what is seen are stale', async () => {
    const folder = await copyToy({});
    await pretendVerified(folder);
    const file = path.join(folder, derived);
    const known = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...known, patterns: { ...known.patterns, backwards: ['large scores stay finite'] } }));
    expect((await verifyAt(folder)).exercise.problems).toEqual(['derived.json is stale (patterns): ladder verify --write toy/softmax']);
  });
});

describe('its thresholds', () => {
  test('a naive control that passes its threshold survives', async () => {
    const asFast: Edits = { [mutants]: [["['x / total', 'x / total()']", "['powers.map((x) => x / total)', 'powers.map((x) => x / sum)'], ['  return powers', '  const sum = total();\\n  return powers']"]] }; // biome-ignore format: one line
    const { ok, exercise } = await verifyQuickly(asFast, { thresholds: true });
    expect(ok).toBe(false);
    expect(exercise.survivors).toEqual(['sums again for each score']);
    expect(exercise.problems.join('\n')).toContain(`expected '${THRESHOLD}' to fail, it passed: `);
  }, 180_000);

  test('a naive control that is wrong is said', async () => {
    const { exercise } = await verifyQuickly({ [mutants]: [["'x / total()'", "'x / (total() + 1)'"]] });
    expect(exercise.problems.join('\n')).toContain("naive control 'sums again for each score' fails 'matches NumPy'");
  });

  test('a solution whose work cannot be compared fails, though it is not timed', async () => {
    const refusing = "check: () => { throw new Error('other numbers'); },\n  inputs:";
    const { exercise } = await verifyQuickly({ [suite]: [['inputs:', refusing]] }, { thresholds: true });
    expect(exercise.solution).toBe('failed');
    expect(exercise.problems.join('\n')).toContain(`the solution: '${THRESHOLD}' failed: other numbers`);
  }, 180_000);
});

describe('what the last full verification has not seen', () => {
  test.each([
    ['the reference', 'src/softmax.ts'],
    ['the hidden suite', suite],
    ['a README', 'course/01-softmax/README.zh.md'],
    ['a file that the suite imports', 'course/shared.ts'],
  ])('%s changed: everything runs, and it is said', async (_, file) => {
    const folder = await copyToy({ [suite]: [['import { expect', "import '../shared.ts';\nimport { expect"]] }, { 'course/shared.ts': '' });
    await pretendVerified(folder);
    const before = await hashOf((await loadCatalog(folder)).find('softmax'));
    await appendFile(path.join(folder, file), '\n');
    expect(await hashOf((await loadCatalog(folder)).find('softmax'))).not.toBe(before);
    if (file !== suite) return; // one run shows what follows from a hash
    const { ok, exercise } = await verifyAt(folder);
    expect({ ok, full: exercise.full }).toEqual({ ok: false, full: true });
    expect(exercise.mutants).toContainEqual({ name: 'not divided by the sum', killedBy: ['large scores stay finite', 'matches NumPy'] });
    expect(exercise.problems).toEqual([
      'its full verification is stale, something it rests on has changed: ladder verify --write toy/softmax',
    ]);
  });

  test('--write runs in full and writes the hash down, but not of an exercise with problems', async () => {
    const folder = await copyToy({});
    const exercise = (await loadCatalog(folder)).find('softmax');
    const written = await verifyAt(folder, { write: true, thresholds: true });
    expect(written).toMatchObject({ ok: true, exercise: { full: true, problems: [] } });
    expect(await readVerified(exercise)).toBe(await hashOf(exercise));
    expect((await verifyAt(folder)).exercise.full).toBe(false);

    const broken = await copyToy({ [reference]: [['x / total', 'x / (total + 1)']] });
    expect((await verifyAt(broken, { write: true, thresholds: true })).ok).toBe(false);
    expect(await readVerified((await loadCatalog(broken)).find('softmax'))).toBeUndefined();
  }, 180_000);

  test('line ends are no change', async () => {
    const folder = await copyToy({});
    const exercise = (await loadCatalog(folder)).find('softmax');
    const before = await hashOf(exercise);
    for (const name of ['src/softmax.ts', suite, 'course/01-softmax/README.md']) {
      const file = path.join(folder, name);
      await writeFile(file, (await readFile(file, 'utf8')).replaceAll('\n', '\r\n'));
    }
    expect(await hashOf(exercise)).toBe(before);
  });
});

describe('tests that train', () => {
  const longer: Edits[string] = [
    [
      'softmax(scores);\n  expect(await learner.softmax(scores.map((x) => x + 3)',
      'softmax(scores);\n  await new Promise((resolve) => setTimeout(resolve, 5100));\n  expect(await learner.softmax(scores.map((x) => x + 3)',
    ],
    ["points: 1, zh: '整体", "timeoutMs: 60_000, points: 1, zh: '整体"],
  ];

  test('a test that takes longer than a quick one may, and does not say that it trains, is said', async () => {
    const { exercise } = await verifyQuickly({ [suite]: longer });
    expect(exercise.problems.join('\n')).toMatch(
      /^'a shift of all scores changes nothing' took \d+\.\d s: a test that trains says trains: true$/,
    );
    const declared = await verifyQuickly({ [suite]: [...longer, ['timeoutMs: 60_000', 'trains: true, timeoutMs: 60_000']] });
    expect(declared.exercise.problems).toEqual([]);
  }, 120_000);

  test('a gate that trains is said', async () => {
    const folder = await copyToy({ [suite]: [['gate: true', 'gate: true, trains: true']] });
    const exercise = (await loadCatalog(folder)).find('softmax');
    const problems = checkSuite(await collectSuite(exercise.suiteFile), await loadMutants(exercise));
    expect(problems).toEqual(["the gate 'matches NumPy' trains: everything waits for it, so it must be quick"]);
  });
});
