/** Every limit stops its case within a second, says its name, and leaves the grader what was earned before. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { threadLimit } from '../../src/box/drivers/limits.ts';
import { type Box, type Limits, openBox, strongDrivers } from '../../src/box/index.ts';
import { drivers, isLinux, limits, programOf } from './helpers.ts';
import { rawBox } from './raw.ts';

let box: Box | undefined;
afterEach(() => box?.close());

describe.each(drivers)('%s', (driver) => {
  const cases: readonly [string, string, Partial<Limits>, { code: string; says: string }][] = [
    ['time', 'for (;;);', { timeMs: 700 }, { code: 'time-limit', says: '0.7 s (the limit on all calls' }],
    [
      'memory, in small pieces',
      'const all: unknown[] = []; for (let i = 0; i < 10240; i++) all.push(new Uint8Array(2 ** 20).fill(1));',
      { memoryMb: 400 },
      { code: 'memory-limit', says: '400 MiB (the limit on memory)' },
    ],
    [
      'memory, all at once',
      'new Uint8Array(8 * 2 ** 30).fill(1);',
      { memoryMb: 400 },
      { code: 'memory-limit', says: '400 MiB (the limit on memory)' },
    ],
    [
      'output',
      "for (let i = 0; i < 1024; i++) console.log('x'.repeat(2 ** 20));",
      { outputBytes: 1000, memoryMb: 4096 },
      { code: 'output-limit', says: '1000 bytes (the limit on output)' },
    ],
  ];
  test.each(cases)('%s', async (_name, body, changes, { code, says }) => {
    box = await openBox({ driver, limits: { ...limits, ...changes } });
    await box.load(programOf(`export const before = () => 1; export function run() { ${body} }`));
    expect((await box.call({ export: 'before' }, [])).value).toBe(1);
    const started = performance.now();
    await expect(box.call({ export: 'run' }, [])).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
    // The others are passed only by working for a while.
    if (code === 'time-limit') expect(performance.now() - started).toBeLessThan(700 + 1000);
    // What the kernel lets it have while nobody looks.
    if (isLinux && code === 'memory-limit') expect(await box.peakMemoryBytes()).toBeLessThan((400 + 1024) * 2 ** 20);
  });

  test.runIf(isLinux)('the kernel keeps limits of its own', async () => {
    box = await openBox({ driver, limits: { ...limits, memoryMb: 400 } });
    const kept = (name: string): number[] =>
      (new RegExp(`^${name} +(\\S+) +(\\S+)`, 'm').exec(readFileSync(`/proc/${box!.pid}/limits`, 'utf8')) ?? []).slice(1).map(Number);
    expect(kept('Max file size')).toEqual([0, 0]);
    expect(kept('Max data size')).toEqual([1424 * 2 ** 20, 1424 * 2 ** 20]);
    expect(kept('Max core file size')).toEqual([0, 0]);
    expect(kept('Max open files')[1]).toBeLessThanOrEqual(256);
    expect(kept('Max cpu time')[1]).toBeGreaterThanOrEqual(3600);
    if (driver === 'uid') expect(kept('Max processes')).toEqual([threadLimit, threadLimit]);
  });

  test.runIf(strongDrivers.includes(driver))('it has the filter, no capability, and no way to more', async () => {
    box = await openBox({ driver, limits });
    const status = readFileSync(`/proc/${box.pid}/status`, 'utf8');
    for (const line of [
      'Seccomp:\t2',
      'NoNewPrivs:\t1',
      'CapInh:\t0000000000000000',
      'CapPrm:\t0000000000000000',
      'CapBnd:\t0000000000000000',
    ])
      expect(status).toContain(line);
    if (driver === 'uid') expect(Number(/^Uid:\t(\d+)/m.exec(status)?.[1])).toBeGreaterThanOrEqual(50_000);
  });
});

// Past the module lock and Node's permissions: what `plain` has neither of.
describe.runIf(isLinux)('behind the locks', () => {
  test('a file', async () => {
    box = await rawBox('plain', "try { fs.writeFileSync('/tmp/ladder-limit', 'x'); } catch (error) { fail(error); }");
    await expect(box.call({ export: 'f' }, [])).rejects.toMatchObject({
      code: 'disk-limit',
      message: expect.stringContaining('limit on disk'),
    });
  });

  test('threads', async () => {
    const body = `process.env.UV_THREADPOOL_SIZE = '${threadLimit + 1}'; fs.readFile('/dev/zero', () => {});`;
    box = await rawBox('plain', body);
    await expect(box.call({ export: 'f' }, [])).rejects.toMatchObject({
      code: 'process-limit',
      message: expect.stringMatching(/^the program ran \d+ threads, more than \d+ \(the limit on processes\)$/),
    });
  });

  // The message is the one that a Node under the filter gives (seccomp.test.ts).
  test('a process', async () => {
    box = await rawBox('plain', "fail(Object.assign(new Error('spawnSync node EPERM'), { code: 'EPERM' }));");
    await expect(box.call({ export: 'f' }, [])).rejects.toMatchObject({
      code: 'process-limit',
      message: expect.stringContaining('limit on processes'),
    });
  });
});
