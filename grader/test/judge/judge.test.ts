import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LearnerError } from '@llm-ladder/backend/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BoxError } from '../../src/box/types.ts';
import type { Exercise } from '../../src/catalog/catalog.ts';
import { setLang } from '../../src/format/words.ts';
import { type JudgeOptions, judge, rejectedReport } from '../../src/judge/judge.ts';
import type { ExerciseReport, TestReport } from '../../src/report/report.ts';
import { EXIT, type FakeProgram, fakeBoxes, HANG } from '../fixtures/fake-box.ts';
import { named, programs, softmax, toyDerived, toyExercise, withSoftmax } from '../fixtures/toy.ts';

let exercise: Exercise;
beforeAll(async () => {
  setLang('en');
  exercise = await toyExercise();
});
afterAll(() => setLang(undefined));

const base: JudgeOptions = { driver: 'plain', backend: 'wasm', seed: 'abc', thresholds: false };

async function grade(
  program: string,
  options: Partial<JudgeOptions> = {},
  more: Record<string, FakeProgram> = {},
): Promise<ExerciseReport> {
  const world = fakeBoxes({ ...programs, ...more });
  const report = await judge(exercise, named(program), { ...base, open: world.open, ...options });
  expect(world.alive()).toBe(0); // no box outlives a verdict
  return report;
}

const statuses = (report: ExerciseReport): string[] => report.tests.filter(({ kind }) => kind === 'test').map(({ status }) => status);
const message = (report: ExerciseReport, name: string): string => report.tests.find((one) => one.name === name)?.message ?? '';

/** Runs with another derived.json, in a copy of the exercise's folder: a text, or what its mutants fail. */
async function withPatterns(known: string | Parameters<typeof toyDerived>[0], run: () => Promise<void>): Promise<void> {
  const before = exercise;
  const courseDir = await mkdtemp(path.join(os.tmpdir(), 'ladder judge-'));
  try {
    await cp(before.courseDir, courseDir, { recursive: true });
    await writeFile(path.join(courseDir, 'derived.json'), typeof known === 'string' ? known : toyDerived(known));
    exercise = { ...before, courseDir };
    await run();
  } finally {
    exercise = before;
    await rm(courseDir, { recursive: true });
  }
}

describe('states and points', () => {
  test('the reference passes with full points', async () => {
    const report = await grade('reference');
    expect(report).toMatchObject({ id: 'toy/softmax', state: 'passing', score: 6, maxScore: 6, rejected: null });
    expect(statuses(report)).toEqual(['passed', 'passed', 'passed', 'passed']);
  });

  test.each(['zeros', 'constant', 'copy', 'throws', 'refusesAll'])('%s fails the gate, and everything else waits', async (name) => {
    const report = await grade(name);
    expect(report).toMatchObject({ state: 'failing', score: 0, maxScore: 6 });
    expect(statuses(report)).toEqual(['failed', 'waiting', 'waiting', 'waiting']);
  });

  test('a stub is todo, with nothing but waiting besides the gate', async () => {
    const report = await grade('todo');
    expect(report).toMatchObject({ state: 'todo', score: 0, maxScore: 6 });
    expect(statuses(report)).toEqual(['failed', 'waiting', 'waiting', 'waiting']);
    expect(message(report, 'matches NumPy')).toBe('Not written yet: toy/softmax');
  });

  test('points of the tests that pass are kept', async () => {
    const report = await grade('overflows');
    expect(report).toMatchObject({ state: 'failing', score: 4, maxScore: 6 });
    expect(statuses(report)).toEqual(['passed', 'passed', 'failed', 'passed']);
    expect(message(report, 'large scores stay finite')).toMatch(/\[0\]: NaN/);
  });

  test('ungated, every test is judged on its own', async () => {
    const report = await grade('refusesAll', { gated: false });
    expect(statuses(report)).toEqual(['failed', 'failed', 'failed', 'passed']);
  });

  test('thresholds wait for quiet, once, and only when they are measured', async () => {
    const told: string[] = [];
    const options = {
      thresholds: true,
      onTest: ({ kind }: TestReport) => void told.push(kind),
      quiet: async () => void told.push('quiet'),
    };
    const four = ['test', 'test', 'test', 'test'];
    await grade('reference', options, { reference: withSoftmax(softmax, { cost: () => 5 }) });
    expect(told).toEqual([...four, 'quiet', 'performance']);
    told.length = 0;
    await grade('overflows', options);
    expect(told).toEqual(four);
  });

  test('each verdict is told as it comes', async () => {
    const seen: TestReport[] = [];
    await grade('overflows', { onTest: (one) => seen.push(one) });
    expect(seen.filter(({ kind }) => kind === 'test').map(({ name, status }) => `${name}: ${status}`)).toEqual([
      'matches NumPy: passed',
      'a shift of all scores changes nothing: passed',
      'large scores stay finite: failed',
      'no scores are refused: passed',
    ]);
  });
});

