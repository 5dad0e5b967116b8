/** Starts a program of our own through a driver, in place of the runtime: what the driver itself holds back, without the module lock before it. */
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFrame } from '../../src/box/codec.ts';
import { drivers } from '../../src/box/drivers/index.ts';
import { ProcessBox } from '../../src/box/process-box.ts';
import type { Box, Driver, Limits } from '../../src/box/types.ts';
import { limits } from './helpers.ts';

const launch = (runtime: string) => ({ runtime, backend: 'none', memoryMb: 256 });

const modules =
  "import fs from 'node:fs'; import cp from 'node:child_process'; import net from 'node:net'; import wt from 'node:worker_threads'; void [fs, cp, net, wt];";

/** Frames that a body may send without an encoder of its own: `sent.ready` ... as lists of bytes. */
const stats = { tensorsKept: 0, bytesKept: 0, kernels: {}, inputsChanged: false };
const thrown = (code: string, message: string) => ({ name: 'Error', code, message, hint: null, at: null, stack: null });
const prepared = Object.fromEntries(
  Object.entries({
    ready: ['ready', 'again'],
    one: ['done', 1, 1, false, stats],
    ninth: ['done', 9, 1, false, stats],
    callback: ['callback', 1, 1, []],
    threw: ['error', 1, 'threw', thrown('E', 'x')],
  } as const).map(([name, message]) => [name, [...encodeFrame(message)]]),
);

/** Open to every user, as the uid driver needs it. */
function runtimeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ladder-raw-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** In the program: tells the grader of an error, as the runtime does. */
const fail = `const text = (t) => { const b = Buffer.from(String(t)); return [0xda, b.length >> 8, b.length & 255, ...b]; };
const fail = (error) => {
  const body = [0x94, ...text('error'), 1, ...text('threw'), 0x83, ...text('name'), ...text(error.name), ...text('code'), ...text(error.code), ...text('message'), ...text(error.message)];
  s.write(Uint8Array.from([0, 0, body.length >> 8, body.length & 255, ...body]));
};`;

/** What the body returns, or the code of the error that it threw. */
export async function runRaw(driver: Driver, body: string): Promise<string> {
  const runtime = runtimeFolder();
  const program = `${modules}
const out = new net.Socket({ fd: 3 });
const run = async () => { ${body} };
run().catch((error) => String(error.code ?? error)).then((answer) => out.write(String(answer), () => process.exit(0)));`;
  writeFileSync(join(runtime, 'box.mjs'), program);
  try {
    const { child } = drivers[driver].start(launch(runtime));
    let answer = '';
    (child.stdio[3] as Socket).on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    await once(child, 'close');
    return answer;
  } finally {
    rmSync(runtime, { recursive: true, force: true });
  }
}

/** A box that is ready, and runs this body, with the grader's socket as `s`, prepared frames as `sent` and `fail(error)` at hand, when its first call comes. */
export async function rawBox(driver: Driver, body: string, changes: Partial<Limits> = {}): Promise<Box> {
  const runtime = runtimeFolder();
  const ready = [...encodeFrame(['ready', 'forged'])];
  const program = `${modules}
const s = new net.Socket({ fd: 3 });
${fail}
const sent = ${JSON.stringify(prepared)};
s.write(Uint8Array.from(${JSON.stringify(ready)}));
s.once('data', async () => { ${body} });`;
  writeFileSync(join(runtime, 'box.mjs'), program);
  const box = new ProcessBox(driver, drivers[driver].start({ ...launch(runtime), ...changes }), { ...limits, ...changes });
  await box.whenReady(20_000);
  rmSync(runtime, { recursive: true, force: true });
  return box;
}

/** A box that answers its first call with these bytes. */
export function runFrames(driver: Driver, bytes: readonly number[]): Promise<Box> {
  return rawBox(driver, `s.write(Uint8Array.from(${JSON.stringify(bytes)}));`);
}
