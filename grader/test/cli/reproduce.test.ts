import path from 'node:path';
import { expect, test } from 'vitest';
import { ladder, programs, submit, toyCourse } from './toy-course.ts';

/** The report without times and without what thresholds measured. */
function withoutTimes(text: string): unknown {
  return JSON.parse(text, (key, value) => {
    if (['startedAt', 'finishedAt', 'durationMs'].includes(key)) return 0;
    return value?.kind === 'performance' ? { ...value, message: null, details: null } : value;
  });
}

test('the same submission, grader and seed give the same report; another seed or another submission does not', {
  timeout: 300_000,
}, async () => {
  const course = toyCourse();
  const from = submit(path.join(course, 'ada', 'exercises'), programs.wrongForFive, programs.right);
  const grade = async (...words: string[]): Promise<{ code: number; report: unknown; text: string }> => {
    const { code, out } = await ladder(course, 'grade', '--json', '--from', from, ...words);
    return { code, report: withoutTimes(out), text: out };
  };
  const first = await grade('--seed', 'abc');
  const second = await grade('--seed', 'abc');
  expect(first.code).toBe(1);
  expect(second.report).toEqual(first.report);
  expect(first.report).toMatchObject({
    seed: 'abc',
    grader: expect.stringMatching(/^\d+\.\d+\.\d+/),
    modules: { toy: '0.0.0' },
    submission: 'ada',
    notGraded: [],
    exercises: [
      { id: 'toy/softmax', hash: expect.stringMatching(/^[0-9a-f]{64}$/), state: 'failing' },
      {
        id: 'toy/again',
        state: 'passing',
        tests: expect.arrayContaining([expect.objectContaining({ kind: 'performance', status: 'passed' })]),
      },
    ],
  });
  // The failure shows numbers that were drawn: equal reports mean equal inputs.
  expect(first.text).toMatch(/random seed abc/);

  const otherSeed = await grade('--seed', 'abd', '--no-thresholds');
  const sameSeed = await grade('--seed', 'abc', '--no-thresholds');
  const neutral = (report: unknown): unknown => JSON.parse(JSON.stringify(report).replaceAll('abd', 'abc'));
  expect(neutral(otherSeed.report)).not.toEqual(sameSeed.report);

  submit(from, `${programs.wrongForFive}\n`, programs.right);
  expect((await grade('--seed', 'abc', '--no-thresholds')).report).not.toEqual(sameSeed.report);
});
