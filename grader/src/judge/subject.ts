/** The exports of a program as async methods: what a suite calls `learner` and `reference`. */
import { GraderError, LearnerError } from '@llm-ladder/backend/errors';
import { type Box, BoxError, type CallResult, type ExportKind } from '../box/types.ts';
import { Adapter, Handle, isPlainObject, stream, type Value } from '../box/values.ts';
import { say } from '../format/words.ts';
import { callLiteral, writeAs } from '../suite/literal.ts';
import { type GradOptions, type Stats, type Subject, settledKey } from '../suite/types.ts';
import { Guard } from './guard.ts';
import { leave } from './keep.ts';

/** What a subject needs of a box. */
export type SubjectBox = Pick<Box, 'alive' | 'call' | 'grad' | 'release' | 'settled'>;

/** Where a subject's calls go, and who counts their time. */
export interface SubjectHost {
  readonly who: 'learner' | 'reference';
  /** 'attention.ts', for messages. */
  readonly entry: string;
  /** Exports that may return a Promise. */
  readonly asyncExports: readonly string[];
  open(): Promise<{ readonly box: SubjectBox; readonly exports: Readonly<Record<string, ExportKind>> }>;
  /** The time that the next call may take, in milliseconds. */
  timeLeft(): number;
  /** Called with the time that a call took, as the grader measured it. */
  spent(wallMs: number): void;
}

/** What stands behind a proxy: a number, which means something in its own box only. */
const rawHandles = new WeakMap<object, { readonly handle: Handle; readonly box: SubjectBox }>();

/** The exports of a program, and what a test needs to end well. */
export interface OpenSubject {
  readonly subject: Subject;
  /** The first error that failed inside one of the suite's functions: it is what the test ends with, whatever the learner's code made of the refusal. */
  readonly kept: () => { readonly error: unknown } | undefined;
  /** The last call as text; undefined before the first. */
  readonly lastCall: () => string | undefined;
  /** Lets go of what the subject holds in the box. */
  readonly release: () => Promise<void>;
}

