/** Boxes end when they should: with their grader, with their pool, and never with another's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { GraderError } from '@llm-ladder/backend/errors';
import { afterEach, describe, expect, test } from 'vitest';
import { type Box, BoxPool, openBox } from '../../src/box/index.ts';
import { strip } from '../../src/box/strip.ts';
import { drivers, isLinux, limits, programOf } from './helpers.ts';

const boxModule = new URL('../../src/box/index.ts', import.meta.url).href;
const runtimeModule = new URL('../../src/box/runtime.ts', import.meta.url).href;
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const gone = (pid: number): Promise<void> => expect.poll(() => alive(pid), { timeout: 10_000 }).toBe(false);

/** A grader in a process of its own; it prints what its script prints, one word a line. */
async function otherGrader(script: string, env: NodeJS.ProcessEnv = process.env) {
  const source = `import { openBox, strongestDriver } from ${JSON.stringify(boxModule)};
const limits = { timeMs: 60000, memoryMb: 1024, outputBytes: 1000 };
${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, first: first.toString().trim() };
}

describe.each(drivers)('%s', (driver) => {
  test('a box ends when its grader is killed, idle', async () => {
    const { child, first } = await otherGrader(
      `const box = await openBox({ driver: '${driver}', limits }); console.log(box.pid); setInterval(() => {}, 1000);`,
    );
    expect(alive(Number(first))).toBe(true);
    child.kill('SIGKILL');
    await gone(Number(first));
  });

  test.runIf(isLinux).each(['for (;;);', 'box.pause()'])('a box ends when its grader is killed, in %s', async (state) => {
    const { child, first } = await otherGrader(`
const box = await openBox({ driver: '${driver}', limits });
await box.load({ exercise: 'a/b', entry: 'a.ts', files: { 'a.ts': 'export function loop() { for (;;); }' }, modules: {} });
${state === 'box.pause()' ? 'box.pause();' : "void box.call({ export: 'loop' }, []).catch(() => {});"}
setTimeout(() => console.log(box.pid), 100); setInterval(() => {}, 1000);`);
    expect(alive(Number(first))).toBe(true);
    child.kill('SIGKILL');
    await gone(Number(first));
  });

  test('an open box does not keep its grader running, a call does until it is answered', async () => {
    const { child, first } = await otherGrader(`
const box = await openBox({ driver: '${driver}', limits });
await box.load({ exercise: 'a/b', entry: 'a.ts', files: { 'a.ts': 'export const later = () => new Promise((r) => setTimeout(r, 200, 5));' }, modules: {} });
box.call({ export: 'later' }, []).then(({ value }) => console.log(value, box.pid));`);
    const [value, pid] = first.split(' ').map(Number);
    expect(value).toBe(5);
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
    await gone(pid!);
  });

  test('closing ends the process, twice too, and later calls say so', async () => {
    const box = await openBox({ driver, limits });
    await Promise.all([box.close(), box.close()]);
    await gone(box.pid);
    expect(box.alive).toBe(false);
    await expect(box.call({ export: 'x' }, [])).rejects.toBeInstanceOf(GraderError);
  });

  test('a program that is killed from outside is reported, and calls in progress end', async () => {
    const box = await openBox({ driver, limits });
    await box.load(programOf('export const wait = () => new Promise(() => {});'));
    const waiting = box.call({ export: 'wait' }, []);
    process.kill(box.pid, 'SIGKILL');
    await expect(waiting).rejects.toMatchObject({ code: 'exited' });
    await box.close();
  });
});

describe('limits', () => {
  test('count only the time of calls', async () => {
    const box = await openBox({ driver: 'plain', limits: { ...limits, timeMs: 600 } });
    await box.load(programOf('export const one = () => 1;'));
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect((await box.call({ export: 'one' }, [])).value).toBe(1);
    await box.close();
  });

  test('can be set after the box was opened', async () => {
    const box = await openBox({ driver: 'plain', limits });
    await box.load(programOf('export const wait = () => new Promise(() => {});'));
    box.setLimits({ ...limits, timeMs: 200 });
    await expect(box.call({ export: 'wait' }, [])).rejects.toMatchObject({ code: 'time-limit', message: expect.stringContaining('0.2 s') });
    await box.close();
  });
});

describe('the pool', () => {
  let pool: BoxPool | undefined;
  const taken: Box[] = [];
  afterEach(async () => {
    await pool?.close();
    for (const box of taken.splice(0)) await box.close();
  });
  const take = async (): Promise<Box> => {
    const box = await pool!.take({ ...limits, timeMs: 5000 });
    taken.push(box);
    return box;
  };

  test('gives different boxes, as many as are asked for', async () => {
    pool = new BoxPool({ driver: 'plain', size: 2 });
    const boxes = await Promise.all([take(), take(), take()]);
    expect(new Set(boxes.map((box) => box.pid)).size).toBe(3);
    for (const box of boxes) await box.load(programOf('export const one = () => 1;'));
  });

  test('passes over a box that ended while it waited', async () => {
    pool = new BoxPool({ driver: 'plain', size: 1 });
    const first = await take();
    await first.close();
    const second = await take();
    expect(second.alive).toBe(true);
  });

  test.skipIf(!isLinux)('opens nothing between a take and being asked to refill', async () => {
    // The strip worker is a thread; the children of this process are boxes.
    const boxes = (): number => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean).length;
    const before = boxes();
    pool = new BoxPool({ driver: 'plain', size: 2, refill: 'when asked', practice: 2 });
    await pool.ready();
    expect(boxes()).toBe(before + 2);
    await take();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(boxes()).toBe(before + 2);
    pool.refill();
    await pool.ready();
    expect(boxes()).toBe(before + 3);
  });

  test('gives a practised box as clean as a fresh one', async () => {
    const look = `import { tf } from '@llm-ladder/backend';
      export const state = () => ({ ...tf.memory(), names: Object.getOwnPropertyNames(globalThis).sort(), id: tf.scalar(0).id });`;
    const stateOf = async (box: Box): Promise<Record<string, unknown>> => {
      await box.load(programOf(look));
      const { value } = await box.call({ export: 'state' }, []);
      await box.close();
      return value as Record<string, unknown>;
    };
    pool = new BoxPool({ driver: 'plain', size: 1, practice: 3 });
    await pool.ready();
    const { id: practisedId, ...practised } = await stateOf(await take());
    const { id: freshId, ...fresh } = await stateOf(await openBox({ driver: 'plain', limits }));
    expect(practised).toEqual(fresh);
    expect(practisedId).toBeGreaterThan(freshId as number); // it did practise
  });

  test('takes the time of practice from nobody', async () => {
    const box = await openBox({ driver: 'plain', limits });
    taken.push(box);
    const started = performance.now();
    while (performance.now() - started < 1500) await box.practise();
    box.setLimits({ ...limits, timeMs: 1400 });
    await box.load(programOf('export const one = () => 1;'));
    expect((await box.call({ export: 'one' }, [])).value).toBe(1);
    await expect(box.practise()).rejects.toThrow('expected a fresh box, got one that holds a program');
  });

  test('closes its waiting boxes', async () => {
    pool = new BoxPool({ driver: 'plain', size: 1 });
    const { pid } = await take();
    await pool.close();
    expect(alive(pid)).toBe(true);
  });
});

describe('the runtime', () => {
  test('is built once when several graders want it at the same time', async () => {
    const store = mkdtempSync(join(tmpdir(), 'ladder store-'));
    const script = `import { runtimeIn } from ${JSON.stringify(runtimeModule)}; console.log(await runtimeIn(${JSON.stringify(store)}))`;
    const graders = await Promise.all([1, 2, 3].map(() => otherGrader(script)));
    const [folder] = graders.map(({ first }) => first);
    expect(graders.map(({ first }) => first)).toEqual([folder, folder, folder]);
    expect(readdirSync(store)).toEqual([basename(folder!)]);
    expect(existsSync(join(folder!, 'box.mjs'))).toBe(true);
    rmSync(store, { recursive: true });
  });
});

describe('the strongest driver', () => {
  test.runIf(isLinux)('is the next best where bubblewrap is not there or does not start', async () => {
    const nextBest = drivers.includes('uid') ? 'uid' : 'permission';
    const { first } = await otherGrader('console.log(await strongestDriver())', { ...process.env, PATH: '/nowhere' });
    expect(first).toBe(nextBest);
    const folder = mkdtempSync(join(tmpdir(), 'ladder-bwrap-'));
    symlinkSync('/bin/false', join(folder, 'bwrap'));
    const broken = await otherGrader('console.log(await strongestDriver())', { ...process.env, PATH: folder });
    rmSync(folder, { recursive: true });
    expect(broken.first).toBe(nextBest);
  });
});

describe('types are taken away', () => {
  test('with the line of a mistake', async () => {
    expect(await strip('const a: number = 1;', 'a.ts')).toBe('const a         = 1;');
    await expect(strip('let a = 1;\nlet b: = 2;', 'b.ts')).rejects.toMatchObject({
      code: 'syntax',
      message: expect.stringMatching(/^b\.ts:2: /),
    });
    await expect(strip('\nenum A { B }', 'c.ts')).rejects.toMatchObject({
      code: 'syntax',
      message: expect.stringMatching(/^c\.ts:2: .*enum/),
    });
  });

  test('also after files that break the stripper, whoever waits beside them', async () => {
    const deep = (n: number): string => `const x = ${'['.repeat(n)}1${']'.repeat(n)};`;
    const results = await Promise.allSettled([
      strip(deep(100_000), 'deep.ts'),
      strip('const b: string = "";', 'fine.ts'),
      strip(deep(50_000), 'deep2.ts'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
    expect(await strip('const c: number = 3;', 'after.ts')).toBe('const c         = 3;');
  });
});
