/** Values that stay in the box: on every driver, through the box and through what a suite calls `learner`. */
import { GraderError, LearnerError } from '@llm-ladder/backend/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Box, BoxError, type CallResult, Handle, openBox, TensorValue, tensor, type Value } from '../../src/box/index.ts';
import { makeSubject, type SubjectHost } from '../../src/judge/subject.ts';
import { drivers, limits, programOf } from './helpers.ts';

const program = programOf(`
import { tf } from '@llm-ladder/backend';
type Weights = { w: tf.Tensor2D; more: { bias: tf.Tensor1D }[]; names: Map<string, tf.Tensor> };
export const linear = (x: tf.Tensor2D, { w, more }: Weights): tf.Tensor => tf.tidy(() => x.matMul(w).add(more[0]!.bias));
export const sumOf = (list: readonly tf.Tensor[]): tf.Tensor => tf.tidy(() => tf.addN(list as tf.Tensor[]).sum());
export const named = ({ names }: Weights, name: string): tf.Tensor => names.get(name)!;
export const alive = (): number => tf.memory().numTensors;
export const bytes = (): number => tf.memory().numBytes;
export const spoil = (weights: Weights): number => { weights.more[0]!.bias.dispose(); return 0; };
export const replace = (weights: Weights): number => { weights.more.pop(); return 0; };
export const stash = (x: tf.Tensor, weights: Record<string, unknown>): number => { weights.found = x; return 0; };
export const looksKept = (id: number): unknown => ({ id, methods: [], className: 'kept', fields: {} });
export const typeName = (value: unknown): string => Object.prototype.toString.call(value);
export const end = (): void => process.exit(0);
export class Layer { #w: tf.Tensor; constructor({ w }: Weights) { this.#w = w; } width(): number { return this.#w.shape[1]!; } }
`);

const weights = {
  w: tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]),
  more: [{ bias: tensor([10, 20, 30]) }],
  names: new Map([['one', tensor([7])]]),
};
const x = tensor([[1, -1]]);
const KEPT = 3; // tensors in `weights`

describe.each(drivers)('%s', (driver) => {
  let box: Box;
  const call = async (name: string, ...args: Value[]): Promise<CallResult> => box.call({ export: name }, args);
  const number = async (name: string): Promise<number> => (await call(name)).value as number;
  const keep = async (value: Value): Promise<Handle> => (await box.call({ keep: true }, [value])).value as Handle;

  beforeAll(async () => {
    box = await openBox({ driver, limits });
    await box.load(program);
  }, 60_000);
  afterAll(() => box.close());

  test('a kept value is an argument of any number of calls, and goes when it is released', async () => {
    const before = await number('alive');
    const kept = await keep(weights);
    expect(kept).toBeInstanceOf(Handle);
    expect(await number('alive')).toBe(before + KEPT);
    for (let i = 0; i < 3; i++) {
      const { value, stats } = await call('linear', x, kept);
      expect((value as TensorValue).toArray()).toEqual([[1 - 4 + 10, 2 - 5 + 20, 3 - 6 + 30]]);
      expect(stats).toMatchObject({ tensorsKept: 0, bytesKept: 0, inputsChanged: false });
    }
    expect(((await call('named', kept, 'one')).value as TensorValue).toArray()).toEqual([7]);
    expect(await number('alive')).toBe(before + KEPT); // an answer that is a kept tensor stays where it is
    box.release(kept.id);
    expect(await number('alive')).toBe(before);
    await expect(call('linear', x, kept)).rejects.toThrow(/was released/);
  });

  test('gradients by a kept tensor', async () => {
    const kept = await keep(weights);
    const { value } = await box.grad({ export: 'linear' }, [x, kept], { wrt: ['1.w', 0] });
    const [w, input] = value as readonly TensorValue[];
    expect(w!.toArray()).toEqual([
      [1, 1, 1],
      [-1, -1, -1],
    ]);
    expect(input!.toArray()).toEqual([[6, 15]]);
    box.release(kept.id);
  });

  test('a list and a single tensor can be kept, and results do not pile up behind them', async () => {
    const list = await keep([tensor([1, 2]), tensor([3, 4])]);
    const one = await keep(tensor([5, 6]));
    const before = await number('alive');
    for (let i = 0; i < 5; i++) expect(((await call('sumOf', list)).value as TensorValue).toArray()).toBe(10);
    expect(((await call('sumOf', [one, tensor([1, 1])])).value as TensorValue).toArray()).toBe(13);
    expect(await number('alive')).toBe(before);
    box.release(list.id);
    box.release(one.id);
    expect(await number('alive')).toBe(before - 3);
  });

  test.each(['spoil', 'replace'])('%s: a kept value that is changed is an input that is changed', async (name) => {
    const kept = await keep(weights);
    expect((await call(name, kept)).stats.inputsChanged).toBe(true);
    box.release(kept.id);
  });

  test('what is stashed in a kept value goes with it', async () => {
    const before = await number('alive');
    const kept = await keep({ some: tensor([1]) });
    const { stats } = await call('stash', tensor([2, 3]), kept);
    expect(stats.inputsChanged).toBe(true);
    expect(await number('alive')).toBe(before + 2);
    box.release(kept.id);
    expect(await number('alive')).toBe(before);
  });

  test('an object of the learner keeps what it took from a kept value until both are gone', async () => {
    const kept = await keep(weights);
    const layer = (await call('Layer', kept)).value as Handle;
    expect((await box.call({ handle: layer.id, method: 'width' }, [])).value).toBe(3);
    box.release(layer.id);
    expect(((await call('linear', x, kept)).value as TensorValue).shape).toEqual([1, 3]);
    box.release(kept.id);
  });

  test('a value that only looks like a handle is data: there and back', async () => {
    const kept = await keep(weights);
    const { value } = await call('looksKept', kept.id);
    expect(value).not.toBeInstanceOf(Handle);
    expect((await call('typeName', value)).value).toBe('[object Object]');
    await expect(call('linear', x, value)).rejects.toThrow(/must be a Tensor/);
    box.release(kept.id);
  });

  test('what cannot be kept is refused', async () => {
    await expect(box.call({ keep: true }, [5])).rejects.toMatchObject({ code: 'value' });
  });
});

