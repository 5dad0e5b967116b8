/** The grader survives whatever a box does: it ends the box, says why, and needs little memory for it. */
import { afterEach, describe, expect, test } from 'vitest';
import { type Box, BoxError } from '../../src/box/index.ts';
import { drivers, isLinux, programOf } from './helpers.ts';
import { rawBox } from './raw.ts';

/** For those that wait for the limit on time; the others end before it, on a slow machine too. */
const [shortMs, longMs] = [800, 10_000];
let box: Box | undefined;
afterEach(() => box?.close());

/** How the first call of such a box ends: the error, after how long, and what it cost the grader. */
async function survive(
  driver: Box['driver'],
  body: string,
  timeMs: number,
  ask = (one: Box): Promise<unknown> => one.call({ export: 'f' }, [async () => 'x'.repeat(1000)]),
) {
  box = await rawBox(driver, body, { timeMs, memoryMb: 512, outputBytes: 1 << 20 });
  const memory = process.memoryUsage().rss;
  let highest = memory;
  const look = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage().rss);
  }, 10);
  const started = performance.now();
  const cpu = process.cpuUsage();
  const error = await ask(box).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const wall = performance.now() - started;
  expect(wall).toBeLessThan(timeMs + 10_000);
  // Where others use the machine, the grader's own work says how long it would have been.
  const { user, system } = process.cpuUsage(cpu);
  const ms = Math.min(wall, Math.max(timeMs, (user + system) / 1000));
  clearInterval(look);
  expect(error).toBeInstanceOf(BoxError);
  return { code: (error as BoxError).code, message: (error as BoxError).message, ms, mebibytes: (highest - memory) / 2 ** 20 };
}

const bytes = (...values: number[]): string => `Uint8Array.from(${JSON.stringify(values)})`;

describe.each(drivers)('%s', (driver) => {
  test.each([
    [
      'frames of random bytes without end',
      'for (;;) await new Promise((r) => s.write(Uint8Array.from([0, 0, 0, 50, ...crypto.getRandomValues(new Uint8Array(50))]), r));',
      'protocol',
    ],
    ['a frame of nothing', `s.write(${bytes(0, 0, 0, 0)});`, 'protocol'],
    ['half a length', `s.write(${bytes(0, 0)});`, 'time-limit'],
    ['half a frame', `s.write(${bytes(0, 0, 0, 9, 0x93)});`, 'time-limit'],
    ['half a frame and its end', `s.write(${bytes(0, 0, 0, 9, 0x93)}, () => process.exit(0));`, 'exited'],
    ['a length of 256 MiB and silence', `s.write(${bytes(0x10, 0, 0, 0, 0x93)});`, 'time-limit'],
    ['a length of 4 GiB', `s.write(${bytes(0xff, 0xff, 0xff, 0xff)});`, 'protocol'],
    ['a list of 4 billion', `s.write(${bytes(0, 0, 0, 5, 0xdd, 0xff, 0xff, 0xff, 0xff)});`, 'protocol'],
    ['lists nested 100,000 deep', `s.write(Buffer.concat([${bytes(0, 1, 0x86, 0xa0)}, Buffer.alloc(100000, 0x91)]));`, 'protocol'],
    ['a byte every 50 ms', `s.write(${bytes(0, 0, 1, 0)}); setInterval(() => s.write(${bytes(0x91)}), 50);`, 'time-limit'],
    ['a second greeting', 's.write(Uint8Array.from(sent.ready));', 'protocol'],
    ['an answer to another question', 's.write(Uint8Array.from(sent.ninth));', 'protocol'],
    ['a call of a function that there is not', `s.write(Uint8Array.from(sent.callback).with(-3, 99));`, 'protocol'],
    [
      'questions whose answers it never reads',
      's.pause(); for (;;) await new Promise((r) => s.write(Buffer.concat(Array(1000).fill(Buffer.from(sent.callback))), r));',
      /protocol|time-limit/,
    ],
    ['the end of the pipe', 's.end(); setInterval(() => {}, 1000);', 'protocol'],
    ['the pipe destroyed', 's.destroy(); setInterval(() => {}, 1000);', 'protocol'],
    ['silence, reading nothing', 's.pause(); for (;;);', 'time-limit'],
    ['process.abort', 'process.abort();', 'exited'],
    ['an exit before a word', 'process.reallyExit(3);', 'exited'],
    ['standing still', "try { process.kill(process.pid, 'SIGSTOP'); } catch {} for (;;);", 'time-limit'],
  ])('%s', async (_name, body, code) => {
    const timeMs = String(code).includes('time-limit') ? shortMs : longMs;
    const outcome = await survive(driver, body, timeMs);
    expect(outcome.code).toMatch(code);
    expect(outcome.ms).toBeLessThan(timeMs + 1000);
    expect(outcome.mebibytes).toBeLessThan(400);
    expect(box!.alive).toBe(false);
  });

  test.each([
    ['a gigabyte on stdout', 'const b = Buffer.alloc(1 << 20, 120); for (let i = 0; i < 1024; i++) process.stdout.write(b);'],
    ['text on stderr without end', "for (;;) await new Promise((r) => process.stderr.write('x'.repeat(100000), r));"],
    ['a byte at a time without end', "for (;;) await new Promise((r) => process.stdout.write('x', r));"],
  ])('%s', async (name, body) => {
    // What is printed counts from the moment that there is a program.
    const slowly = name.startsWith('a byte');
    const timeMs = slowly ? shortMs : longMs;
    const outcome = await survive(driver, body, timeMs, (one) => one.load(programOf('')));
    expect(outcome.code).toMatch(slowly ? /output-limit|time-limit/ : /output-limit|memory-limit/);
    expect(outcome.ms).toBeLessThan(timeMs + 1000);
    expect(outcome.mebibytes).toBeLessThan(400);
    expect(box!.output().length).toBeLessThanOrEqual(1 << 20);
  });

  test('death at any moment of an answer', async () => {
    for (const delay of [0, 1, 3, 10, 30]) {
      const outcome = await survive(
        driver,
        `setTimeout(() => process.reallyExit(9), ${delay}); for (;;) await new Promise((r) => s.write(Uint8Array.from([0, 0, 200, 0, 1, 2, 3]), () => setTimeout(r, 1)));`,
        longMs,
      );
      expect(outcome.code).toMatch(/exited|protocol/);
    }
  });

  test('an answer twice: the first counts, and the box ends', async () => {
    box = await rawBox(driver, 's.write(Uint8Array.from([...sent.one, ...sent.one]));');
    expect((await box.call({ export: 'f' }, [])).value).toBe(1);
    await expect(box.call({ export: 'f' }, [])).rejects.toMatchObject({ code: 'protocol' });
  });
});

// Only `plain` lets a box have children; they end with it and keep nobody waiting.
describe.runIf(isLinux)('children', () => {
  test('that hold the pipes open after the end of their parent', async () => {
    const outcome = await survive(
      'plain',
      "cp.spawn('sleep', ['60'], { stdio: ['ignore', 'inherit', 'inherit', 3] }); setTimeout(() => process.reallyExit(0), 100);",
      longMs,
    );
    expect(outcome).toMatchObject({ code: 'exited' });
    expect(outcome.ms).toBeLessThan(longMs + 1000);
  });

  test('that nobody waits for', async () => {
    const outcome = await survive(
      'plain',
      "for (let i = 0; i < 30; i++) cp.spawn('sh', ['-c', 'sleep 0 & exec sleep 60'], { stdio: 'ignore' }); for (;;);",
      shortMs,
    );
    expect(outcome).toMatchObject({ code: 'time-limit' });
  });
});
