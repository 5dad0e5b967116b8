/** A copy of the toy module per case, with one thing wrong in it, verified in real boxes. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { VerifyExercise } from '../../src/author/verify/findings.ts';
import { hashOf, writeVerified } from '../../src/author/verify/verified.ts';
import { verify } from '../../src/author/verify.ts';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { setLang } from '../../src/format/words.ts';
import { toyDerived, toyFolder } from '../fixtures/toy.ts';

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

export type Edits = Readonly<Record<string, readonly (readonly [find: string, put: string])[]>>;

export const suite = 'course/01-softmax/hidden.test.ts';
export const mutants = 'course/01-softmax/mutants.ts';
export const manifest = 'course/01-softmax/exercise.ts';
export const reference = 'src/softmax.ts';
export const derived = 'course/01-softmax/derived.json';

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

/** A copy of the toy in which texts of named files are replaced, with more files. */
export async function copyToy(edits: Edits, more: Readonly<Record<string, string>> = {}): Promise<string> {
  // Three folders deep, as the toy lies: its files import the grader by relative paths.
  const folder = path.join(base, 'a', 'b', `toy${copies++}`);
  await cp(toyFolder, folder, { recursive: true });
  for (const [name, text] of Object.entries(more)) await writeFile(path.join(folder, name), text);
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

export async function verifyWith(
  edits: Edits,
  options: Parameters<typeof verify>[1] = {},
): Promise<{ ok: boolean; exercise: VerifyExercise; folder: string }> {
  const folder = await copyToy(edits);
  return { ...(await verifyAt(folder, options)), folder };
}

/** The same where a full verification has seen this very content, so that the quick one is trusted. */
export async function verifyQuickly(
  edits: Edits,
  options: Parameters<typeof verify>[1] = {},
): Promise<{ ok: boolean; exercise: VerifyExercise; folder: string }> {
  const folder = await copyToy(edits);
  await pretendVerified(folder);
  return { ...(await verifyAt(folder, options)), folder };
}

/** Writes down today's content as fully verified. */
export async function pretendVerified(folder: string): Promise<void> {
  const exercise = (await loadCatalog(folder)).find('softmax');
  await writeVerified(exercise, await hashOf(exercise));
}

export async function verifyAt(
  folder: string,
  options: Parameters<typeof verify>[1] = {},
): Promise<{ ok: boolean; exercise: VerifyExercise }> {
  const report = await verify(await loadCatalog(folder), { driver: 'plain', thresholds: false, ...options });
  return { ok: report.ok, exercise: report.exercises[0]! };
}
