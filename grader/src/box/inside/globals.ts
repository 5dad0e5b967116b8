/** What the learner's code sees of the process: enough to print and to tell the time, nothing that reaches files, the network or other processes. */
import { Console } from 'node:console';

const removed = [
  'fetch',
  'Request',
  'Response',
  'Headers',
  'FormData',
  'WebSocket',
  'EventSource',
  'MessageEvent',
  'CloseEvent',
  'BroadcastChannel',
  'localStorage',
  'sessionStorage',
  'Storage',
] as const;

/** What may wait to be read, in bytes: the grader's limit on output is below it, so a program that gets here has passed that. */
const MOST_WAITING = 4 << 20;

/** Replaces `process` and `console` and takes the network's globals away. The real process stays with the runtime. */
export function lockGlobals(real: NodeJS.Process, onExit: (code: unknown) => never, onFlood: () => never): void {
  const writer = (stream: NodeJS.WriteStream) => {
    const send = stream.write.bind(stream) as (text: string | Uint8Array) => boolean;
    // A loop that prints never lets the pipe empty: its text would fill the memory, and that limit would take the blame.
    const write = (text: unknown): boolean => {
      const sent = send(text instanceof Uint8Array ? text : String(text));
      return stream.writableLength > MOST_WAITING ? onFlood() : sent;
    };
    return {
      write,
      isTTY: false,
      on: noop,
      once: noop,
      removeListener: noop,
    };
  };
  const stdout = writer(real.stdout);
  const stderr = writer(real.stderr);
  const { hrtime, nextTick, uptime, platform, arch, version } = real;
  // Bound now: the learner's own Function.prototype.call would be handed the real process.
  const memoryUsage = real.memoryUsage.bind(real);
  const curated = {
    env: {},
    argv: ['node'],
    execArgv: [],
    title: 'box',
    platform,
    arch,
    version,
    versions: { ...real.versions },
    release: { name: 'node' },
    pid: 1,
    exitCode: undefined,
    stdout,
    stderr,
    cwd: () => '/box/exercise',
    exit: onExit,
    reallyExit: onExit,
    abort: onExit,
    memoryUsage: Object.assign(() => memoryUsage(), { rss: () => memoryUsage().rss }),
    hrtime: Object.assign((since?: [number, number]) => hrtime(since), { bigint: () => hrtime.bigint() }),
    nextTick: (fn: (...args: unknown[]) => void, ...args: unknown[]) => nextTick(fn, ...args),
    uptime: () => uptime(),
    emitWarning: (warning: unknown) => stderr.write(`${String(warning)}\n`),
    on: noop,
    once: noop,
    off: noop,
    emit: () => false,
    listenerCount: () => 0,
  };
  Object.defineProperty(globalThis, 'process', { value: curated, writable: true, configurable: true, enumerable: false });
  const streams = { stdout: stdout as unknown as NodeJS.WritableStream, stderr: stderr as unknown as NodeJS.WritableStream };
  Object.defineProperty(globalThis, 'console', {
    value: new Console({ ...streams, colorMode: false, ignoreErrors: false }),
    writable: true,
    configurable: true,
  });
  for (const name of removed) delete (globalThis as Record<string, unknown>)[name];
}

function noop(this: unknown): unknown {
  return this;
}
