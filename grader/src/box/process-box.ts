/** A box over a running process: requests and answers over the socket, limits kept from outside. Everything that the process says is untrusted. */
import type { Socket } from 'node:net';
import { GraderError } from '@llm-ladder/backend/errors';
import { say } from '../format/words.ts';
import { replyOf } from './callbacks.ts';
import { caps, decodeFrame, encodeFrame, FrameError } from './codec.ts';
import type { Started } from './drivers/driver.ts';
import { FrameReader } from './frame-reader.ts';
import { LimitWatch } from './limit-watch.ts';
import { didNotStart, endedItself, nameOf, noEntry, printedTooMuch, wroteOnPipe } from './messages.ts';
import { exportKinds, type FromBox, parseFromBox, type ToBox } from './protocol.ts';
import { errorOfCall, errorOfEnd, lineOfError } from './reasons.ts';
import { strip, stripAll, stripOwn } from './strip.ts';
import type { Box, Callable, CallResult, Driver, ExportKind, GradOptions, Limits, Program, Target, VisibleTestResult } from './types.ts';
import { BoxError } from './types.ts';
import type { Callback, Value } from './values.ts';
import { visibleResults } from './visible-results.ts';
import { type Usage, usageNow, usageOf } from './watch.ts';

/** Calls of the grader's functions that a box may wait for at the same time. */
const openCallsBack = 10_000;

const pipeClosedMs = 500;

interface Pending {
  readonly what: string;
  readonly started: number;
  resolve(result: CallResult): void;
  reject(error: Error): void;
}

export class ProcessBox implements Box {
  readonly driver: Driver;
  readonly #child: Started['child'];
  readonly #socket: Socket;
  readonly #watch: LimitWatch;
  readonly #pending = new Map<number, Pending>();
  readonly #callbacks = new Map<number, Callback>();
  readonly #exited: Promise<void>;
  #pid = 0;
  #backend = '';
  #ready: { resolve(): void; reject(error: Error): void } | undefined;
  #dead: Error | undefined;
  #lastId = 0;
  #loaded = false;
  #printed: Buffer[] = [];
  #printedBytes = 0;
  #errorTail = '';
  #peak = 0;
  #callsBack = 0;

