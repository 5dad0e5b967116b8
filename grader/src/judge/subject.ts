/** The exports of a program as async methods: what a suite calls `learner` and `reference`. */
import { GraderError, LearnerError } from '@llm-ladder/backend/errors';
import { type Box, BoxError, type CallResult, type ExportKind, type Target } from '../box/types.ts';
import { Handle, isPlainObject, type Value } from '../box/values.ts';
import { say } from '../format/words.ts';
import type { GradOptions, Stats, Subject } from '../suite/types.ts';

/** What a subject needs of a box. */
export type SubjectBox = Pick<Box, 'alive' | 'call' | 'grad' | 'release'>;

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

const rawHandles = new WeakMap<object, Handle>();

/** A subject and the way to let go of what it holds in the box. */
export function makeSubject(host: SubjectHost): { subject: Subject; release: () => Promise<void> } {
  const handles: { box: SubjectBox; id: number }[] = [];
  let stats: Stats = { tensorsKept: 0, bytesKept: 0, kernels: {}, inputsChanged: false };

  const run = async (name: string, send: (box: SubjectBox, timeoutMs: number) => Promise<CallResult>): Promise<Value> => {
    const { box, exports } = await host.open();
    if (name !== '' && exports[name] === undefined) throw missingExport(host.entry, name, Object.keys(exports));
    const started = performance.now();
    const timeoutMs = host.timeLeft();
    let result: CallResult;
    try {
      result = await send(box, timeoutMs);
    } catch (error) {
      const stopped = BoxError.isInstance(error) && error.code === 'time-limit';
      host.spent(Math.max(performance.now() - started, stopped ? timeoutMs : 0));
      if (host.who === 'reference' && BoxError.isInstance(error) && !isRemoteRefusal(error))
        throw new GraderError('reference', `reference ${host.entry}: ${error.message}`, { cause: error });
      throw error;
    }
    host.spent(result.wallMs);
    stats = result.stats;
    if (result.wasPromise && name !== '' && exports[name] !== 'class' && !host.asyncExports.includes(name)) throw returnedPromise(name);
    return wrap(result.value, box);
  };

  const wrap = (value: Value, box: SubjectBox): Value => {
    if (value instanceof Handle) {
      handles.push({ box, id: value.id });
      return handleProxy(value, (method, args) =>
        run('', (_, timeoutMs) => box.call({ handle: value.id, method }, args.map(unwrap), { timeoutMs })),
      );
    }
    if (Array.isArray(value)) return (value as readonly Value[]).map((item) => wrap(item, box));
    if (isPlainObject(value))
      return Object.fromEntries(Object.entries(value as Record<string, Value>).map(([key, item]) => [key, wrap(item, box)]));
    return value;
  };

  const grad = (name: string, args: readonly Value[], options: GradOptions): Promise<Value> =>
    run(name, (box, timeoutMs) => box.grad({ export: name } satisfies Target, args.map(unwrap), { ...options, timeoutMs }));

  const subject = new Proxy(Object.create(null) as object, {
    get(_, name) {
      if (typeof name !== 'string' || name === 'then') return undefined; // awaiting a subject must not call the learner
      if (name === 'stats') return () => stats;
      if (name === 'grad') return grad;
      return (...args: Value[]) => heard(run(name, (box, timeoutMs) => box.call({ export: name }, args.map(unwrap), { timeoutMs })));
    },
  });

  const release = async (): Promise<void> => {
    for (const { box, id } of handles.splice(0)) if (box.alive) box.release(id);
  };
  return { subject, release };
}

/** A handle whose methods run in the box; plain fields read as they were when it was returned. */
function handleProxy(handle: Handle, call: (method: string, args: Value[]) => Promise<Value>): Value {
  const proxy = new Proxy(handle, {
    get(target, name) {
      if (typeof name !== 'string' || name === 'then' || name === 'toJSON' || name === 'asymmetricMatch') return undefined;
      if (Object.hasOwn(target.fields, name)) return target.fields[name];
      return (...args: Value[]) => heard(call(name, args));
    },
  });
  rawHandles.set(proxy, handle);
  return proxy as unknown as Value;
}

/**
 * A suite that expects a tensor takes it apart without waiting (`table.at(0)`). Where the learner returned an object with methods, that is a call, and its
 * rejection must not end the grader's process; whoever does wait still gets it.
 */
function heard<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => {});
  return answer;
}

/** Arguments may hold handles that a subject gave out: the box wants its own number back. */
function unwrap(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    const raw = rawHandles.get(value);
    if (raw) return raw;
    if (Array.isArray(value)) return (value as readonly Value[]).map(unwrap);
    if (isPlainObject(value))
      return Object.fromEntries(Object.entries(value as Record<string, Value>).map(([key, item]) => [key, unwrap(item)]));
  }
  return value;
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
