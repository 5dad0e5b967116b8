/** What a driver keeps from hostile code. `plain` is for one's own code: it contains accidents, not attacks, and says so below. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Box, type Driver, type Limits, openBox, strongDrivers } from '../../src/box/index.ts';
import { drivers, isLinux, limits, programOf } from './helpers.ts';

const folder = mkdtempSync(join(tmpdir(), 'ladder-attack-'));
const secret = join(folder, 'secret.txt');
writeFileSync(secret, 'expected values');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the body of one exported function in a fresh box; gives its value or the error. */
async function attack(driver: Driver, body: string, changes: Partial<Limits> = {}, head = ''): Promise<unknown> {
  const box = await openBox({ driver, limits: { ...limits, ...changes } });
  try {
    await box.load(programOf(`${head}\nexport async function run() { ${body} }`));
    return (await box.call({ export: 'run' }, [])).value;
  } catch (error) {
    return error;
  } finally {
    await box.close();
  }
}

/** What each driver promises. 'contained' = the module lock and the process boundary; 'refused' = also if the code got hold of Node's own modules. */
const promises: Record<Driver, { readonly files: boolean; readonly processes: boolean; readonly network: boolean }> = {
  plain: { files: false, processes: false, network: false },
  permission: { files: true, processes: true, network: false },
  uid: { files: true, processes: true, network: true },
  bubblewrap: { files: true, processes: true, network: true },
};

