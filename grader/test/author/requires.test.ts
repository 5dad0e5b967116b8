import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { verify } from '../../src/author/verify.ts';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { setLang } from '../../src/format/words.ts';
import { putBoth, requiringCourse } from '../assets/requiring-course.ts';
import { edit } from '../cli/toy-course.ts';

beforeAll(() => setLang('en'));
afterAll(() => setLang(undefined));

let course: string;
let cache: string;
beforeEach(() => {
  ({ course, cache } = requiringCourse());
  const before = process.env.LADDER_CACHE;
  process.env.LADDER_CACHE = cache;
  onTestFinished(() => {
    if (before === undefined) delete process.env.LADDER_CACHE;
    else process.env.LADDER_CACHE = before;
  });
});

/** A wrong solution that the model's test alone can tell from the reference. */
const OF_MODEL = `mutants: [
    {
      name: 'three whole scores are known',
      replace: [['const top =', 'if (scores.every(Number.isInteger) && scores.length === 3 && scores[2] === 4) return [0, 0, 0];\\n  const top =']],
      killedBy: 'the scores of a model',
      looksLike: { en: 'whole scores are not looked at', zh: '没有处理整数分数' },
    },`;

/** toy/again alone: its gate draws, and its patterns are those of the toy. */
async function verifyAgain(options: Parameters<typeof verify>[1] = {}) {
  const catalog = await loadCatalog(course);
  const report = await verify(catalog, { driver: 'plain', thresholds: false, filter: ({ slug }) => slug === 'again', ...options });
  return { ok: report.ok, exercise: report.exercises[0]! };
}

test('an exercise whose gate lacks a model is not proved: a problem by name, or listed where that is allowed', async () => {
  const run = async (allowMissing: boolean) => {
    const report = await verify(await loadCatalog(course), { driver: 'plain', filter: ({ slug }) => slug === 'softmax', allowMissing });
    return { ok: report.ok, exercise: report.exercises[0]! };
  };
  const nothing = { solution: 'not-run', stub: 'not-run', missing: ['model:langid'], controls: [], mutants: [] };
  const refused = await run(false);
  expect(refused).toMatchObject({ ok: false, exercise: nothing });
  expect(refused.exercise.problems).toEqual(['not run: model:langid: ladder model add langid, or --allow-missing']);
  const allowed = await run(true);
  expect(allowed).toMatchObject({ ok: true, exercise: { ...nothing, problems: [] } });
});

test('a test that lacks a model is left out; what it alone can prove is asked of nobody, and is asked where the model is', async () => {
  const suite = path.join(course, 'course/02-again/hidden.test.ts');
  edit(suite, 'async ({ learner, golden }) => {', 'async ({ learner, golden, random }) => {');
  edit(
    suite,
    '  expect(await learner.softmax(scores)).toBeAllClose(expected);\n',
    `  expect(await learner.softmax(scores)).toBeAllClose(expected);
  const drawn = Array.from(random.normal([4]).values, Math.exp);
  const total = drawn.reduce((sum, power) => sum + power, 0);
  expect(await learner.softmax(drawn.map(Math.log))).toBeAllClose(drawn.map((power) => power / total));
`,
  );
  edit(path.join(course, 'course/02-again/again.test.ts'), './softmax.ts', './again.ts');
  edit(path.join(course, 'course/02-again/mutants.ts'), 'mutants: [', OF_MODEL);
  putBoth(cache);
  const whole = await verifyAgain({ write: true });
  expect(whole).toMatchObject({ ok: true, exercise: { missing: [], problems: [], solution: 'passed' } });
  expect(whole.exercise.mutants[0]).toEqual({ name: 'three whole scores are known', killedBy: ['the scores of a model'] });
  const patterns = readFileSync(path.join(course, 'course/02-again/derived.json'), 'utf8');

  process.env.LADDER_CACHE = path.join(cache, 'none');
  const part = await verifyAgain({ allowMissing: true });
  expect(part).toMatchObject({ ok: true, exercise: { missing: ['model:hf:toy/tiny'], problems: [], survivors: [], solution: 'passed' } });
  expect(part.exercise.idleTests).not.toContain('the scores of a model');

  // What cannot be seen here is never written over.
  writeFileSync(
    path.join(course, 'course/02-again/derived.json'),
    patterns.replace('"large scores stay finite"', '"no scores are refused"'),
  );
  const written = await verifyAgain({ write: true });
  expect(written.exercise.problems).toEqual([
    'not run: model:hf:toy/tiny: ladder model add hf:toy/tiny, or --allow-missing',
    'derived.json is not written: some of the tests did not run',
  ]);
}, 300_000);