describe('messages', () => {
  test('a wrong value says index, expected, got and error', async () => {
    const text = message(await grade('constant'), 'matches NumPy');
    expect(text).toMatch(/worst at \[2\]: expected 0.66524\d*, got 0.33333\d*; error 0.3319/);
  });

  test('a throw says what was thrown and where', async () => {
    expect(message(await grade('throws'), 'matches NumPy')).toBe(
      'threw TypeError: scores is not iterable (softmax.ts:3)\nlast call: softmax([1, 2, 3])',
    );
  });

  test('only a failure with random inputs prints the seed', async () => {
    const shifty = withSoftmax((scores) => (scores.length === 5 ? scores : softmax(scores)));
    const report = await grade('shifty', { seed: 's33d' }, { shifty });
    expect(message(report, 'a shift of all scores changes nothing')).toMatch(
      /\nlast call: softmax\(\[(-?\d\.\d+, ){4}-?\d\.\d+\]\)\nrandom seed s33d; again: ladder check toy\/softmax --seed s33d$/,
    );
    expect(message(await grade('constant'), 'matches NumPy')).not.toContain('seed');
  });

  test('the same seed makes the same inputs, another seed others', async () => {
    const inputs = async (seed: string): Promise<string> => {
      const seen: string[] = [];
      const spy = withSoftmax((scores) => {
        seen.push(JSON.stringify(scores));
        return softmax(scores);
      });
      await grade('spy', { seed }, { spy });
      return seen[1]!;
    };
    expect(await inputs('one')).toBe(await inputs('one'));
    expect(await inputs('one')).not.toBe(await inputs('two'));
  });

  test('a sync export that returns a Promise is told so', async () => {
    expect(message(await grade('promise', {}, { promise: withSoftmax(softmax, { wasPromise: true }) }), 'matches NumPy')).toMatch(
      /softmax returned a Promise/,
    );
  });

  test('a missing export is told by name', async () => {
    const other: FakeProgram = { exports: { softMax: softmax } };
    expect(message(await grade('other', {}, { other }), 'matches NumPy')).toBe('softmax.ts: expected the export softmax, got softMax');
  });

  test('a failure that looks like one mutant says so, also when the gate fails', async () => {
    const known = {
      'no maximum taken away': ['large scores stay finite'],
      'not divided by the sum': ['large scores stay finite', 'matches NumPy'],
    };
    await withPatterns(known, async () => {
      expect(message(await grade('overflows'), 'large scores stay finite')).toContain('Looks like: the largest score is not taken away');
      expect(message(await grade('unnormalised'), 'matches NumPy')).toContain('Looks like: the powers are not divided by their sum');
      expect(message(await grade('constant'), 'matches NumPy')).not.toContain('Looks like');
    });
  });

  test('a broken derived.json costs the likely cause, and not the verdict', async () => {
    await withPatterns('{', async () => {
      const report = await grade('unnormalised');
      expect(statuses(report)).toEqual(['failed', 'waiting', 'waiting', 'waiting']);
      expect(message(report, 'matches NumPy')).not.toContain('Looks like');
    });
  });
});

