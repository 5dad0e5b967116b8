import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { programs, submit } from '../cli/toy-course.ts';
import { SECRET, secretToy } from './sealed-toy.ts';

const cheat = readFileSync(path.join(import.meta.dirname, '../cheats/museum/sealed-key.ts'), 'utf8');

test('code in a box finds neither the key of sealed suites nor their text, whichever way the key came', { timeout: 120_000 }, async () => {
  const { course, key, run } = secretToy();
  await run({}, 'seal');
  const text = cheat.replace('PLACE-OF-THE-KEY', key).replace('PLACE-OF-THE-COURSE', path.join(course, 'course'));
  submit(path.join(course, 'exercises'), text, programs.right);
  const outside = path.join(course, 'outside.ts'); // the control: out of a box the same code finds it
  writeFileSync(outside, `${text}\nawait softmax([1]);\n`);
  const told = spawnSync(process.execPath, [outside], { env: { ...process.env, PROBE: 'Qzprobe' }, encoding: 'utf8' });
  expect(told.stderr).toMatch(/AGE-SECRET-KEY[\s\S]*BEGIN AGE/);

  const identity = readFileSync(key, 'utf8').match(/AGE-SECRET-KEY-\S+/)![0];
  for (const env of [{ LADDER_SEAL_KEY_FILE: key }, { LADDER_SEAL_KEY: identity }]) {
    const { code, out, err } = await run({ ...env, PROBE: 'Qzprobe' }, 'grade', 'toy/softmax', '--no-thresholds', '--json');
    expect(code).toBe(1);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ score: 0, maxScore: 6, exercises: [{ state: 'failing', rejected: null }] });
    expect(report.exercises[0].tests[0].message).toMatch(/found \[/); // it ran, and told
    for (const word of [identity, 'AGE-SECRET', SECRET, 'Qzprobe', 'BEGIN AGE', 'no maximum taken away'])
      expect(out + err).not.toContain(word);
  }
});
