/**
 * A reference in this very process: a subject without a box, for code that needs none. Its values cross through the frames and the marshalling of a real box, so
 * that a test cannot tell the difference.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BackendName, tf, useBackend } from '@llm-ladder/backend';
import { decodeFrame, encodeFrame } from '../box/codec.ts';
import { call, grad, kindsOf, type Loaded, type Outcome } from '../box/inside/calls.ts';
import { asRefusal, describeError } from '../box/inside/errors.ts';
import { release } from '../box/inside/handles.ts';
import { bringIn, takeOut, takeOutAwaited } from '../box/inside/marshal.ts';
import { nameOf } from '../box/messages.ts';
import { errorOfCall } from '../box/reasons.ts';
import type { CallResult, ExportKind, Target } from '../box/types.ts';
import type { Value } from '../box/values.ts';
import type { Exercise } from '../catalog/types.ts';
import { REFERENCE_LIMITS } from './options.ts';
import type { SubjectBox, SubjectHost } from './subject.ts';

type Callback = (...args: Value[]) => unknown;

export class InProcessHost implements SubjectHost {
  readonly who: 'learner' | 'reference';
  readonly entry: string;
  readonly asyncExports: readonly string[];
  readonly #exercise: Exercise;
  readonly #backend: BackendName;
  #opened: Promise<{ box: SubjectBox; exports: Record<string, ExportKind> }> | undefined;

  constructor(exercise: Exercise, backend: BackendName, who: 'learner' | 'reference') {
    this.who = who;
    this.entry = exercise.manifest.file;
    this.asyncExports = exercise.manifest.async ?? [];
    this.#exercise = exercise;
    this.#backend = backend;
  }

  open(): Promise<{ box: SubjectBox; exports: Record<string, ExportKind> }> {
    this.#opened ??= this.#load();
    return this.#opened;
  }

  timeLeft(): number {
    return REFERENCE_LIMITS.timeMs;
  }

  spent(): void {}

  async #load(): Promise<{ box: SubjectBox; exports: Record<string, ExportKind> }> {
    const { referenceFile, courseDir } = this.#exercise;
    const before = tf.engine().backendName; // none yet, perhaps
    await useBackend(this.#backend); // from here on a switch to it takes effect at once
    if (before) void tf.setBackend(before);
    const boxed = join(courseDir, 'boxed.ts');
    const loaded: Loaded = { exports: await importAll(referenceFile), boxed: existsSync(boxed) ? await importAll(boxed) : {} };
    return { box: boxAround(loaded, this.#backend), exports: kindsOf(loaded.exports) };
  }
}

async function importAll(file: string): Promise<Record<string, unknown>> {
  return { ...((await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, unknown>) };
}

function boxAround(loaded: Loaded, backend: BackendName): SubjectBox {
  const callbacks = new Map<number, Callback>();
  const send = (fn: (...args: never[]) => unknown): number => {
    callbacks.set(callbacks.size + 1, fn as Callback);
    return callbacks.size;
  };
  const receive =
    (id: number) =>
    async (...args: unknown[]): Promise<unknown> => {
      const { value } = backend === 'webgpu' ? await takeOutAwaited(args) : takeOut(args);
      const answer = await callbacks.get(id)!(...(crossed(value, {}) as Value[]));
      return bringIn(crossed(answer, { send, receive }), { made: new Set(), used: new Set(), boxed: loaded.boxed });
    };

  const run = async (target: Target, args: readonly Value[], work: (args: unknown[]) => Promise<Outcome>): Promise<CallResult> => {
    const arrived = crossed(args, { send, receive }) as unknown[];
    const before = tf.getBackend();
    void tf.setBackend(backend); // at once, since it has started: nobody gets in between
    const started = performance.now();
    try {
      const { value, wasPromise, stats, cleanUp } = await work(arrived);
      const result = crossed(value, {}) as Value;
      cleanUp();
      return { value: result, wasPromise, stats, wallMs: performance.now() - started };
    } catch (error) {
      throw errorOfCall(asRefusal(error)?.kind ?? 'threw', describeError(error), nameOf(target), REFERENCE_LIMITS);
    } finally {
      void tf.setBackend(before);
    }
  };

  return {
    alive: true,
    call: (target, args) => run(target, args, (arrived) => call(loaded, target, arrived)),
    grad: (target, args, { wrt, output, upstream }) =>
      run(target, args, (arrived) => grad(loaded, target, arrived, { wrt, output: output ?? null, upstream: upstream ?? null })),
    settled: () => new Promise((resolve) => setImmediate(resolve)),
    release,
  };
}

/** The value as it would be on the other end of the pipe. */
function crossed(value: unknown, functions: Parameters<typeof encodeFrame>[1]): unknown {
  return decodeFrame(encodeFrame(value, functions).subarray(4), functions);
}