/** A subject whose calls go to a host. */
export function makeSubject(host: SubjectHost): OpenSubject {
  const handles: { box: SubjectBox; id: number }[] = [];
  const guard = new Guard();
  const clock = new Busy();
  let stats: Stats = { tensorsKept: 0, bytesKept: 0, kernels: {}, inputsChanged: false };
  let last: SubjectBox | undefined;
  let call: (() => string) | undefined;

  const run = async (
    name: string,
    shown: () => string,
    send: (box: SubjectBox, timeoutMs: number) => Promise<CallResult>,
  ): Promise<Value> => {
    const { box, exports } = await host.open();
    last = box;
    if (name !== '' && exports[name] === undefined) throw missingExport(host.entry, name, Object.keys(exports));
    throwKept();
    call = shown;
    const settle = clock.start();
    const timeoutMs = host.timeLeft();
    let result: CallResult;
    try {
      result = await send(box, timeoutMs);
    } catch (error) {
      const stopped = BoxError.isInstance(error) && error.code === 'time-limit';
      host.spent(Math.max(settle(), stopped ? timeoutMs : 0));
      throwKept();
      if (host.who === 'reference' && BoxError.isInstance(error) && !isRemoteRefusal(error))
        throw new GraderError('reference', `reference ${host.entry}: ${error.message}`, { cause: error });
      if (host.who === 'learner') guard.ownError(error);
      throw error;
    }
    host.spent(settle(result.wallMs));
    throwKept();
    stats = result.stats;
    if (result.wasPromise && name !== '' && exports[name] !== 'class' && !host.asyncExports.includes(name)) throw returnedPromise(name);
    return wrap(result.value, box, shown);
  };

  const kept = (): { readonly error: unknown } | undefined => {
    if (!guard.kept || host.who === 'learner') return guard.kept;
    const { message } = guard.kept.error as Error;
    return { error: new GraderError('reference', `reference ${host.entry}: ${message}`, { cause: guard.kept.error }) };
  };

  const throwKept = (): void => {
    const found = kept();
    if (found) throw found.error;
  };

  /** What came from the box for a suite; `maker` says which call gave it. */
  const wrap = (value: Value, box: SubjectBox, maker: () => string): Value => {
    if (value instanceof Handle) {
      handles.push({ box, id: value.id });
      const proxy = handleProxy(value, box, (method, args) => {
        const shown = (): string => callLiteral(`${maker()}.${method}`, args);
        return run('', shown, (_, timeoutMs) => box.call({ handle: value.id, method }, toBox(args, box), { timeoutMs }));
      });
      writeAs(proxy as unknown as object, maker);
      return proxy;
    }
    return mapped(value, (item) => wrap(item, box, maker));
  };

  /** Handles that a subject gave out as the box knows them, functions under guard. */
  const unwrap = (value: Value, box: SubjectBox): Value => {
    if (typeof value === 'function')
      return guard.wrap(async (...args) => unwrap(await value(...args.map((arg) => wrap(arg, box, () => 'argument'))), box));
    if (typeof value !== 'object' || value === null) return value;
    const raw = rawHandles.get(value);
    if (raw) {
      if (raw.box !== box) throw ofAnotherBox(raw.box);
      return raw.handle;
    }
    if (value instanceof Adapter) return new Adapter(value.kind, unwrap(value.data, box));
    if (Symbol.asyncIterator in value) return unwrap(stream(value as AsyncIterable<Value>), box);
    return mapped(value, (item) => unwrap(item, box));
  };
  const toBox = (args: readonly Value[], box: SubjectBox): readonly Value[] => args.map((arg) => unwrap(arg, box));

  const grad = (name: string, args: readonly Value[], options: GradOptions): Promise<Value> =>
    run(
      name,
      () => gradientOf(callLiteral(name, args)),
      (box, timeoutMs) => box.grad({ export: name }, toBox(args, box), { ...options, timeoutMs }),
    );

  const letGo = (ids: ReadonlySet<number>): void => {
    for (const one of handles.filter(({ id }) => ids.has(id))) {
      handles.splice(handles.indexOf(one), 1);
      if (one.box.alive) one.box.release(one.id);
    }
  };

  const keep = async (value: Value): Promise<Value> => {
    const shown = (): string => callLiteral('keep', [value]);
    const send = (part: Value): Promise<Value> =>
      run('', shown, (box, timeoutMs) => box.call({ keep: true }, toBox([part], box), { timeoutMs }));
    const left = await leave(value, send);
    const kept = withRelease(left[0]!, () => letGo(new Set(left.map((handle) => rawHandles.get(handle)!.handle.id))));
    writeAs(kept, shown);
    return kept as unknown as Value;
  };

  const settled = async (): Promise<void> => {
    const round = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    for (let before = -1; before !== guard.steps && last?.alive; ) {
      before = guard.steps;
      await round(); // answers that are ready leave first
      await last.settled();
      await round(); // and what came before this answer is heard
    }
  };

  const subject = new Proxy(Object.create(null) as object, {
    get(_, name) {
      if (name === settledKey) return settled;
      if (typeof name !== 'string' || name === 'then') return undefined; // awaiting a subject must not call the learner
      if (name === 'stats') return () => stats;
      if (name === 'grad') return grad;
      if (name === 'keep') return keep;
      return (...args: Value[]) =>
        heard(
          run(
            name,
            () => callLiteral(name, args),
            (box, timeoutMs) => box.call({ export: name }, toBox(args, box), { timeoutMs }),
          ),
        );
    },
  });

  const release = async (): Promise<void> => {
    for (const { box, id } of handles.splice(0)) if (box.alive) box.release(id);
  };
  return { subject, kept, lastCall: () => call?.(), release };
}

/** The time that a program was busy: calls that overlap count once. */
class Busy {
  #calls = 0;
  #overlap = false;
  #since = 0;