describe('what a suite calls learner', () => {
  const [driver] = drivers;
  const open = async (memoryMb = 1024): Promise<{ host: SubjectHost; box: () => Box; sent: number[] }> => {
    const sent: number[] = [];
    let current: { box: Box; exports: Awaited<ReturnType<Box['load']>> } | undefined;
    const host: SubjectHost = {
      who: 'learner',
      entry: 'one.ts',
      asyncExports: [],
      open: async () => {
        if (!current?.box.alive) {
          const box = await openBox({ driver: driver!, limits: { ...limits, memoryMb } });
          const exports = await box.load(program);
          const counted: Box['call'] = (target, args, options) => {
            sent.push(elements(args));
            return box.call(target, args, options);
          };
          const own = (name: string): unknown => {
            const value = Reflect.get(box, name) as unknown;
            return typeof value === 'function' ? value.bind(box) : value;
          };
          current = { box: new Proxy(box, { get: (_, name) => (name === 'call' ? counted : own(name as string)) }), exports };
        }
        return current;
      },
      timeLeft: () => 60_000,
      spent: () => {},
    };
    await host.open();
    return { host, box: () => current!.box, sent };
  };
  const elements = (value: unknown): number => {
    if (value instanceof Handle) return 0;
    if (typeof (value as TensorValue | null)?.size === 'number' && 'dtype' in (value as object)) return (value as TensorValue).size;
    return typeof value === 'object' && value !== null ? Object.values(value).reduce<number>((sum, item) => sum + elements(item), 0) : 0;
  };

  test('large weights cross once, each large tensor in a frame of its own; the end of the test frees them', async () => {
    const { host, box, sent } = await open();
    const { subject, release } = makeSubject(host);
    const empty: number = await subject.alive();
    const [rows, columns] = [600, 500]; // 300,000 numbers
    const large = () => tensor(new Float32Array(rows * columns).fill(0.5), [rows, columns]);
    sent.length = 0;
    const kept = await subject.keep({ w: large(), more: [{ bias: tensor(new Float32Array(columns)) }], other: large() });
    expect(sent).toEqual([rows * columns, rows * columns, columns]);
    const input = tensor(new Float32Array(rows).fill(1), [1, rows]);
    for (let i = 0; i < 2; i++) expect((await subject.linear(input, kept)).at(0, 0)).toBe(rows / 2);
    expect(sent.slice(3)).toEqual([rows, rows]);
    expect((await kept.other()).at(2, 3)).toBe(0.5); // its fields can be read back
    expect(await subject.alive()).toBe(empty + 3);
    await release();
    expect(await subject.alive()).toBe(empty);

    const again = await subject.keep({ w: large(), more: [] });
    again.release();
    expect(await subject.alive()).toBe(empty);
    await box().close();
  });

  test('a handle means nothing in the box of another program, and none after the end of its own', async () => {
    const [learner, reference] = [await open(), await open()];
    const [mine, theirs] = [makeSubject(learner.host), makeSubject({ ...reference.host, who: 'reference' })];
    const kept = await mine.subject.keep(weights);
    await theirs.subject.keep({ w: tensor([[9], [9]]), more: [{ bias: tensor([9]) }] }); // the same number there
    await expect(theirs.subject.linear(x, kept)).rejects.toThrow(GraderError);
    await expect(theirs.subject.linear(x, kept)).rejects.toThrow(/another/);
    await expect(mine.subject.end()).rejects.toThrow(BoxError);
    await mine.subject.keep({ w: tensor([[9], [9]]), more: [] });
    await expect(mine.subject.linear(x, kept)).rejects.toThrow(LearnerError);
    await expect(mine.subject.linear(x, kept)).rejects.toThrow(/has ended/);
    await mine.release();
    await Promise.all([learner.box().close(), reference.box().close()]);
  });

  test('it counts in the limit on memory', async () => {
    const { host, box } = await open(400);
    const { subject } = makeSubject(host);
    const keepMany = async (): Promise<void> => {
      for (let i = 0; i < 48; i++) await subject.keep(new TensorValue('int32', [2 ** 22], new Int32Array(2 ** 22).fill(i))); // 16 MiB each
    };
    await expect(keepMany()).rejects.toMatchObject({ code: 'memory-limit' });
    await box().close();
  });

  test('a number, a text or a function is refused as a fault of the suite', async () => {
    const { host, box } = await open();
    const { subject } = makeSubject(host);
    for (const value of [5, 'text', null]) await expect(subject.keep(value)).rejects.toThrow(GraderError);
    await box().close();
  });
});
