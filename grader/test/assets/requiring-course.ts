/** The toy course where `toy/softmax` requires a known model as a whole, and one test of `toy/again` a model of the Hub; and a cache of one's own. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findModel, type ModelRecord, modelFolder, RECORD } from '@llm-ladder/data/model-cache';
import { onTestFinished } from 'vitest';
import { edit, toyCourse } from '../cli/toy-course.ts';

export const WHOLE = 'langid';
export const OF_TEST = 'hf:toy/tiny';

const newTest = `
test('the scores of a model', { points: 3, zh: '模型的分数', requires: ['model:${OF_TEST}'] }, async ({ learner, reference, asset }) => {
  const model = asset('${OF_TEST}');
  const { scores } = await model.tensors({ names: ['scores'] });
  const all = await model.tensors();
  expect([Object.keys(all), all.positions.dtype, all.positions.toArray()]).toEqual([['positions', 'scores'], 'int32', [[5, 6]]]);
  const { expected } = await model.json('answers.json');
  const list = [...scores.values];
  for (const subject of [learner, reference]) {
    const kept = await subject.keep(list);
    expect(await subject.softmax(kept)).toBeAllClose(expected);
    expect(await subject.softmax(kept)).toBeAllClose(expected);
  }
});
`;

export function requiringCourse(): { course: string; cache: string } {
  const course = toyCourse();
  const cache = mkdtempSync(path.join(tmpdir(), 'ladder models-'));
  onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
  edit(path.join(course, 'course/01-softmax/exercise.ts'), '  minutes: 5,', `  minutes: 5,\n  requires: ['model:${WHOLE}'],`);
  edit(path.join(course, 'course/02-again/hidden.test.ts'), "\nperformance('softmax", `${newTest}\nperformance('softmax`);
  return { course, cache };
}

/** Puts files into a cache as `ladder model add` would. */
export function putModel(cache: string, name: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  const folder = modelFolder(name, cache);
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(folder, file), content);
  const record: ModelRecord = {
    format: 1,
    name,
    source: 'test',
    ...(name.startsWith('hf:') ? {} : { sha256: findModel(name).package.sha256 }),
    files: Object.entries(files).map(([file, content]) => {
      return { path: file, bytes: Buffer.byteLength(content), sha256: createHash('sha256').update(content).digest('hex') };
    }),
  };
  writeFileSync(path.join(folder, RECORD), JSON.stringify(record));
}

/** The two models that the course requires. */
export function putBoth(cache: string, { answers = [0.0420101, 0.1141952, 0.8437947] } = {}): void {
  putModel(cache, WHOLE, { 'lid.176.ftz': 'any bytes' });
  putModel(cache, OF_TEST, { 'model.safetensors': weights(), 'answers.json': JSON.stringify({ expected: answers }) });
}

/** Scores in float32 beside positions in int64, as the weights of BERT have them; by the format's own rules, not by our writer. */
function weights(): Buffer {
  const header = JSON.stringify({
    positions: { dtype: 'I64', shape: [1, 2], data_offsets: [0, 16] },
    scores: { dtype: 'F32', shape: [3], data_offsets: [16, 28] },
  });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([
    length,
    Buffer.from(header),
    ...[BigInt64Array.of(5n, 6n), Float32Array.of(1, 2, 4)].map(({ buffer }) => Buffer.from(buffer)),
  ]);
}