  /** Begins a call; the function that it gives ends it, and says how much it adds: for a call that was alone the time that was measured, where there is one. */
  start(): (measuredMs?: number) => number {
    this.#overlap = this.#calls > 0;
    if (this.#calls++ === 0) this.#since = performance.now();
    return (measuredMs) => {
      this.#calls--;
      const now = performance.now();
      const sinceMs = now - this.#since;
      this.#since = now;
      return this.#overlap ? sinceMs : (measuredMs ?? sinceMs);
    };
  }
}

function gradientOf(call: string): string {
  return say({ en: `the gradient of ${call}`, zh: `${call} 的梯度` });
}

/** A container with each value in it replaced; anything else as it is. */
function mapped(value: Value, change: (item: Value) => Value): Value {
  if (Array.isArray(value)) return (value as readonly Value[]).map(change);
  if (value instanceof Map) return new Map([...(value as ReadonlyMap<Value, Value>)].map(([key, item]) => [change(key), change(item)]));
  if (value instanceof Set) return new Set([...(value as ReadonlySet<Value>)].map(change));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value as Record<string, Value>).map(([key, item]) => [key, change(item)]));
}

/** A handle whose methods run in the box; plain fields read as they were when it was returned. What has a `next` can be walked with `for await`. */
function handleProxy(handle: Handle, box: SubjectBox, call: (method: string, args: Value[]) => Promise<Value>): Value {
  const proxy = new Proxy(handle, {
    get(target, name) {
      if (name === Symbol.asyncIterator && target.methods.includes('next'))
        return () => ({ next: () => call('next', []), ...(target.methods.includes('return') ? { return: () => call('return', []) } : {}) });
      if (typeof name !== 'string' || name === 'then' || name === 'toJSON' || name === 'asymmetricMatch') return undefined;
      if (Object.hasOwn(target.fields, name)) return target.fields[name];
      return (...args: Value[]) => heard(call(name, args));
    },
  });
  rawHandles.set(proxy, { handle, box });
  return proxy as unknown as Value;
}

/** The same handle with a `release` that is the grader's own. */
function withRelease(proxy: Handle, release: () => void): Handle {
  const releasing = new Proxy(proxy, { get: (target, name) => (name === 'release' ? release : Reflect.get(target, name)) });
  rawHandles.set(releasing, rawHandles.get(proxy)!);
  return releasing;
}

/**
 * A suite that expects a tensor takes it apart without waiting (`table.at(0)`). Where the learner returned an object with methods, that is a call, and its
 * rejection must not end the grader's process; whoever does wait still gets it.
 */
function heard<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => {});
  return answer;
}

function ofAnotherBox({ alive }: SubjectBox): GraderError | LearnerError {
  if (alive)
    return new GraderError('suite', 'a handle of one program cannot be given to another: keep the value, or make the object, in both');
  return new LearnerError('exited', say({ en: 'the program that held this object has ended', zh: '持有该对象的程序已经结束' }));
}

/** A throw on purpose: the reference refuses bad input with these too. */
function isRemoteRefusal(error: unknown): boolean {
  const code = (error as BoxError).remote?.code;
  return code === 'shape' || code === 'usage';
}

function missingExport(entry: string, name: string, found: readonly string[]): LearnerError {
  const have = found.length === 0 ? say({ en: 'no exports', zh: '没有任何导出' }) : found.join(', ');
  return new LearnerError(
    'missing-export',
    say({ en: `${entry}: expected the export ${name}, got ${have}`, zh: `${entry}：应导出 ${name}，实际导出：${have}` }),
  );
}

function returnedPromise(name: string): LearnerError {
  return new LearnerError(
    'promise',
    say({ en: `${name} returned a Promise: expected a plain value`, zh: `${name} 返回了 Promise：应直接返回结果` }),
    {
      hint: say({ en: 'leave out async and await', zh: '去掉 async 和 await' }),
    },
  );
}
