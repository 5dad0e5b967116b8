import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { verify } from '../../src/author/verify.ts';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { readPoints } from '../../src/catalog/derived.ts';
import { toyDerived } from '../fixtures/toy.ts';
import { copyToy, derived, type Edits, mutants, suite, verifyWith } from './verify-toy.ts';

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
  }, 180_000);

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
  }, 180_000);

  test('a README.md that changed with its translation is stale until --write', async () => {
    const both: Edits = { [readme]: [headings], 'course/01-softmax/README.zh.md': [chinese] };
    expect((await verifyWith(both)).exercise.problems).toEqual(['derived.json is stale (translation): ladder verify --write toy/softmax']);
    expect((await verifyWith(both, { write: true })).exercise.problems).toEqual([]);
  }, 180_000);

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
    180_000,
  );
});
