import { join } from 'node:path';
import { tf, useBackend } from '@llm-ladder/backend';
import { expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { referenceSuite } from '../../src/judge/reference-suite.ts';
import { edit, toyCourse } from '../cli/toy-course.ts';

const workspace = join(import.meta.dirname, '../../..');

/** Names and messages of the tests that fail. */
async function failures(...args: Parameters<typeof referenceSuite>): Promise<[name: string, message: string][]> {
  const failed: [string, string][] = [];
  for (const { name, run } of await referenceSuite(...args)) await run().catch((error: Error) => failed.push([name, error.message]));
  return failed;
}

test('the tests of the toy pass on its reference, and no threshold is among them', async () => {
  const exercise = (await loadCatalog(toyCourse())).find('softmax');
  const names = (await referenceSuite(exercise, 'cpu')).map(({ name }) => name);
  expect(names).toContain('large scores stay finite');
  expect(names).not.toContain('softmax keeps up with the reference');
  expect(await failures(exercise, 'cpu')).toEqual([]);
});

test('a wrong reference fails the test that its mutant names, with the seed', async () => {
  const course = toyCourse();
  edit(join(course, 'src/softmax.ts'), 'Math.exp(x - top)', 'Math.exp(x)');
  const failed = await failures((await loadCatalog(course)).find('softmax'), 'cpu');
  expect(failed.map(([name]) => name)).toEqual(['large scores stay finite']);
  expect(failed[0]![1]).toMatch(/\nrandom seed [0-9a-f]+$/);
});

test('the program runs on the backend that is asked for, and the one in use is in use again afterwards', async () => {
  await useBackend('wasm');
  const used = new Set<string>();
  const cpu = tf.findBackend('cpu') ?? (await useBackend('cpu').then(() => tf.findBackend('cpu')!));
  await useBackend('wasm');
  const write = cpu.write.bind(cpu);
  cpu.write = (...args) => {
    used.add(tf.getBackend());
    return write(...args);
  };
  const [gate] = await referenceSuite((await loadCatalog(workspace)).find('transformer/layernorm'), 'cpu');
  await gate!.run();
  expect([...used]).toEqual(['cpu']);
  expect(tf.getBackend()).toBe('wasm');
});
