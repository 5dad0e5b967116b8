/** Every cheat of the museum through the real grader: it earns nothing, and the report says why. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setLang } from '../../src/format/words.ts';
import { junit } from '../../src/report/junit.ts';
import { makeReport } from '../../src/report/report.ts';
import { renderExercise } from '../../src/report/terminal.ts';
import type { Cheat } from './cheat.ts';
import { Gallery, reasonsOf } from './gallery.ts';
import { cheats } from './index.ts';

const museum = join(import.meta.dirname, 'museum');
const solutions = join(import.meta.dirname, '../../../solutions/transformer');
let gallery: Gallery;
let caught = 0;
beforeAll(async () => {
  setLang('en');
  gallery = await Gallery.open();
});
afterAll(async () => {
  setLang(undefined);
  await gallery.close();
  console.log(`${cheats.length} cheats: ${caught} scored 0`);
});

test('the index and the museum hold the same cheats', () => {
  const files = readdirSync(museum).map((name) => name.replace('.ts', ''));
  expect(
    cheats
      .filter(({ folder }) => !folder)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(files.sort());
  expect(new Set(cheats.map(({ name }) => name)).size).toBe(cheats.length);
  expect(cheats.length).toBeGreaterThanOrEqual(35);
});

async function gradeCheat(cheat: Cheat) {
  const known = gallery.find(cheat.exercise);
  const course = join(import.meta.dirname, 'course');
  const exercise =
    cheat.threshold?.includes('memory') === true
      ? { ...known, suiteFile: join(course, 'memory.suite.ts'), mutantsFile: join(course, 'mutants.ts') }
      : known;
  const honest = await gallery.solution(exercise);
  const file = join(museum, `${cheat.name}.ts`);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : honest;
  const goldens = cheat.name === 'stored-goldens' ? { 'goldens.json': await storedGoldens() } : {};
  return gallery.grade(
    exercise,
    { [exercise.manifest.file]: text, 'honest.ts': honest, ...goldens },
    {
      ...(cheat.reason.source.startsWith('took longer') ? { testTimeoutMs: 1500 } : {}),
      strict: cheat.untrusted !== undefined,
      change: (folder) => cheat.folder?.(folder, solutions),
      ...(cheat.threshold === undefined ? {} : { onlyThreshold: cheat.threshold }),
    },
  );
}

/** What a learner could copy from the fixtures: the outputs by the first numbers of their inputs. */
async function storedGoldens(): Promise<string> {
  const { loadGolden } = await import('../../src/suite/golden.ts');
  const { x, out } = await loadGolden(gallery.find('layernorm').courseDir, 'layernorm');
  return JSON.stringify({ [String([...x.values.slice(0, 4)])]: [...out.values] });
}

const onTests = cheats.filter(({ threshold }) => threshold === undefined);
describe.concurrent('against the tests', () => {
  test.each(onTests)('$name: $does', async (cheat) => {
    const report = await gradeCheat(cheat);
    expect(reasonsOf(report)).toMatch(cheat.reason);
    if (cheat.untrusted !== undefined)
      expect(report.tests.find(({ name }) => name === cheat.untrusted)).toMatchObject({ status: 'not-run', points: 0 });
    else if (cheat.test !== undefined)
      expect(report.tests.find(({ name }) => name === cheat.test)).toMatchObject({ status: 'failed', points: 0 });
    else expect(report.score).toBe(0);
    expect(hostileText(report)).toBeNull();
    caught++;
  });
});

describe('against the thresholds', () => {
  test.each(cheats.filter(({ threshold }) => threshold !== undefined))(
    '$name: $does',
    async (cheat) => {
      const report = await gradeCheat(cheat);
      expect(reasonsOf(report)).toMatch(cheat.reason);
      expect(report.tests.find(({ name }) => name === cheat.threshold)).toMatchObject({ status: 'failed', points: 0 });
      caught++;
    },
    240_000,
  );
});

/** What would repaint a terminal or end an element, in what is written of a report; null when there is nothing. */
function hostileText(exercise: Awaited<ReturnType<typeof gradeCheat>>): string | null {
  const shown = renderExercise(exercise, { title: 'title', file: 'file' });
  const made = { backend: 'wasm', box: 'plain', seed: 'x', grader: '0', modules: {}, submission: 's', startedAt: '', finishedAt: '' };
  const xml = junit(makeReport([exercise], made));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for; picocolors adds none without a terminal
  return (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|<testcase name="mine"|<script/.exec(shown.includes('<script') ? xml : shown + xml) ?? [
    null,
  ])[0];
}