describe.each(drivers)('%s', (driver) => {
  test.each([
    ['a static import', "import fs from 'node:fs'; fs;"],
    ['a bare static import', "import 'child_process';"],
  ])('refuses %s', async (_name, head) => {
    expect(await attack(driver, '', {}, head)).toMatchObject({ code: 'import', message: expect.stringContaining('may not use') });
  });

  test('refuses every other way to a module', async () => {
    const ways: Readonly<Record<string, string>> = {
      'a dynamic import': "import('node:fs')",
      'a dynamic import of a name made at run time': "import(['node:', 'worker', '_threads'].join(''))",
      'an import by eval': `eval("import('node:net')")`,
      'an import by new Function': `new Function("return import('node:net')")()`,
      'an import by Function handed to others': `Promise.resolve("return import('node:fs')").then(Function).then((f) => f())`,
      'a data: URL': `import("data:text/javascript,import 'node:fs'")`,
      'a file: URL': `import('file://${secret}')`,
      'the runtime itself': "import(import.meta.url.replace('exercise/one.ts', 'runtime/box.mjs'))",
      createRequire: "import('node:module').then((m) => m.createRequire('/')('fs'))",
      'a package': "import('@tensorflow/tfjs-core')",
      'an http: URL': "import('http://127.0.0.1/x.js')",
      'a path out of the folder': "import('../../../etc/passwd')",
    };
    const tries = Object.entries(ways).map(
      ([name, way]) =>
        `answers[${JSON.stringify(name)}] = await Promise.resolve().then(() => ${way}).then(() => 'got in', (e: Error) => e.message);`,
    );
    const answers = (await attack(driver, `const answers: Record<string, string> = {}; ${tries.join('\n')} return answers;`)) as Record<
      string,
      string
    >;
    expect(Object.keys(answers)).toEqual(Object.keys(ways));
    for (const [name, answer] of Object.entries(answers)) {
      expect.soft(answer, name).toMatch(/may not use|not in the exercise's folder|dynamic import callback|not part of/);
    }
  });

  test('names the import, who imports it, and what is allowed', async () => {
    expect(await attack(driver, '', {}, "import fs from 'node:fs'; fs;")).toMatchObject({
      code: 'import',
      message: "one.ts imports 'node:fs', which this exercise may not use; allowed: '@llm-ladder/backend', '@llm-ladder/backend/errors'",
    });
  });

  test('shows no way to Node behind globals', async () => {
    const probe = `
      const p = process as any;
      const names = ['binding', '_linkedBinding', 'getBuiltinModule', 'dlopen', 'kill', 'mainModule', 'report', 'openStdin', 'stdin', 'channel', 'send'];
      const found = names.filter((name) => p[name] !== undefined);
      const net = ['fetch', 'WebSocket', 'EventSource', 'BroadcastChannel', 'require', 'module', 'Worker'].filter((name) => typeof (globalThis as any)[name] !== 'undefined');
      const streams = [p.stdout, p.stderr, (console as any)._stdout].map((s) => s?.constructor?.name + ' ' + (s?._handle === undefined) + ' ' + s?.fd);
      return { found, net, streams, env: Object.keys(p.env), argv: p.argv.length };`;
    expect(await attack(driver, probe)).toEqual({
      found: [],
      net: [],
      streams: ['Object true undefined', 'Object true undefined', 'Object true undefined'],
      env: [],
      argv: 1,
    });
  });

  test.each([
    ['process.exit(0)', 'process.exit(0)', /ended itself: process\.exit\(0\)/],
    ['process.exit in a try', 'try { process.exit(0) } catch {} ; return 1', /ended itself: process\.exit\(0\)/],
    [
      'a rejection that nobody handles',
      "Promise.reject(new Error('lost')); await new Promise(() => {})",
      /rejected Promise that nothing handled: lost/,
    ],
    ['an error in a timer', "setTimeout(() => { throw new Error('late') }, 1); await new Promise(() => {})", /nothing caught: late/],
  ])('reports %s as the end of the program', async (_name, body, message) => {
    expect(await attack(driver, body)).toMatchObject({ code: 'exited', message: expect.stringMatching(message) });
  });

  test('stops an endless loop at the limit of a call, and at the limit of all calls', async () => {
    const box = await openBox({ driver, limits: { ...limits, timeMs: 1500 } });
    await box.load(
      programOf(
        'export function loop() { for (;;); } export const one = () => 1; export const wait = () => new Promise((r) => setTimeout(r, 60000));',
      ),
    );
    expect((await box.call({ export: 'one' }, [], { timeoutMs: 1000 })).value).toBe(1);
    await expect(box.call({ export: 'loop' }, [], { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'time-limit',
      message: 'loop took longer than 0.3 s (the limit on one call)',
    });
    expect(box.alive).toBe(false);
    await expect(box.call({ export: 'one' }, [])).rejects.toMatchObject({ code: 'time-limit' });
    await box.close();
    expect(await attack(driver, 'await new Promise(() => {})', { timeMs: 700 })).toMatchObject({
      code: 'time-limit',
      message: expect.stringContaining('all calls'),
    });
    expect(await attack(driver, 'for (;;) await null;', { timeMs: 700 })).toMatchObject({ code: 'time-limit' });
  });

  test.each([
    ['JavaScript objects', 'const kept: unknown[] = []; for (;;) kept.push(new Array(1e5).fill(kept.length));'],
    [
      'array buffers',
      'const kept: unknown[] = []; for (let i = 0; i < 160; i++) kept.push(new Uint8Array(64 * 2 ** 20).fill(1)); return 1;',
    ],
    [
      'WebAssembly memory',
      'const kept: unknown[] = []; for (let i = 0; i < 10; i++) { const m = new WebAssembly.Memory({ initial: 16384 }); new Uint8Array(m.buffer).fill(1); kept.push(m); } return 1;',
    ],
    [
      'text',
      "let text = 'x'; const kept: string[] = []; for (;;) { text = text + text.slice(0, 1e6); kept.push(text.split('').join('-')); }",
    ],
  ])(
    'stops 10 GB of %s',
    async (_name, body) => {
      expect(await attack(driver, body, { memoryMb: 400 })).toMatchObject({
        code: 'memory-limit',
        message: expect.stringContaining('400 MiB'),
      });
    },
    60_000,
  );

  test('stops 1 GB of output, and keeps no more than the limit', async () => {
    const box = await openBox({ driver, limits: { ...limits, outputBytes: 100_000 } });
    await box.load(programOf("export function run() { const line = 'x'.repeat(1e6); for (let i = 0; i < 1000; i++) console.log(line); }"));
    await expect(box.call({ export: 'run' }, [])).rejects.toMatchObject({
      code: 'output-limit',
      message: expect.stringContaining('100000 bytes'),
    });
    expect(box.output().length).toBeLessThanOrEqual(100_000);
    await box.close();
  });

  test('takes a result beyond the caps for what it is', async () => {
    expect(await attack(driver, 'return new Uint8Array(300 * 2 ** 20)')).toMatchObject({ code: 'value' });
  });
});

/** A box whose learner got hold of Node's modules after all: the runtime is replaced by a program that has them from the start. */
describe.each(drivers)('%s, with the module lock broken', (driver) => {
  let box: Box;
  let server: ReturnType<typeof createServer>;
  let port = 0;

  beforeAll(async () => {
    server = createServer((socket) => socket.end('reached'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as { port: number }).port;
  });
  afterAll(() => server.close());

  async function unlocked(body: string): Promise<string> {
    const { runRaw } = await import('./raw.ts');
    return runRaw(driver, body);
  }

  test('files outside', async () => {
    const answer = await unlocked(`return fs.readFileSync(${JSON.stringify(secret)}, 'utf8')`);
    expect(answer === 'expected values').toBe(!promises[driver].files);
    expect(await unlocked("return fs.readdirSync('/root').length + 'entries'")).toMatch(
      promises[driver].files ? /ERR_ACCESS_DENIED|ENOENT|EACCES/ : /entries|EACCES/,
    );
  });

  test('writing', async () => {
    const target = join(folder, `written-${driver}`);
    await unlocked(`fs.writeFileSync(${JSON.stringify(target)}, 'x'); return 'ok'`);
    expect(existsSync(target)).toBe(!promises[driver].files);
  });

  test('other processes', async () => {
    const answer = await unlocked("return cp.execFileSync(process.execPath, ['-p', '6 * 7']).toString().trim()");
    expect(answer === '42').toBe(!promises[driver].processes);
    const worker = await unlocked("const { Worker } = wt; new Worker('0', { eval: true }); return 'started'");
    expect(worker === 'started').toBe(!promises[driver].processes);
  });

  test('the network', async () => {
    const answer = await unlocked(
      `return await new Promise((resolve) => { const s = net.connect(${port}, '127.0.0.1'); s.on('data', (d) => resolve(String(d))); s.on('error', (e) => resolve(e.code)); })`,
    );
    expect(answer === 'reached').toBe(!promises[driver].network);
  });

  test('the environment', async () => {
    process.env.LADDER_TEST_SECRET = 'a token';
    expect(await unlocked('return JSON.stringify(process.env)')).not.toContain('a token');
    if (isLinux && promises[driver].files) {
      expect(await unlocked(`return fs.readFileSync('/proc/${process.pid}/environ', 'utf8')`)).not.toContain('PATH=');
    }
    delete process.env.LADDER_TEST_SECRET;
  });

  test('the parent', async () => {
    if (!strongDrivers.includes(driver)) return; // Node's permissions do not cover signals: only the lock on `process` stands before them
    const victim = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)']);
    await new Promise((resolve) => victim.once('spawn', resolve));
    expect(await unlocked(`process.kill(${victim.pid}, 'SIGKILL'); return 'killed'`)).toMatch(/ESRCH|EPERM/);
    expect(victim.exitCode ?? victim.signalCode).toBeNull();
    victim.kill('SIGKILL');
  });

  test('frames of its own on the pipe', async () => {
    const { runFrames } = await import('./raw.ts');
    for (const forged of [
      [0xff, 0xff, 0xff, 0xff, 1, 2, 3],
      [0, 0, 0, 1, 0xc1],
      [0, 0, 0, 1, 0xc0],
      [0, 0, 0, 8, 0x93, 0xa4, ...Buffer.from('done'), 0x05, 0x2a],
    ]) {
      box = await runFrames(driver, forged);
      await expect(box.call({ export: 'x' }, [])).rejects.toMatchObject({ code: 'protocol' });
      expect(box.alive).toBe(false);
      await box.close();
    }
    expect(readFileSync(secret, 'utf8')).toBe('expected values');
  });
});
