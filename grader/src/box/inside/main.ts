/** The program of a box: brings TF.js up, locks everything else away, then serves the grader over the socket on descriptor 3. */
import { readdirSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { Socket } from 'node:net';
import { setWasmPath, tf, useBackend } from '@llm-ladder/backend';
import { lang, say, setLang } from '../../format/words.ts';
import { decodeFrame, encodeFrame, FrameError } from '../codec.ts';
import { FrameReader } from '../frame-reader.ts';
import { jestWords } from '../jest-words.ts';
import type { ErrorReply, FromBox, LoadMessage, ToBox } from '../protocol.ts';
import type { BoxErrorCode, VisibleTestResult } from '../types.ts';
import { call, grad, kindsOf, type Loaded, type Outcome } from './calls.ts';
import { asRefusal, describeError, placeIn, Refusal } from './errors.ts';
import { lockGlobals } from './globals.ts';
import { release } from './handles.ts';
import { countKernels } from './kernels.ts';
import { lockModules } from './loader.ts';
import { bringIn, takeOut, takeOutAwaited } from './marshal.ts';
import { practise } from './practice.ts';
import type { createShim, Shim } from './vitest-shim.ts';
import { warmUp } from './warm.ts';

const real = process;
setLang(real.env.LADDER_LANG === 'zh' ? 'zh' : 'en'); // what replaces the environment has none
const exit = real.exit.bind(real);
const folder = new URL('./', import.meta.url);
const require = createRequire(import.meta.url);
const socket = new Socket({ fd: 3 });
const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
let sequence = 0;
let loaded: Loaded = { exports: {}, boxed: {} };
let shim: Shim | undefined;

// The grader is gone, or done with this box: nothing here outlives it.
socket.on('close', () => exit(0));
socket.on('error', () => exit(0));

setWasmPath(decodeURIComponent(folder.pathname.replace(/^\/([A-Za-z]:)/, '$1')));
// Dawn lies in its own package, which the runtime's folder does not know.
const dawn = real.env.LADDER_WEBGPU;
if (dawn !== undefined) registerHooks({ resolve: (name, context, next) => next(name === 'webgpu' ? dawn : name, context) });
const backend = await useBackend(real.argv[2] as Parameters<typeof useBackend>[0]);
await tf.tidy(() => tf.matMul(tf.ones([2, 2]), tf.ones([2, 2]))).data();
countKernels();

const runtimeModules = {
  '@llm-ladder/backend': new URL('backend.mjs', folder).href,
  '@llm-ladder/backend/errors': new URL('errors.mjs', folder).href,
};
// What the learner's code may import is loaded while loading is still allowed.
for (const url of Object.values(runtimeModules)) await import(url);
const parts = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
const loader = lockModules(runtimeModules, Object.fromEntries(parts.map((name) => [name, new URL(name, folder).href])));
// TF.js's WASM glue listens too, and throws again from its listener.
real.removeAllListeners('uncaughtException').removeAllListeners('unhandledRejection');
real.on('uncaughtException', (error) => fault(error, say({ en: 'an error that nothing caught', zh: '有错误无人捕获' })));
real.on('unhandledRejection', (error) =>
  fault(error, say({ en: 'a rejected Promise that nothing handled', zh: '有被拒绝的 Promise 无人处理' })),
);
lockGlobals(
  real,
  (code) => fault(undefined, `process.exit(${code === undefined ? '' : Number(code)})`),
  () => fault(Object.assign(new Error(), { code: 'output-limit' }), ''),
);

const reader = new FrameReader((body) => {
  void handle(decodeFrame(body, { receive: callback }) as ToBox);
});
socket.on('data', (chunk) => reader.push(chunk));
send(['ready', backend]);
// In the time that nobody waits for: the first real call then finds everything compiled.
let warm = new Promise<void>((resolve) => setImmediate(() => warmUp().then(resolve, resolve)));

/** `load` waits for it: a program starts on a box at rest. */
function practised(): Promise<void> {
  warm = warm.then(practise);
  return warm;
}

async function handle(message: ToBox): Promise<void> {
  if (message[0] === 'release') return release(message[1]);
  if (message[0] === 'reply') return answer(message);
  const id = message[1];
  try {
    // Promises that can go on do so before the next round of the event loop.
    if (message[0] === 'settle') return void setImmediate(() => done(id, null));
    if (message[0] === 'practise') return done(id, await practised());
    if (message[0] === 'load') return done(id, await load(message[2]));
    if (message[0] === 'tests') {
      const results = await runTests(message[2]);
      await allPrinted();
      return done(id, results);
    }
    const outcome =
      message[0] === 'call' ? await call(loaded, message[2], [...message[3]]) : await grad(loaded, message[2], [...message[3]], message[4]);
    await allPrinted();
    finish(id, outcome);
  } catch (error) {
    send(['error', id, codeOf(error), describeError(error)]);
  }
}

/** What was printed leaves before the answer does: the call that passes the limit on output is the one that fails. */
async function allPrinted(): Promise<void> {
  await Promise.all([flushed(real.stdout), flushed(real.stderr)]);
}

function flushed(stream: NodeJS.WriteStream): Promise<unknown> | undefined {
  return stream.writableLength === 0 ? undefined : new Promise((resolve) => stream.write('', resolve));
}

function finish(id: number, { value, wasPromise, stats, cleanUp }: Outcome): void {
  try {
    send(['done', id, value, wasPromise, stats]);
  } finally {
    cleanUp();
  }
}

function done(id: number, value: unknown): void {
  send(['done', id, value, false, { tensorsKept: 0, bytesKept: 0, kernels: {}, inputsChanged: false }]);
}

function codeOf(error: unknown): BoxErrorCode {
  const refusal = asRefusal(error);
  if (refusal) return refusal.kind;
  try {
    return error instanceof FrameError ? 'value' : 'threw';
  } catch {
    return 'threw';
  }
}

async function load(program: LoadMessage): Promise<Record<string, string>> {
  await warm;
  loader.add(program);
  try {
    const exports = { ...((await import(loader.entryUrl())) as Record<string, unknown>) };
    const boxedUrl = loader.boxedUrl();
    loaded = { exports, boxed: boxedUrl === undefined ? {} : { ...((await import(boxedUrl)) as Record<string, unknown>) } };
    return kindsOf(exports);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // V8 says a missing export with the same class as a missing bracket.
    const missing = /module '([^']+)' does not provide an export named '([^']+)'/.exec(error.message);
    const refusal = missing
      ? noSuchExport(placeIn(error.stack ?? '') ?? program.entry, missing[2]!, missing[1]!)
      : new Refusal('syntax', error.message);
    Object.defineProperty(refusal, 'stack', { value: error.stack });
    throw refusal;
  }
}

function noSuchExport(who: string, name: string, from: string): Refusal {
  return new Refusal(
    'import',
    say({
      en: `${who} imports ${name} from '${from}', which does not export it`,
      zh: `${who} 从 '${from}' 导入 ${name}，但那里没有这个导出`,
    }),
  );
}

async function runTests(files: Readonly<Record<string, string>>): Promise<VisibleTestResult[]> {
  if (shim === undefined) {
    // Read and run in one synchronous step, so that the door is not open while the learner's code could run.
    const tests = loader.unlocked(() => require('./tests.cjs') as { createShim: typeof createShim });
    shim = tests.createShim((value) => (value instanceof tf.Tensor ? { shape: value.shape, values: value.dataSync() } : undefined), lang());
    const names = Object.keys(shim.api);
    const key = `ladder-vitest-${Math.random()}`;
    Object.defineProperty(globalThis, key, { value: shim.api });
    loader.addTests(files, `export const { ${names.join(', ')} } = globalThis[${JSON.stringify(key)}];`);
  }
  const results: VisibleTestResult[] = [];
  for (const file of Object.keys(files).sort()) {
    try {
      await import(loader.testUrl(file));
      results.push(...(await shim.run(file, describeFailure)));
    } catch (error) {
      const base = { file, name: file, status: 'failed', durationMs: 0 } as const;
      results.push({ ...base, ...describeFailure(error) });
    }
  }
  return results;
}

function describeFailure(error: unknown): { message: string; notWritten: boolean; at: string | null } {
  const { name, message, at, code } = describeError(error);
  const plain = name === 'Error' || name === 'TypeError' || name === 'LadderError' ? message : `${name}: ${message}`;
  return { message: jestWords(plain), notWritten: code === 'not-implemented', at };
}

/** The box's end of a function of the grader's: sends the arguments, waits for the answer. */
function callback(id: number): (...args: unknown[]) => Promise<unknown> {
  return async (...args) => {
    const { value } = backend === 'webgpu' ? await takeOutAwaited(args) : takeOut(args);
    const mine = ++sequence;
    return new Promise((resolve, reject) => {
      waiting.set(mine, { resolve, reject });
      send(['callback', id, mine, value as unknown[]]);
    });
  };
}

function answer([, mine, ok, value]: ToBox & readonly ['reply', ...unknown[]]): void {
  const caller = waiting.get(mine);
  waiting.delete(mine);
  if (ok) caller?.resolve(bringIn(value, { made: new Set(), used: new Set(), boxed: loaded.boxed }));
  else caller?.reject(errorOf(value as ErrorReply));
}

function errorOf({ name, message, code }: ErrorReply): Error {
  const error = new Error(message);
  if (name !== 'Error') Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  return code === null ? error : Object.assign(error, { code });
}

function fault(error: unknown, what: string): never {
  const described = describeError(error ?? new Error());
  const message = error === undefined ? what : `${what}: ${described.message}`;
  // A small write on a socket goes out at once; if the grader does not read, it still sees the end of the process.
  socket.write(encodeFrame(['fault', { ...described, message }]));
  return exit(70);
}

function send(message: FromBox): void {
  socket.write(encodeFrame(message));
}
