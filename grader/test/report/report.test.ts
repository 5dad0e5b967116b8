import { expect, test } from 'vitest';
import { json } from '../../src/report/json.ts';
import { junit } from '../../src/report/junit.ts';
import { makeExerciseReport, makeReport, nothingJudged } from '../../src/report/report.ts';
import { renderReport } from '../../src/report/terminal.ts';
import { line, provenance } from './random-reports.ts';

test('not run and inconclusive leave the total, waiting stays in it', () => {
  const tests = [
    line('gate', 'failed'),
    line('b', 'waiting', 3),
    line('c', 'not-run', 5),
    line('d', 'inconclusive', 7, { kind: 'performance' }),
  ];
  const report = makeReport([makeExerciseReport('m/e', tests)], provenance);
  expect(report).toMatchObject({ score: 0, maxScore: 5, pointsNotRun: 12 });
  expect(report.exercises[0]).toMatchObject({ score: 0, maxScore: 5, state: 'failing' });
});

test('a failed threshold does not keep an exercise from passing, a failed test does', () => {
  const slow = line('fast', 'failed', 2, { kind: 'performance' });
  expect(makeExerciseReport('m/e', [line('a', 'passed'), slow]).state).toBe('passing');
  expect(makeExerciseReport('m/e', [line('a', 'passed'), line('b', 'failed')]).state).toBe('failing');
  expect(makeExerciseReport('m/e', [line('a', 'passed'), line('b', 'waiting')]).state).toBe('failing');
  expect(makeExerciseReport('m/e', [line('a', 'failed')], { todo: true }).state).toBe('todo');
  expect(makeExerciseReport('m/e', [line('a', 'passed')], { rejected: { code: 'syntax', reason: 'x' } }).state).toBe('failing');
});

test('an exercise that lacks a model for all its tests is not run: no zero, and no pass', () => {
  const missing = { missing: ['model:minilm'] };
  const all = [line('gate', 'not-run', 2, missing), line('b', 'not-run', 3, missing), line('fast', 'not-run', 1, { kind: 'performance' })];
  expect(makeExerciseReport('m/e', all)).toMatchObject({ state: 'not-run', score: 0, maxScore: 0 });
  expect(makeExerciseReport('m/e', [line('gate', 'passed'), line('b', 'not-run', 3, missing)]).state).toBe('passing');
  expect(makeExerciseReport('m/e', [line('gate', 'failed'), line('b', 'not-run', 3, missing)]).state).toBe('failing');
  expect(makeExerciseReport('m/e', [line('gate', 'not-run')]).state).toBe('failing'); // left out for another reason
  const report = makeReport([makeExerciseReport('m/e', all), makeExerciseReport('m/f', [line('a', 'passed')])], provenance);
  expect(report).toMatchObject({ score: 2, maxScore: 2, pointsNotRun: 6 });
  expect([nothingJudged(report), nothingJudged({ ...report, exercises: report.exercises.slice(0, 1) })]).toEqual([false, true]);
  expect(renderReport(report)).toMatch(/^- m\/e[\s\S]*1 of 2 exercises passing, 2 of 2 points[\s\S]*- m\/e: gate/);
});

test('a failure in JUnit has its message in the attribute and the content, its points, file and line', () => {
  const failed = line('sums to 1', 'failed', 2, { message: 'threw TypeError: x < "y" & z (attention.ts:12)\nmore' });
  const xml = junit(makeReport([makeExerciseReport('transformer/sdpa', [failed])], provenance), {
    fileOf: () => 'exercises/transformer/01-sdpa/attention.ts',
  });
  expect(xml).toContain(
    '<testcase classname="transformer/sdpa" name="sums to 1" file="exercises/transformer/01-sdpa/attention.ts" line="12" time="0.012">',
  );
  expect(xml).toContain('<failure message="threw TypeError: x &lt; &quot;y&quot; &amp; z (attention.ts:12)" type="AssertionError">');
  expect(xml).toContain('more\n0 of 2 points</failure>');
});

test('a rejected program is an error of its own in JUnit', () => {
  const rejected = { code: 'syntax', reason: 'attention.ts:3: unexpected token' };
  const xml = junit(makeReport([makeExerciseReport('m/e', [line('a', 'waiting')], { rejected })], provenance));
  expect(xml).toContain('errors="1" skipped="1"');
  expect(xml).toContain('<error message="attention.ts:3: unexpected token" type="syntax">');
});

test('a ratio without bound survives JSON', () => {
  const tests = [line('fast', 'failed', 2, { kind: 'performance', details: { median: Number.POSITIVE_INFINITY } })];
  expect(json(makeReport([makeExerciseReport('m/e', tests)], provenance))).toContain('"median":"Infinity"');
});
