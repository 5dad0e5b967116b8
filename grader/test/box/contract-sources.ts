/** What the contract test puts into a box: a learner's file with every kind of export, and a visible test. */
export const source = `
import { tf } from '@llm-ladder/backend';
import { NotImplemented, ShapeError } from '@llm-ladder/backend/errors';
import { half } from './parts/half.ts';
import { twice } from '@llm-ladder/demo/two';

export interface Out { readonly out: tf.Tensor; readonly w: tf.Tensor }
export const size = 3;
export function echo<T>(...args: T[]): T[] { return args; }
export function kinds(...args: unknown[]): string[] {
  return args.map((a) => a instanceof tf.Tensor ? 'tensor ' + a.dtype + ' ' + a.shape : a === null ? 'null' : typeof a === 'object' ? a.constructor.name : typeof a);
}
export function attention(q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D): Out {
  return tf.tidy(() => { const w = tf.matMul(q, k, false, true).softmax(); return { out: tf.matMul(w, v), w }; });
}
export function scale(x: tf.Tensor, p: { W: tf.Tensor; unused: tf.Tensor }): tf.Tensor { return tf.tidy(() => x.mul(p.W).mul(half * 4)); }
export function leaky(x: tf.Tensor): tf.Tensor { tf.ones([10]); return x.add(1); }
export function changer(list: number[]): number { list.push(1); return 0; }
export function negate(values: Float32Array): number { for (let i = 0; i < values.length; i++) values[i] = -values[i]!; return 0; }
export function killer(x: tf.Tensor): number { x.dispose(); return 0; }
export function stub(): never { throw new NotImplemented('demo/one'); }
export function shape(): never { throw new ShapeError('shape', 'rank 2', 'rank 1'); }
export function odd(): never { throw { toString() { throw 1; } }; }
export function plainThrow(): never { throw 'a text'; }
export async function later(x: number): Promise<number> { await null; return x + 1; }
export function inner(): unknown { return { a: [Promise.resolve(1)] }; }
export function cyclic(): unknown { const a: unknown[] = []; a.push({ a }); return a; }
export function symbol(): unknown { return { s: Symbol('x') }; }
export function proto(): unknown { return JSON.parse('{"__proto__": 1}'); }
export function draws(next: () => number, n: number): number[] { return Array.from({ length: n }, next); }
export function twoWalks(items: Iterable<number>): number[][] { return [[...items], [...items]]; }
export function use(f: (...args: unknown[]) => unknown, ...args: unknown[]): unknown { return f(...args); }
export async function ask(f: (x: unknown) => Promise<number>, n: number): Promise<number> { let sum = 0; for (let i = 0; i < n; i++) sum += await f(i); return sum; }
export async function askTensor(f: (x: tf.Tensor) => Promise<tf.Tensor>): Promise<tf.Tensor> { const y = await f(tf.tensor([1, 2])); return y.add(1); }
export function counter(): { next(): number; n: number } { let n = 0; return { n: 5, next: () => ++n }; }
export function adder(a: number): (b: number) => number { return (b) => a + b; }
export class Layer {
  W: tf.Tensor; #calls = 0; static build(n: number): Layer { return new Layer(tf.ones([n, n])); }
  constructor(W: tf.Tensor) { this.W = W; }
  forward(x: tf.Tensor): tf.Tensor { this.#calls++; return tf.matMul(x, this.W); }
  weights(): tf.Tensor { return this.W; }
  get calls(): number { return this.#calls; }
  self(): this { return this; }
}
export class Cache { last: tf.Tensor | undefined; step(x: tf.Tensor): tf.Tensor { this.last?.dispose(); this.last = x.add(1); return this.last; } again(): tf.Tensor { return this.last!; } }
export function through(layer: Layer, x: tf.Tensor): tf.Tensor { return layer.forward(x); }
export function print(text: string): void { console.log(text); }
export function ten(): number { return twice(5); }
export async function caught(f: () => Promise<unknown>): Promise<unknown> {
  try { return await f(); } catch (error) { const { name, message, code, stack, cause } = error as Error & { code?: string }; return { name, message, code, all: [String(error), stack, cause, JSON.stringify(error)].join() }; }
}
export async function nested(f: (n: number) => Promise<string>, n: number): Promise<string> { return n === 0 ? 'end' : n + ' ' + await f(n - 1); }
export async function together(f: (n: number) => Promise<number>, n: number): Promise<number[]> { return Promise.all(Array.from({ length: n }, (_, i) => f(i))); }
export async function collect(items: AsyncIterable<string>, most: number): Promise<string[]> {
  const found: string[] = [];
  if (most > 0) for await (const item of items) if (found.push(item) === most) break;
  return found;
}
export async function* produce(n: number): AsyncGenerator<number> { for (let i = 0; i < n; i++) yield i; }
`;

export const visible = `
import { beforeEach, describe, expect, it, test } from 'vitest';
import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { stub, ten } from './one.ts';
test('adds', () => { expect(ten()).toBe(10); expect({ a: [1] }).toEqual({ a: [1] }); });
describe('group', () => {
  let n = 0;
  beforeEach(() => { n++; });
  it('runs hooks', async () => { await null; expect(n).toBe(1); });
  test.each([[1, 2, 3], [2, 2, 5]])('%d + %d = %d', (a: number, b: number, c: number) => { expect(a + b).toBe(c); });
});
test('close', () => { const x = tf.tensor([1, 2]); expect(x).toBeAllClose([1, 2]); expect(x).not.toBeAllClose([1, 3]); expect(x).toHaveShape([2]); });
test('not close', () => { expect(tf.tensor([1, 2])).toBeAllClose(tf.tensor([1, 3]), { atol: 1e-3 }); });
test('not written', () => { stub(); });
test.skip('left out', () => { throw new Error('ran'); });
test.todo('some day');
test.fails('fails as it should', () => { throw new Error('as promised'); });
`;