  constructor(driver: Driver, started: Started, limits: Limits) {
    this.driver = driver;
    this.#child = started.child;
    this.#socket = started.child.stdio[3] as Socket;
    this.#watch = new LimitWatch(limits, {
      onLimit: (error) => this.#kill(error),
      usage: () => this.#look(),
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        // What it wrote last may still be on its way.
        setImmediate(() => {
          this.#ended(code, signal);
          resolve();
        });
      });
    });
    this.#child.once('error', (error) => {
      this.#kill(new GraderError('box', `box: expected the ${driver} driver to start a process, got ${error.message}`));
    });
    started.pid.then(
      (pid) => {
        this.#pid = pid;
      },
      () => {},
    );
    const reader = new FrameReader((body) => this.#onFrame(body));
    this.#socket.on('data', (chunk: Buffer) => {
      if (this.#dead) return;
      try {
        reader.push(chunk);
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        this.#broke(error.message);
      }
    });
    this.#socket.on('error', () => {});
    // A process that ends closes it too, and its end says more.
    const closed = new BoxError('protocol', "the program closed the grader's pipe");
    this.#socket.on('close', () => setTimeout(() => this.#kill(closed), pipeClosedMs).unref());
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => this.#onPrinted(chunk, stream === this.#child.stderr));
      stream?.on('error', () => {});
    }
    // An idle box must not keep the grader's process alive; a call in progress does.
    for (const stream of [this.#child, ...this.#child.stdio]) (stream as Partial<Socket> | null)?.unref?.();
  }

  get pid(): number {
    return this.#pid;
  }

  get backend(): string {
    return this.#backend;
  }

  get alive(): boolean {
    return this.#dead === undefined;
  }

  /** Waits for the box's first message. Throws GraderError: a box without a learner's code in it that does not start is not the learner's fault. */
  async whenReady(timeoutMs: number): Promise<void> {
    if (this.#dead) throw this.#notStarted(this.#dead);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => this.#kill(new Error(`no answer in ${timeoutMs / 1000} s`)), timeoutMs);
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        this.#ready = undefined;
        then();
      };
      this.#ready = { resolve: () => settle(resolve), reject: (error) => settle(() => reject(this.#notStarted(error))) };
    });
    // Nothing that was printed until here is the learner's.
    this.#printed = [];
    this.#printedBytes = 0;
  }

  async practise(): Promise<void> {
    if (this.#loaded) throw new GraderError('box', 'box.practise: expected a fresh box, got one that holds a program');
    await this.#request('practice', (id) => ['practise', id]);
  }

  async load(program: Program): Promise<Record<string, ExportKind>> {
    if (this.#loaded) throw new GraderError('box', 'box.load: expected a fresh box, got one that holds a program');
    this.#loaded = true;
    this.#watch.restart();
    if (!(program.entry in program.files)) throw noEntry(program);
    const [files, modules, boxed] = await Promise.all([
      stripAll(program.files, strip),
      stripAll(program.modules, stripOwn),
      program.boxed === undefined ? null : stripOwn(program.boxed, 'boxed.ts'),
    ]);
    const message = { exercise: program.exercise, entry: program.entry, files, modules, boxed };
    const { value } = await this.#request(program.entry, (id) => ['load', id, message]);
    return exportKinds(value);
  }

  call(target: Target, args: readonly Value[], { timeoutMs }: { readonly timeoutMs?: number } = {}): Promise<CallResult> {
    return this.#request(nameOf(target), (id) => ['call', id, target, args], timeoutMs);
  }

  grad(target: Callable, args: readonly Value[], { wrt, output, upstream, timeoutMs }: GradOptions): Promise<CallResult> {
    const options = { wrt, output: output ?? null, upstream: upstream ?? null };
    return this.#request(
      say({ en: `the gradient of ${nameOf(target)}`, zh: `${nameOf(target)} 的梯度` }),
      (id) => ['grad', id, target, args, options],
      timeoutMs,
    );
  }

  async runVisibleTests(
    files: Readonly<Record<string, string>>,
    { timeoutMs }: { readonly timeoutMs?: number } = {},
  ): Promise<VisibleTestResult[]> {
    const sources = await stripAll(files, strip);
    const { value } = await this.#request(say({ en: 'the visible tests', zh: '公开测试' }), (id) => ['tests', id, sources], timeoutMs);
    return visibleResults(value);
  }

  async settled(): Promise<void> {
    await this.#request('', (id) => ['settle', id]);
  }

  release(handle: number): void {
    if (!this.#dead) this.#send(['release', handle]);
  }

  output(): string {
    return Buffer.concat(this.#printed).toString('utf8');
  }

  async peakMemoryBytes(): Promise<number> {
    await this.#look();
    return this.#peak;
  }

  pause(): void {
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  setLimits(limits: Limits): void {
    this.#watch.limits = limits;
  }

  async close(): Promise<void> {
    this.#kill(new GraderError('box', 'box: expected an open box, got a closed one'));
    this.#child.ref();
    await this.#exited;
  }

  async #request(what: string, make: (id: number) => ToBox, timeoutMs?: number): Promise<CallResult> {
    if (this.#dead) throw this.#dead;
    const id = ++this.#lastId;
    const frame = this.#encode(make(id));
    const done = new Promise<CallResult>((resolve, reject) => {
      this.#pending.set(id, { what, started: performance.now(), resolve, reject });
    });
    this.#child.ref();
    this.#socket.ref();
    this.#watch.begin(id, what, timeoutMs);
    this.#socket.write(frame);
    return done;
  }

  #settle(id: number): Pending {
    const pending = this.#pending.get(id);
    if (pending === undefined) throw new FrameError('an answer that nobody asked for');
    this.#pending.delete(id);
    this.#watch.end(id);
    if (this.#pending.size === 0) {
      this.#child.unref();
      this.#socket.unref();
    }
    return pending;
  }

  #onFrame(body: Uint8Array): void {
    if (this.#dead) return;
    const arrived = performance.now();
    const message: FromBox = parseFromBox(decodeFrame(body));
    if (message[0] === 'ready') {
      if (this.#ready === undefined) throw new FrameError('a second greeting');
      this.#backend = message[1];
      this.#ready.resolve();
    } else if (message[0] === 'done') {
      const [, id, value, wasPromise, stats] = message;
      const pending = this.#settle(id);
      pending.resolve({ value: value as Value, wasPromise, stats, wallMs: arrived - pending.started });
    } else if (message[0] === 'error') {
      const [, id, code, remote] = message;
      const pending = this.#settle(id);
      pending.reject(errorOfCall(code, remote, pending.what, this.#watch.limits));
    } else if (message[0] === 'callback') {
      void this.#callBack(message);
    } else {
      // The end of the process follows; what it said makes the better message.
      const remote = message[1];
      const flooded = remote.code === 'output-limit'; // it printed faster than this end can read
      const error = flooded ? printedTooMuch(this.#watch.limits.outputBytes) : endedItself(remote);
      if (this.#ready) this.#ready.reject(error);
      this.#kill(error);
    }
  }

  async #callBack([, callback, sequence, args]: FromBox & readonly ['callback', ...unknown[]]): Promise<void> {
    const fn = this.#callbacks.get(callback);
    if (fn === undefined) return this.#broke('a call of an unknown function');
    if (++this.#callsBack > openCallsBack) return this.#broke(`more than ${openCallsBack} calls at once`);
    const answer = await replyOf(sequence, fn, args);
    this.#callsBack--;
    if (this.#dead) return;
    try {
      this.#send(answer);
    } catch (error) {
      return this.#kill(error as GraderError);
    }
    if (this.#socket.writableLength > caps.frameBytes) return this.#broke('questions whose answers nobody reads');
    // Who does not read is not read either.
    if (!this.#socket.writableNeedDrain || this.#socket.isPaused()) return;
    this.#socket.pause().once('drain', () => this.#socket.resume());
  }

  #broke(got: string): void {
    this.#kill(wroteOnPipe(got));
  }

  #send(message: ToBox): void {
    this.#socket.write(this.#encode(message));
  }

  #encode(message: ToBox): Uint8Array {
    const send = (fn: unknown): number => {
      const id = this.#callbacks.size + 1;
      this.#callbacks.set(id, fn as Callback);
      return id;
    };
    try {
      return encodeFrame(message, { send });
    } catch (error) {
      throw new GraderError('box', `box: expected arguments that can cross, got ${(error as Error).message}`, { cause: error });
    }
  }

  #onPrinted(chunk: Buffer, isError: boolean): void {
    if (isError) this.#errorTail = (this.#errorTail + chunk.toString('latin1')).slice(-4000);
    const room = this.#watch.limits.outputBytes - this.#printedBytes;
    if (room > 0) this.#printed.push(Buffer.from(chunk.subarray(0, room)));
    this.#printedBytes += chunk.length;
    if (room < chunk.length && !this.#dead && this.#loaded) {
      this.#kill(printedTooMuch(this.#watch.limits.outputBytes));
    }
  }

  async #look(): Promise<Usage | undefined> {
    const usage = this.#pid > 0 ? await usageOf(this.#pid) : undefined;
    this.#peak = Math.max(this.#peak, usage?.highestBytes ?? usage?.residentBytes ?? 0);
    return usage;
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#kill(errorOfEnd(code, signal, this.#errorTail, this.#watch.limits));
  }

  /** The first reason counts; every call in progress and every later one fails with it. */
  #kill(reason: Error): void {
    if (this.#dead) return;
    this.#peak = Math.max(this.#peak, usageNow(this.#pid)?.highestBytes ?? 0);
    this.#dead = reason;
    this.#watch.stop();
    this.#signal('SIGKILL');
    this.#child.kill('SIGKILL');
    this.#socket.destroy();
    this.#ready?.reject(reason);
    for (const id of [...this.#pending.keys()]) {
      this.#pending.get(id)?.reject(reason);
      this.#pending.delete(id);
    }
    this.#child.unref();
  }

  #signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    if (this.#pid <= 1 || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    if (process.platform === 'win32' && signal !== 'SIGKILL') return;
    try {
      // The group where the box leads one; inside bubblewrap there is one process alone.
      process.kill(this.driver === 'bubblewrap' || process.platform === 'win32' ? this.#pid : -this.#pid, signal);
    } catch {
      // It is gone, which is as well.
    }
  }

  #notStarted(cause: Error): GraderError {
    return didNotStart(this.driver, cause, lineOfError(this.#errorTail));
  }
}
