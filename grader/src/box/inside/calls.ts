/** Calls the learner's code, measures what it leaves behind, and cleans up after the result was sent. */
import { tf } from '@llm-ladder/backend';
import { say } from '../../format/words.ts';
import type { GradMessage } from '../protocol.ts';
import type { BoxStats, Callable, ExportKind, Target } from '../types.ts';
import { Handle, type Value } from '../values.ts';
import { digest } from './digest.ts';
import { Refusal } from './errors.ts';
import { heldBy, holdKept, isTransparent, tensorsIn } from './handles.ts';
import { takeKernelCounts } from './kernels.ts';
import { bringIn, type Sent, takeOut, takeOutAwaited } from './marshal.ts';

export interface Loaded {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly boxed: Readonly<Record<string, unknown>>;
}

export interface Outcome {
  readonly value: Value;
  readonly wasPromise: boolean;
  readonly stats: BoxStats;
  /** Disposes what the call made and nobody keeps; to be called when the result is on its way. */
  readonly cleanUp: () => void;
}

/** What each export is, for the judge's list. */
export function kindsOf(exports: Readonly<Record<string, unknown>>): Record<string, ExportKind> {
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => [name, isClass(value) ? 'class' : typeof value === 'function' ? 'function' : 'value']),
  );
}

/** One call of an export or of a method of a handle; a class is constructed, a plain value is given as it is. */
export async function call(loaded: Loaded, target: Target, args: unknown[]): Promise<Outcome> {
  if ('keep' in target) return keep(loaded, args[0]);
  return measured(loaded, target, args, (invoke, real) => invoke(real));
}

/** Leaves a value here, with its tensors, until its handle is released. */
function keep({ boxed }: Loaded, value: unknown): Outcome {
  const made = new Set<tf.Tensor>();
  try {
    const object = bringIn(value, { made, used: new Set(), boxed });
    if (typeof object !== 'object' || object === null) throw new Refusal('value', `a value to keep is no ${typeof object}`);
    const stats: BoxStats = { tensorsKept: 0, bytesKept: 0, kernels: {}, inputsChanged: false };
    return { value: new Handle(holdKept(object, made), [], 'kept'), wasPromise: false, stats, cleanUp: () => {} };
  } catch (error) {
    disposeAll(made);
    throw error;
  }
}

/** The vector-Jacobian product with respect to some arguments; the value is the list of gradients. */
export async function grad(loaded: Loaded, target: Callable, args: unknown[], options: GradMessage): Promise<Outcome> {
  return measured(loaded, target, args, (invoke, real) => {
    const paths = options.wrt.map((path) => String(path).split('.'));
    const inputs = paths.map((path, i) => {
      const found = lookUp(real, path);
      if (!(found instanceof tf.Tensor)) throw new Refusal('value', `wrt ${options.wrt[i]} is not a tensor among the arguments`);
      return found;
    });
    const forward = (): tf.Tensor => {
      const result = invoke(real);
      if (isThenable(result)) {
        // Nobody waits for it, so nobody hears its rejection either.
        Promise.resolve(result).catch(() => {});
        throw new Refusal('value', say({ en: 'returned a Promise, so it has no gradient', zh: '返回了 Promise，因此没有梯度' }));
      }
      const output = options.output === null ? result : lookUp(result, options.output.split('.'));
      if (!(output instanceof tf.Tensor)) {
        const got = options.output ?? typeof output;
        throw new Refusal('value', say({ en: `a gradient needs a tensor, got ${got}`, zh: `求梯度需要张量，实为 ${got}` }));
      }
      return output;
    };
    const upstream =
      options.upstream === null ? undefined : (bringIn(options.upstream, { made: new Set(), used: new Set(), boxed: {} }) as tf.Tensor);
    const { value, grads } = tf.engine().gradients(forward, inputs, upstream, true);
    value.dispose();
    upstream?.dispose();
    // An input that the output does not depend on has the gradient zero.
    return inputs.map((input, i) => grads[i] ?? tf.zerosLike(input));
  });
}

type Step = (invoke: (args: unknown[]) => unknown, args: unknown[]) => unknown;

