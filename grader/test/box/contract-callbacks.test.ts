/** The part of the contract that every driver keeps where the learner's code calls the grader back. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ScriptedError } from '../../src/box/callbacks.ts';
import { type Box, type Handle, openBox, type Value } from '../../src/box/index.ts';
import { stream } from '../../src/box/values.ts';
import { source } from './contract-sources.ts';
import { drivers, limits, programOf } from './helpers.ts';

const program = programOf(source, {
  files: { 'one.ts': source, 'parts/half.ts': 'export const half: number = 0.5;' },
  modules: { '@llm-ladder/demo/two': 'export const twice = (x: number): number => 2 * x;' },
});

describe.each(drivers)('%s', (driver) => {
  let box: Box;
  const call = async (name: string, ...args: Value[]): Promise<Value> => (await box.call({ export: name }, args)).value;

  beforeAll(async () => {
    box = await openBox({ driver, limits });
    await box.load(program);
  }, 60_000);
  afterAll(() => box.close());

  test('of what a callback throws only a scripted error crosses; the words of any other stay here', async () => {
    const throwing = (error: unknown) => async (): Promise<Value> => {
      throw error;
    };
    const scripted = new ScriptedError('no answer today', { name: 'TimeoutError', code: 'ETIME' });
    expect(await call('caught', throwing(scripted))).toMatchObject({ name: 'TimeoutError', message: 'no answer today', code: 'ETIME' });
    await expect(call('ask', throwing(scripted), 1)).rejects.toThrow('no answer today');
    for (const error of [new Error('expected 4711'), Object.assign(new RangeError('4711'), { code: 4711 }), '4711', { message: '4711' }]) {
      const seen = await call('caught', throwing(error));
      expect(seen).toMatchObject({ name: 'Error', message: 'the call was refused', code: undefined });
      expect(JSON.stringify(seen)).not.toContain('4711');
    }
  });

  test('calls lie inside one another and beside one another', async () => {
    const again = async (n: Value): Promise<Value> => call('nested', again, n);
    expect(await call('nested', again, 8)).toBe('8 7 6 5 4 3 2 1 end');
    const waiting: (() => void)[] = [];
    const all = async (n: Value): Promise<Value> => {
      // None is answered before the last has come.
      await new Promise<void>((resolve) => {
        if (waiting.push(resolve) === 6) for (const go of waiting) go();
      });
      return 2 * (n as number);
    };
    expect(await Promise.all([call('together', all, 3), call('together', all, 3)])).toEqual([[0, 2, 4], [0, 2, 4]]); // biome-ignore format: one line
    expect(await Promise.all(Array.from({ length: 20 }, (_, i) => call('later', i)))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  test('streams go in an item at a time, and say when their reader stops', async () => {
    const told: string[] = [];
    const items = async function* (): AsyncGenerator<Value> {
      try {
        for (const item of ['大', '模', '型']) {
          told.push(item);
          yield item;
        }
        throw new ScriptedError('broken off');
      } finally {
        told.push('end');
      }
    };
    expect(await call('collect', stream(items()), 2)).toEqual(['大', '模']);
    expect(told).toEqual(['大', '模', 'end']);
    await expect(call('collect', stream(items()), 9)).rejects.toThrow('broken off');
    expect(await call('collect', stream(['a', 'b']), 9)).toEqual(['a', 'b']);
    const made = (await call('produce', 2)) as Handle;
    const next = async (): Promise<Value> => (await box.call({ handle: made.id, method: 'next' }, [])).value;
    expect([await next(), await next(), await next()]).toMatchObject([{ value: 0 }, { value: 1 }, { done: true }]);
  });

  test('says when nothing in it can go on', async () => {
    let asked = 0;
    let answer: () => void = () => {};
    const slow = async (): Promise<Value> => {
      asked++;
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return 1;
    };
    const running = call('ask', slow, 2);
    for (const count of [1, 2]) {
      await box.settled();
      await expect.poll(() => asked).toBe(count);
      answer();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await running).toBe(2);
  });
});
