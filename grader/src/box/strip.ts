/**
 * TypeScript to JavaScript by taking the types away, positions kept, with Node's own stripper. In a worker thread: a hostile file can
 * overflow the stripper's stack, after which it strips nothing more (and would break every later import of the grader), and can make it run long.
 */
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { GraderError } from '@llm-ladder/backend/errors';
import { say } from '../format/words.ts';
import { BoxError } from './types.ts';

const longestMs = 5000;

const program = `
const { parentPort } = require('node:worker_threads');
process.emitWarning = () => {};
const { stripTypeScriptTypes } = require('node:module');
parentPort.on('message', ({ id, source }) => {
  try {
    parentPort.postMessage({ id, code: stripTypeScriptTypes(source) });
  } catch (error) {
    const { code, message, stack } = error;
    parentPort.postMessage({ id, error: { code: String(code), message: String(message), stack: String(stack) } });
  }
});`;

interface Answer {
  readonly id: number;
  readonly code?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly stack: string };
}

const cache = new Map<string, string>();
const waiting = new Map<number, (answer: Answer) => void>();
let worker: Worker | undefined;
let last = 0;
let queue: Promise<unknown> = Promise.resolve();

/** Starts the worker, so that the first file need not wait for it. */
export function warmStrip(): void {
  void strip('const warm: number = 1;', 'warm.ts').catch(() => {});
}

/** The JavaScript of one source. Throws BoxError 'syntax' with file:line. Results are kept by content. */
export async function strip(source: string, file: string): Promise<string> {
  if (!/\.[cm]?ts$/.test(file)) return source;
  const key = createHash('sha256').update(source).digest('base64');
  const known = cache.get(key);
  if (known !== undefined) return known;
  // One at a time: a file that breaks the worker must not be blamed on the next one.
  const turn = queue.then(() => stripAlone(source, file));
  queue = turn.catch(() => {});
  const code = await turn;
  if (cache.size > 500) cache.clear();
  cache.set(key, code);
  return code;
}

async function stripAlone(source: string, file: string): Promise<string> {
  const answer = await ask(source);
  if (answer.code !== undefined) return answer.code;
  const { code = '', message = '', stack = '' } = answer.error ?? {};
  if (code === 'ERR_INVALID_TYPESCRIPT_SYNTAX' || code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    const line = lineOf(stack);
    throw new BoxError('syntax', `${file}${line === undefined ? '' : `:${line}`}: ${message.trim()}`);
  }
  // The stripper itself broke: nothing it says from now on counts.
  stop();
  const words = {
    en: `${file}: cannot be read as TypeScript (nested too deeply, or too long to parse)`,
    zh: `${file}：无法按 TypeScript 解析（嵌套太深，或太长）`,
  };
  throw new BoxError('syntax', say(words));
}

async function ask(source: string): Promise<Answer> {
  worker ??= start();
  const id = ++last;
  const current = worker;
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      if (worker === current) stop();
    }, longestMs);
    timer.unref();
    current.ref();
    waiting.set(id, (answer) => {
      clearTimeout(timer);
      waiting.delete(id);
      if (waiting.size === 0) current.unref();
      resolve(answer);
    });
    current.postMessage({ id, source });
  });
}

function start(): Worker {
  const started = new Worker(program, { eval: true, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 512 } });
  started.unref();
  started.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer));
  started.on('error', () => worker === started && stop());
  return started;
}

/** Ends the worker; whoever waits for it gets an answer without code. The next file starts a new one. */
function stop(): void {
  void worker?.terminate();
  worker = undefined;
  for (const [id, resolve] of [...waiting]) resolve({ id });
}

/** Strips sources that are ours: an error in them is not the learner's. */
export async function stripOwn(source: string, name: string): Promise<string> {
  try {
    return await strip(source, `${name}.ts`);
  } catch (error) {
    throw new GraderError('course', `${name}: expected TypeScript that parses`, { cause: error });
  }
}

// The stack begins with ':line' and the offending text.
function lineOf(stack: string): string | undefined {
  return /^[^\n]*:(\d+)\s*\n/.exec(stack)?.[1];
}

/** Each source, stripped one way: name -> JavaScript. */
export async function stripAll(
  sources: Readonly<Record<string, string>>,
  how: (source: string, name: string) => Promise<string>,
): Promise<Record<string, string>> {
  return Object.fromEntries(
    await Promise.all(Object.entries(sources).map(async ([name, source]) => [name, await how(source, name)] as const)),
  );
}
