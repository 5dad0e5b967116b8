/** Honest solutions that look odd, through the real grader: all of them get full points of the tests. Thresholds are not their business. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setLang } from '../../src/format/words.ts';
import { Gallery, reasonsOf } from '../cheats/gallery.ts';
import { ffnDropout } from './ffn-dropout.ts';
import { layernorm } from './layernorm.ts';
import { masks } from './masks.ts';
import { mha } from './mha.ts';
import { sdpa } from './sdpa.ts';
import { sinusoid } from './sinusoid.ts';
import type { Honest } from './solution.ts';
import { dressed } from './styles.ts';

const solutions: readonly Honest[] = [
  ...[...sdpa, ...masks, ...layernorm, ...sinusoid, ...ffnDropout, ...mha],
  ...dressed('masks', 'masks.ts', ['causalMask', 'paddingMask', 'combine']),
  ...dressed('sinusoid-pe', 'sinusoid.ts', ['sinusoidal']),
];

let gallery: Gallery;
let full = 0;
beforeAll(async () => {
  setLang('en');
  gallery = await Gallery.open();
});
afterAll(async () => {
  setLang(undefined);
  await gallery.close();
  console.log(`${solutions.length} honest solutions: ${full} full points`);
});

test('there are enough of them, each with a name of its own', () => {
  expect(solutions.length).toBeGreaterThanOrEqual(100);
  expect(new Set(solutions.map(({ exercise, name }) => `${exercise}: ${name}`)).size).toBe(solutions.length);
});

describe.concurrent('full points', () => {
  test.each(solutions)('$exercise: $name', async ({ exercise: slug, files }) => {
    const exercise = gallery.find(slug);
    const report = await gallery.grade(exercise, { 'honest.ts': await gallery.solution(exercise), ...files });
    expect(reasonsOf(report).replaceAll('not run: thresholds are off', '').trim()).toBe('');
    expect(report.score).toBe(report.maxScore);
    full++;
  });
});