describe('in two boxes', () => {
  const inTwo = async (program: string, options: Partial<JudgeOptions> = {}): Promise<ExerciseReport> => {
    const world = fakeBoxes(programs);
    const open = () => world.open({ driver: 'plain', backend: 'wasm', limits: { timeMs: 5000, memoryMb: 512, outputBytes: 1000 } });
    const [box, secondBox] = [await open(), await open()];
    const report = await judge(exercise, named(program), { ...base, open: world.open, box, secondBox, ...options });
    expect(world.alive()).toBe(0);
    return report;
  };
  const verdict = ({ tests, ...rest }: ExerciseReport) => ({
    ...rest,
    tests: tests.map(({ name, status, points, message: text }) => ({ name, status, points, message: text })),
  });

  test.each(Object.keys(programs))('%s gets the verdict that it gets in one', async (program) => {
    expect(verdict(await inTwo(program))).toEqual(verdict(await grade(program)));
    const ungated = { gated: false };
    expect(verdict(await inTwo(program, ungated))).toEqual(verdict(await grade(program, ungated)));
  });

  test('nothing is told before the gate, and no more than that they wait when it fails', async () => {
    const told = async (program: string): Promise<string[]> => {
      const seen: string[] = [];
      await inTwo(program, { onTest: ({ name, kind, status }) => kind === 'test' && seen.push(name === 'matches NumPy' ? name : status) });
      return seen;
    };
    expect((await told('overflows'))[0]).toBe('matches NumPy');
    expect(await told('overflows')).toHaveLength(4);
    expect(await told('constant')).toEqual(['matches NumPy', 'waiting', 'waiting', 'waiting']);
    expect(await told('todo')).toEqual(['matches NumPy']);
  });

  test('the likely cause of a failing gate is found too', async () => {
    await withPatterns({ 'not divided by the sum': ['large scores stay finite', 'matches NumPy'] }, async () => {
      expect(message(await inTwo('unnormalised'), 'matches NumPy')).toContain('Looks like: the powers are not divided');
      expect(message(await inTwo('constant'), 'matches NumPy')).not.toContain('Looks like');
    });
  });
});

describe('programs that break', () => {
  test.each([
    ['syntax', 'softmax.ts:3: unexpected token'],
    ['import', "softmax.ts imports 'node:fs'"],
    ['exited', 'the program called process.exit(0)'],
  ] as const)('one that ends in %s while loading is rejected with the reason', async (code, reason) => {
    const bad: FakeProgram = {
      loads: () => {
        throw new BoxError(code, reason);
      },
      exports: {},
    };
    const report = await grade('bad', {}, { bad });
    expect(report).toMatchObject({ state: 'failing', score: 0, maxScore: 6, rejected: { code, reason } });
    expect(statuses(report)).toEqual(['waiting', 'waiting', 'waiting', 'waiting']);
  });

  test('a submission that cannot be read is rejected with the same totals', async () => {
    const report = await rejectedReport(exercise, { code: 'unreadable', reason: 'a link' }, base);
    expect(report).toMatchObject({ state: 'failing', score: 0, maxScore: 6, rejected: { code: 'unreadable' } });
  });

  test.each([
    ['an endless loop', HANG, /took longer than 5 s/],
    ['an exit', EXIT, /exited/],
  ] as const)('%s fails its test only, and a fresh box takes the others', async (_, end, reason) => {
    const dies = withSoftmax((scores) => (scores[0] === 1000 ? end : softmax(scores)));
    const report = await grade('dies', {}, { dies });
    expect(statuses(report)).toEqual(['passed', 'passed', 'failed', 'passed']);
    expect(report.score).toBe(4);
    expect(message(report, 'large scores stay finite')).toMatch(reason);
  });

  test('the exercise has one time for all tests, and points earned before stay', async () => {
    const slow = withSoftmax(softmax, { cost: () => 3400 });
    const report = await grade('slow', {}, { slow });
    expect(statuses(report)).toEqual(['passed', 'failed', 'failed', 'failed']);
    expect(report.score).toBe(2);
    expect(message(report, 'no scores are refused')).toMatch(/tests of this exercise have 10 s|no time left/);
  });

  test('a fault of the reference or of a fixture is ours, never a zero', async () => {
    const broken = { ...exercise, courseDir: '/nowhere' };
    const world = fakeBoxes(programs);
    await expect(judge(broken, named('reference'), { ...base, open: world.open })).rejects.toThrow(/fixture|expected a .safetensors/);
    expect(world.alive()).toBe(0);
  });

  test('an aborted run ends with the reason of the signal', async () => {
    const stop = new AbortController();
    const world = fakeBoxes({ ...programs });
    const run = judge(exercise, named('reference'), {
      ...base,
      open: world.open,
      signal: stop.signal,
      onTest: () => stop.abort(new LearnerError('saved', 'a new save')),
    });
    await expect(run).rejects.toThrow('a new save');
    expect(world.alive()).toBe(0);
  });
});