async function measured(loaded: Loaded, target: Callable, args: unknown[], step: Step): Promise<Outcome> {
  const inputs = new Set<tf.Tensor>();
  const used = new Set<number>('handle' in target ? [target.handle] : []);
  const real = bringIn(args, { made: inputs, used, boxed: loaded.boxed }) as unknown[];
  const before = digest(real);
  const { numTensors, numBytes } = tf.memory();
  const newest = newestId();
  takeKernelCounts();

  let result: unknown;
  let sent: Sent;
  let wasPromise = false;
  try {
    const invoke = invoker(loaded, target);
    result = step(invoke, real);
    if (isThenable(result)) {
      wasPromise = true;
      result = await result;
    }
    sent = tf.getBackend() === 'webgpu' ? await takeOutAwaited(result) : takeOut(result);
  } catch (error) {
    disposeAll(inputs);
    throw error;
  }
  const kernels = takeKernelCounts();
  const after = tf.memory();
  const fresh = [...sent.handles].filter((id) => !used.has(id)).map((id) => heldBy(id)!);
  const keepers = [...fresh, ...[...used].flatMap((id) => heldBy(id) ?? [])];
  // Walking what an object holds takes time, so only when there is a tensor whose fate depends on it.
  const matters = inputs.size > 0 || sent.tensors.size > 0 || after.numTensors !== numTensors;
  const inNew = new Set<tf.Tensor>();
  if (matters) for (const { object } of fresh) tensorsIn(object, inNew);

  const isNew = (tensor: tf.Tensor): boolean => !inputs.has(tensor) && tensor.id > newest && !tensor.isDisposed;
  const results = [...new Set([...sent.tensors, ...inNew])].filter(isNew);
  const stats: BoxStats = {
    tensorsKept: after.numTensors - numTensors - results.length,
    bytesKept: after.numBytes - numBytes - results.reduce((sum, tensor) => sum + bytesOf(tensor), 0),
    kernels,
    inputsChanged: before !== digest(real),
  };
  const cleanUp = (): void => {
    if (!matters) return;
    // What a held object may still need goes with that object; everything else goes now.
    const secretive = keepers.find(({ object, kept }) => !kept && !isTransparent(object));
    const needed = new Set<tf.Tensor>();
    for (const { object } of keepers) tensorsIn(object, needed);
    for (const tensor of new Set([...inputs, ...sent.tensors.keys()])) {
      if (tensor.isDisposed || needed.has(tensor) || !(inputs.has(tensor) || isNew(tensor))) continue;
      if (secretive === undefined) tensor.dispose();
      else secretive.owned.add(tensor);
    }
  };
  return { value: sent.value, wasPromise, stats, cleanUp };
}

function invoker(loaded: Loaded, target: Callable): (args: unknown[]) => unknown {
  if ('handle' in target) {
    const owner = heldBy(target.handle);
    if (owner === undefined) throw new Refusal('value', `handle ${target.handle} was released`);
    if (typeof owner.object === 'function' && target.method === 'call') return (args) => apply(owner.object, undefined, args);
    const member: unknown = (owner.object as Record<string, unknown>)[target.method];
    if (member === undefined && !(target.method in owner.object)) {
      const { method } = target;
      throw new Refusal('value', say({ en: `the object has no method '${method}'`, zh: `这个对象没有方法 '${method}'` }));
    }
    return (args) => (typeof member === 'function' ? member.apply(owner.object, args) : member);
  }
  const path = target.export.split('.');
  const parent = path.length > 1 ? lookUp(loaded.exports, path.slice(0, -1)) : undefined;
  const found = lookUp(loaded.exports, path);
  if (found === undefined && !(target.export in loaded.exports)) throw new Refusal('value', `there is no export '${target.export}'`);
  return (args) => apply(found, parent, args);
}

function apply(found: unknown, self: unknown, args: unknown[]): unknown {
  if (typeof found !== 'function') return found;
  return isClass(found) ? Reflect.construct(found, args) : Reflect.apply(found, self, args);
}

function isClass(value: unknown): value is new (...args: unknown[]) => unknown {
  return typeof value === 'function' && Function.prototype.toString.call(value).startsWith('class');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && !(value instanceof tf.Tensor) && typeof (value as { then?: unknown }).then === 'function'
  );
}

function lookUp(from: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, key) => {
    if (node instanceof Map) return node.get(key);
    return node === null || node === undefined ? undefined : (node as Record<string, unknown>)[key];
  }, from);
}

/** Tensors are numbered in the order in which they are made; the engine's class keeps the count. */
function newestId(): number {
  return (tf.engine().constructor as unknown as { nextTensorId: number }).nextTensorId - 1;
}

function bytesOf(tensor: tf.Tensor): number {
  return tensor.size * (tensor.dtype === 'bool' ? 1 : 4);
}

function disposeAll(tensors: Iterable<tf.Tensor>): void {
  for (const tensor of tensors) if (!tensor.isDisposed) tensor.dispose();
}
