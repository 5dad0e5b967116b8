/** What a learner sees while something trains: the quick verdicts at once, then how long it has been at it. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test, vi } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { TrainingLine } from '../../src/cli/training-line.ts';
import { watchExercises } from '../../src/cli/watcher.ts';
import { gradingSetup } from '../../src/grading/setup.ts';
import { hasTerminals, ladderInTerminal } from './learner.ts';
import { edit, ladder, programs, submit, toyCourse } from './toy-course.ts';

const SLOW_MS = 2500;

/** A course whose second test trains: it sleeps, on the grader's side. Nothing is timed in it. */
function trainingCourse(): string {
  const course = toyCourse();
  const suite = path.join(course, 'course/01-softmax/hidden.test.ts');
  edit(suite, "changes nothing', { points: 1,", "changes nothing', { trains: true, points: 1,");
  edit(suite, '  const before =', `  await new Promise((resolve) => setTimeout(resolve, ${SLOW_MS}));\n  const before =`);
  writeFileSync(suite, readFileSync(suite, 'utf8').split('\nperformance(')[0]!);
  submit(path.join(course, 'exercises'), programs.right, programs.right);
  return course;
}

test('watch mode tells the quick verdicts before the training has ended', async () => {
  const catalog = await loadCatalog(trainingCourse());
  const told: string[] = [];
  const ended = Promise.withResolvers<void>();
  const watcher = watchExercises(catalog, await gradingSetup({ thresholds: false }), {
    onStart: () => {},
    onTests: (_, tests) => told.push(tests.map(({ name }) => name).join(', ')),
    onTraining: (_, { name }) => told.push(`training: ${name}`),
    onDone: (_, { state }) => {
      told.push(state);
      ended.resolve();
    },
    onError: ended.reject,
  });
  try {
    await watcher.ready;
    watcher.grade(catalog.find('toy/softmax'));
    await ended.promise;
  } finally {
    await watcher.close();
  }
  const [quick, slow] = ['matches NumPy, large scores stay finite, no scores are refused', 'a shift of all scores changes nothing'];
  const all = 'matches NumPy, a shift of all scores changes nothing, large scores stay finite, no scores are refused';
  expect([told.slice(0, 2).sort(), told.slice(2)]).toEqual([
    [quick, `training: ${slow}`],
    [all, 'passing'],
  ]);
});

test.runIf(hasTerminals)('ladder check shows the quick verdicts, a line that counts, and then everything', async () => {
  const terminal = ladderInTerminal(['check', 'toy/softmax'], trainingCourse());
  const early = await terminal.until(/training: 1 s, a shift of all scores changes nothing/);
  expect(early).toMatch(/✓ matches NumPy[\s\S]*✓ no scores are refused[\s\S]*training: 0 s, a shift/);
  expect(early).not.toContain('✓ a shift');
  await terminal.until(/✓ a shift of all scores changes nothing/);
  expect(await terminal.exited).toBe(0);
});

test('what is no terminal gets no counting line; --json nothing but its document', async () => {
  const course = trainingCourse();
  const { out, err } = await ladder(course, 'check', 'toy/softmax');
  expect(err).toBe('');
  expect(out.match(/✓ matches NumPy/g)).toHaveLength(2); // at once, and in the whole
  expect(out.match(/✓ a shift of all/g)).toHaveLength(1);
  const document = await ladder(course, 'check', 'toy/softmax', '--json');
  expect(JSON.parse(document.out)).toMatchObject({ exercises: [{ state: 'passing' }] });
});

test('a failing quick test is told before the training ends', async () => {
  const course = trainingCourse();
  writeFileSync(path.join(course, 'exercises/toy/01-softmax/softmax.ts'), programs.overflows);
  const { out, code } = await ladder(course, 'check', 'toy/softmax');
  expect(code).toBe(1);
  expect(out.indexOf('✗ large scores stay finite')).toBeLessThan(out.indexOf('✓ a shift of all'));
});

test('the line names what trains with its seconds, and is cleared', () => {
  vi.useFakeTimers();
  try {
    const lines: string[] = [];
    const line = new TrainingLine((text) => lines.push(stripVTControlCharacters(text)));
    const training = (name: string) => ({ kind: 'test', name, options: { points: 1, zh: name, trains: true }, fn: () => {} }) as const;
    line.begin(training('first'));
    vi.advanceTimersByTime(2000);
    line.begin(training('second'));
    line.end({ name: 'first' });
    line.end({ name: 'no such test' });
    line.end({ name: 'second' });
    vi.advanceTimersByTime(5000);
    expect(lines).toEqual([
      'training: 0 s, first',
      'training: 1 s, first',
      'training: 2 s, first',
      'training: 2 s, first; 0 s, second',
      'training: 0 s, second',
      '',
    ]);
  } finally {
    vi.useRealTimers();
  }
});
