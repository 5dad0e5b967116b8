/**
 * Programs that must earn nothing, made for any exercise: each wraps the reference, so that what it returns has the right form, and spoils every value.
 * They run in a box like a learner's program; the reference lies beside them as a second file.
 */
import type { Program } from '../../box/types.ts';
import { programFor } from '../../catalog/program.ts';
import type { Exercise } from '../../catalog/types.ts';
import { exportedNames } from '../../format/exports.ts';

export const controlNames = ['zeros', 'constant', 'copy-of-input', 'throw', 'endless loop'] as const;
export type ControlName = (typeof controlNames)[number];

/** How one control treats a function and what it returned. */
const SPOILERS: Readonly<Record<ControlName, string>> = {
  zeros: `
    const spoil = (result, args) => walk(result, { tensor: (t) => tf.zerosLike(t), number: () => 0, bigint: () => 0n, string: () => '', boolean: () => false });
    const call = (fn, args) => later(fn(), (result) => spoil(result, args));`,
  constant: `
    const one = (t) => (t.dtype === 'float32' ? tf.fill(t.shape, 0.5) : tf.onesLike(t));
    const spoil = (result, args) => walk(result, { tensor: one, number: () => 1, bigint: () => 1n, string: () => 'a', boolean: () => true });
    const call = (fn, args) => later(fn(), (result) => spoil(result, args));`,
  'copy-of-input': `
    const spoil = (result, args) => {
      const first = firstTensor(args);
      if (first !== undefined) return walk(result, { tensor: () => tf.clone(first) });
      const plain = args.find((arg) => typeof arg !== 'function'); // a callback is nothing to copy
      return plain === undefined ? result : plain;
    };
    const call = (fn, args) => later(fn(), (result) => spoil(result, args));`,
  throw: `
    const call = () => { throw new ShapeError('control', 'nothing', 'anything'); };`,
  'endless loop': `
    const call = () => { for (;;); };`,
};

const COMMON = `
import { tf } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';
import * as reference from './control-reference.ts';

const isTensor = (value) => value instanceof tf.Tensor;
const later = (value, then) => (value && typeof value.then === 'function' ? value.then(then) : then(value));

function firstTensor(value, depth = 0) {
  if (isTensor(value)) return value;
  if (typeof value !== 'object' || value === null || depth > 6) return undefined;
  for (const item of Object.values(value)) {
    const found = firstTensor(item, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The same structure with each leaf replaced; an object with methods gets spoiled methods. */
function walk(value, leaf) {
  if (isTensor(value)) return leaf.tensor ? leaf.tensor(value) : value;
  if (typeof value === 'function') return spoiled(value);
  if (typeof value !== 'object' || value === null) return leaf[typeof value] ? leaf[typeof value](value) : value;
  if (ArrayBuffer.isView(value)) return leaf.number ? value.map(typeof value[0] === 'bigint' ? leaf.bigint : leaf.number) : value;
  if (Array.isArray(value)) return value.map((item) => walk(item, leaf));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, walk(item, leaf)]));
  if (value instanceof Set) return new Set([...value].map((item) => walk(item, leaf)));
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) return spoilMethods(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, leaf)]));
}

const isClass = (value) => /^class\\b/.test(Function.prototype.toString.call(value));

function spoiled(value) {
  if (typeof value !== 'function') return value;
  if (!isClass(value)) return function (...args) { return call(() => value.apply(this, args), args); };
  const made = class extends value {};
  spoilMethods(made.prototype);
  return made;
}

/** Methods of an object, its own and inherited, replaced on the object itself. A getter is left alone: on a prototype it has nothing to read. */
function spoilMethods(object) {
  const methods = new Map();
  for (let level = object; level && level !== Object.prototype; level = Object.getPrototypeOf(level))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level)))
      if (!methods.has(name)) methods.set(name, value);
  methods.delete('constructor');
  for (const [name, method] of methods) {
    if (typeof method !== 'function') continue;
    Object.defineProperty(object, name, { value: function (...args) { return call(() => method.apply(this, args), args); }, configurable: true, writable: true });
  }
  return object;
}
`;

/** The program of one control. */
export async function controlProgram(exercise: Exercise, name: ControlName): Promise<Program> {
  const solved = await programFor(exercise, 'reference');
  const { file } = exercise.manifest;
  const names = [...exportedNames(solved.files[file] ?? '')].filter((one) => one !== '*');
  const lines = names.map((one) => `export const ${one} = spoiled(reference.${one});`);
  const text = `${COMMON}\n${SPOILERS[name]}\n${lines.join('\n')}\n`;
  return { ...solved, files: { [file]: text, 'control-reference.ts': solved.files[file] ?? '' } };
}
