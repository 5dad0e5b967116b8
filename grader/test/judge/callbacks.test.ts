/** What fails inside a suite's function ends the test there, and the learner's code learns nothing of it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { GraderError } from '@llm-ladder/backend/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ScriptedError } from '../../src/box/callbacks.ts';
import { type Box, openBox } from '../../src/box/index.ts';
import type { Value } from '../../src/box/values.ts';
import { loadCatalog, programFor } from '../../src/catalog/catalog.ts';
import { setLang } from '../../src/format/words.ts';
import { judge } from '../../src/judge/judge.ts';
import { makeSubject, type OpenSubject } from '../../src/judge/subject.ts';
import { fakeClock } from '../../src/suite/clock.ts';
import { expect as expectIn } from '../../src/suite/expect.ts';
import { assistant, chunked, recorder, scripted } from '../../src/suite/scripted.ts';
import { limits, programOf } from '../box/helpers.ts';
import { tappedBox } from '../box/record.ts';

const source = `
export async function agent(tool: (x: unknown) => Promise<unknown>): Promise<unknown> {
  try { return await tool(1); } catch (error) { return { text: String(error), stack: (error as Error).stack, all: JSON.stringify(error) }; }
}
export async function stubborn(tool: (x: unknown) => Promise<unknown>): Promise<number> {
  let refused = 0;
  for (let i = 0; i < 5; i++) await tool(i).catch(() => refused++);
  return refused;
}
export async function nested(f: (n: number) => Promise<string>, n: number): Promise<string> {
  if (n < 0) throw new RangeError('below zero');
  return n === 0 ? 'end' : n + ' ' + await f(n - 1);
}
export async function read(model: (q: string) => Promise<AsyncIterable<string>>): Promise<string> {
  let text = '';
  try { for await (const piece of await model('q')) text += piece; } catch (error) { text += ' ' + (error as Error).message; }
  return text;
}
export async function slow(sleep: (ms: number) => Promise<void>, now: () => Promise<number>): Promise<number> {
  await Promise.all([sleep(3_600_000), sleep(10).then(() => sleep(20))]);
  return now();
}
export async function useObject(run: (o: { twice(x: number): number }) => Promise<number>): Promise<number> { return run({ twice: (x) => 2 * x }); }
`;
const program = programOf(source);
const asyncExports = ['agent', 'stubborn', 'nested', 'read', 'slow', 'useObject'];

let box: Box;
let sent: () => string;
beforeAll(async () => {
  setLang('en');
  ({ box, sent } = await tappedBox(program));
}, 60_000);
afterAll(async () => {
  setLang(undefined);
  await box.close();
});

function open(who: 'learner' | 'reference' = 'learner', spent: (ms: number) => void = () => {}): OpenSubject {
  const exports = Object.fromEntries(asyncExports.map((name) => [name, 'function' as const]));
  return makeSubject({ who, entry: 'one.ts', asyncExports, open: async () => ({ box, exports }), timeLeft: () => 5000, spent });
}

describe('assertions in callbacks', () => {
  test('the call that swallows one fails with its message, of which no byte goes to the box', async () => {
    const { subject, kept } = open();
    const tool = async (x: Value): Promise<Value> => {
      expectIn(x).toEqual('the expected value is 4711');
      return null;
    };
    await expect(subject.agent(tool)).rejects.toThrow('the expected value is 4711');
    expect(String(kept()?.error)).toContain('4711');
    await expect(subject.nested(async () => 'x', 1)).rejects.toThrow('4711'); // the test is over
    expect(sent()).toContain('the call was refused');
    expect(sent()).not.toContain('4711');
  });

  test('after it every call is refused, and the suite runs none of them', async () => {
    let ran = 0;
    const { subject } = open();
    await expect(
      subject.stubborn(async () => {
        ran++;
        throw new Error('first');
      }),
    ).rejects.toThrow('first');
    expect(ran).toBe(1);
  });

  test('a scripted error is part of the scenario: it crosses, and nothing is kept', async () => {
    const { subject, kept } = open();
    const answer = await subject.agent(async () => {
      throw new ScriptedError('rate limit', { name: 'RateLimitError' });
    });
    expect(answer.text).toBe('RateLimitError: rate limit');
    expect(kept()).toBeUndefined();
  });

  test("the learner's own error passes through a callback", async () => {
    const { subject } = open();
    const deeper = async (n: Value): Promise<Value> => subject.nested(deeper, (n as number) - 2);
    await expect(subject.nested(deeper, 2)).rejects.toMatchObject({ remote: { name: 'RangeError', message: 'below zero' } });
  });

  test("what fails in a callback of the reference is the grader's fault", async () => {
    const { subject } = open('reference');
    const failing = async (): Promise<Value> => expectIn(1).toBe(2) as never;
    await expect(subject.agent(failing)).rejects.toBeInstanceOf(GraderError);
  });

  test('a function gets objects with methods that it can call back', async () => {
    const { subject } = open();
    expect(await subject.useObject(async (o: Value) => (o as unknown as { twice(x: number): Promise<number> }).twice(21))).toBe(42);
  });
});

describe('scripted', () => {
  test('gives its replies in order and remembers the calls; one call too many ends the test', async () => {
    const model = scripted(['a', new ScriptedError('b'), (x) => `${x} again`]);
    expect([await model(1), await model(2).catch((error: Error) => error.message), await model(3)]).toEqual(['a', 'b', '3 again']);
    expect([model.calls, model.left]).toEqual([[[1], [2], [3]], 0]);
    const { subject } = open();
    await expect(subject.stubborn(scripted(['a', 'b']))).rejects.toThrow('expected at most 2 calls, got one more: (2)');
  });

  test('streams, also broken ones', async () => {
    const { subject } = open();
    expect(await subject.read(scripted([chunked(['大', '模', '型'])]))).toBe('大模型');
    expect(await subject.read(scripted([chunked(['大', new ScriptedError('cut')])]))).toBe('大 cut');
  });

  test('a message of an assistant holds its calls as the chat APIs do', () => {
    expect(
      assistant(null, [
        { name: 'f', args: { x: 1 } },
        { name: 'g', args: '{', id: 'own' },
      ]),
    ).toEqual({
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
        { id: 'own', type: 'function', function: { name: 'g', arguments: '{' } },
      ],
    });
  });
});

describe('fakeClock', () => {
  test('an hour passes as soon as the program waits for nothing else', async () => {
    const { subject } = open();
    const clock = fakeClock(subject);
    const started = performance.now();
    expect(await subject.slow(clock.sleep, clock.now)).toBe(3_600_000);
    expect(clock.time).toBe(3_600_000);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('what is asked for together is slept together, however busy the machine is', async () => {
    const { subject } = open();
    for (let round = 0; round < 20; round++) {
      const clock = fakeClock(subject);
      const tool = recorder(async () => clock.after(50, 'x'));
      const twice = recorder(async () => clock.sleep(20).then(() => clock.sleep(20)));
      await Promise.all([subject.agent(tool), subject.agent(tool), subject.agent(twice)]);
      expect([clock.time, tool.mostAtOnce]).toEqual([50, 2]);
    }
  });

  test('by hand: sleeps end in their order', async () => {
    const clock = fakeClock();
    const woken: number[] = [];
    for (const ms of [30, 10, 20]) void clock.sleep(ms).then(() => woken.push(ms));
    await clock.advance(25);
    expect([woken, clock.time]).toEqual([[10, 20], 25]);
  });
});

test('calls that overlap count their time once', async () => {
  let total = 0;
  const { subject } = open('learner', (ms) => {
    total += ms;
  });
  const started = performance.now();
  const wait = (): Promise<Value> => new Promise((resolve) => setTimeout(resolve, 100, 1));
  await Promise.all(Array.from({ length: 10 }, () => subject.agent(wait)));
  const wall = performance.now() - started;
  expect(total).toBeGreaterThan(90);
  expect(total).toBeLessThan(wall + 5);
});

test('the agent that turns every error into text fails the test whose only assertion is in a tool', async () => {
  const exercise = (await loadCatalog(path.join(import.meta.dirname, '../fixtures/toy-agent'))).find('tool-loop');
  const reference = await readFile(exercise.referenceFile, 'utf8');
  const grade = async (text: string) =>
    judge(exercise, await programFor(exercise, { referenceText: text }), {
      driver: 'plain',
      backend: 'cpu',
      seed: 'abc',
      gated: false,
      thresholds: false,
      open: () => openBox({ driver: 'plain', backend: 'cpu', limits }),
    });
  expect((await grade(reference)).score).toBe(9);
  const { tests } = await grade(reference.replace('JSON.parse(text)', "name === 'look' ? text : JSON.parse(text)"));
  expect(tests.filter(({ status }) => status !== 'passed').map(({ name }) => name)).toEqual(['a tool gets its arguments as values']);
  expect(tests[1]?.message).toMatch(/secret/);
}, 60_000);
