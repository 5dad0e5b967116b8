/** One contract for every driver: what a box does is the same, however it is shut in. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Box,
  BoxError,
  boxed,
  Handle,
  iterable,
  openBox,
  type Program,
  rng,
  type TensorValue,
  table,
  tensor,
  type Value,
} from '../../src/box/index.ts';
import { source, visible } from './contract-sources.ts';
import { absentDrivers, drivers, limits, programOf } from './helpers.ts';

const program: Program = programOf(source, {
  files: { 'one.ts': source, 'parts/half.ts': 'export const half: number = 0.5;' },
  modules: {
    '@llm-ladder/demo/two': "import { two } from './numbers.ts'; export const twice = (x: number): number => two * x;",
    '@llm-ladder/demo/numbers': 'export const two: number = 2;',
  },
  boxed: 'export const scaled = (n: number) => (x: number): number => n * x; export const limit = 7;',
});

test.skip.each(absentDrivers)('%s does not start here: %s', () => {});

describe.each(drivers)('%s', (driver) => {
  let box: Box;
  const call = async (name: string, ...args: Value[]): Promise<Value> => (await box.call({ export: name }, args)).value;
  const stats = async (name: string, ...args: Value[]) => (await box.call({ export: name }, args)).stats;

  beforeAll(async () => {
    box = await openBox({ driver, limits });
    await box.load(program);
  }, 60_000);
  afterAll(() => box.close());

  test('says what it is and runs as another process', () => {
    expect(box.driver).toBe(driver);
    expect(box.backend).toBe('wasm');
    expect(box.pid).not.toBe(process.pid);
    expect(() => process.kill(box.pid, 0)).not.toThrow();
  });

  test('lists the exports by kind', async () => {
    const fresh = await openBox({ driver, limits });
    const kinds = await fresh.load(program);
    await fresh.close();
    expect(kinds).toMatchObject({ attention: 'function', Layer: 'class', size: 'value' });
    expect(Object.keys(kinds)).not.toContain('Out');
  });

  test('returns values of every kind as they went in', async () => {
    const values: Value[] = [
      null,
      true,
      1.5,
      10n ** 30n,
      '大模型',
      new Uint8Array([1, 2]),
      new Float64Array([0.1]),
      [1, [2]],
      { a: { b: 1 } },
      new Map<Value, Value>([[1, new Set(['x'])]]),
      tensor([[1, 2, 3]]),
      tensor([7], [1], 'int32'),
      tensor([1, 0], [2], 'bool'),
      undefined,
      [-0, Number.NaN, { a: undefined, b: -0, c: [undefined] }],
      // biome-ignore lint/suspicious/noSparseArray: it is what is sent
      [, 1, ,],
    ];
    expect(await call('echo', ...values)).toStrictEqual(values);
  });

  test('gives the learner real tensors, maps and functions', async () => {
    const args: Value[] = [tensor([[1]]), new Map(), new Set(), rng(1), async () => 1, [1], null, 1n];
    expect(await call('kinds', ...args)).toEqual(['tensor float32 1,1', 'Map', 'Set', 'function', 'function', 'Array', 'null', 'bigint']);
  });

  test('reads values, awaits promises and says so', async () => {
    expect(await call('size')).toBe(3);
    const result = await box.call({ export: 'later' }, [1]);
    expect([result.value, result.wasPromise]).toEqual([2, true]);
    expect((await box.call({ export: 'ten' }, [])).wasPromise).toBe(false);
  });

  test('resolves the folder and the needs, and their own imports', async () => {
    expect(await call('ten')).toBe(10);
  });

  test('runs the backend: softmax(q k) v', async () => {
    const { out, w } = (await call(
      'attention',
      tensor([[0, 0]]),
      tensor([
        [1, 2],
        [3, 4],
      ]),
      tensor([[2], [4]]),
    )) as Record<string, TensorValue>;
    expect(w?.toArray()).toEqual([[0.5, 0.5]]);
    expect(out?.toArray()).toEqual([[3]]);
  });

  test('adapters: a seeded rng, a one-shot iterable, a table, a function of boxed.ts', async () => {
    const draws = (await call('draws', rng(7), 1000)) as number[];
    expect(await call('draws', rng(7), 1000)).toEqual(draws);
    expect(await call('draws', rng(8), 1000)).not.toEqual(draws);
    expect(draws.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(Math.abs(draws.reduce((a, b) => a + b) / 1000 - 0.5)).toBeLessThan(0.06);
    expect(await call('twoWalks', iterable([1, 2]))).toEqual([[1, 2], []]);
    const lookUp = table([
      [[1, 2], 'pair'],
      ['a', tensor([5])],
    ]);
    expect(await call('use', lookUp, 1, 2)).toBe('pair');
    expect(await call('use', lookUp, 'a')).toEqual(tensor([5]));
    await expect(call('use', lookUp, 9)).rejects.toThrow(/does not know the arguments 9/);
    expect(await call('use', boxed('scaled', 3), 4)).toBe(12);
    expect(await call('echo', boxed('limit'))).toEqual([7]);
  });

  test('callbacks run in the grader, in order, with tensors and errors across', async () => {
    const seen: Value[] = [];
    const double = async (x: Value): Promise<Value> => {
      seen.push(x);
      return 2 * (x as number);
    };
    expect(await call('ask', double, 5)).toBe(20);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(await call('askTensor', async (x) => (x as TensorValue).map((v) => v * 10))).toEqual(tensor([11, 21]));
  });

  test('gradients: by position, by path, with an upstream, of one of several outputs, zero where nothing depends', async () => {
    const x = tensor([1, 2, 3]);
    const p = { W: tensor([4, 5, 6]), unused: tensor([1]) };
    const ones = await box.grad({ export: 'scale' }, [x, p], { wrt: [0, '1.W', '1.unused'] });
    expect((ones.value as TensorValue[]).map((g) => g.toArray())).toEqual([[8, 10, 12], [2, 4, 6], [0]]);
    const upstream = await box.grad({ export: 'scale' }, [x, p], { wrt: [0], upstream: tensor([1, 0, 2]) });
    expect((upstream.value as TensorValue[])[0]?.toArray()).toEqual([8, 0, 24]);
    const one = tensor([[1, 2]]);
    const several = await box.grad({ export: 'attention' }, [one, one, one], { wrt: [2], output: 'out' });
    expect((several.value as TensorValue[])[0]?.toArray()).toEqual([[1, 1]]);
    expect(several.stats.tensorsKept).toBe(0);
    await expect(box.grad({ export: 'scale' }, [x, p], { wrt: ['1.nothing'] })).rejects.toMatchObject({ code: 'value' });
    await expect(box.grad({ export: 'later' }, [x], { wrt: [0] })).rejects.toMatchObject({ code: 'value' });
  });

  test('a class is constructed and stays in the box as a handle until it is released', async () => {
    const layer = (await call(
      'Layer',
      tensor([
        [2, 0],
        [0, 3],
      ]),
    )) as Handle;
    expect(layer).toBeInstanceOf(Handle);
    expect(layer.className).toBe('Layer');
    expect([...layer.methods].sort()).toEqual(['calls', 'forward', 'self', 'weights']);
    const method = async (name: string, ...args: Value[]): Promise<Value> =>
      (await box.call({ handle: layer.id, method: name }, args)).value;
    for (let i = 0; i < 3; i++) expect(await method('forward', tensor([[1, 1]]))).toEqual(tensor([[2, 3]]));
    for (let i = 0; i < 3; i++)
      expect(await method('weights')).toEqual(
        tensor([
          [2, 0],
          [0, 3],
        ]),
      );
    expect(await method('calls')).toBe(3);
    expect(((await method('self')) as Handle).id).toBe(layer.id);
    expect(await call('through', layer, tensor([[1, 1]]))).toEqual(tensor([[2, 3]]));
    await expect(method('nothing')).rejects.toMatchObject({ code: 'value' });
    box.release(layer.id);
    await expect(method('weights')).rejects.toMatchObject({ code: 'value', message: expect.stringContaining('was released') });
  });

  test('an object keeps the tensor that it also returned', async () => {
    const cache = (await call('Cache')) as Handle;
    for (let i = 0; i < 3; i++) {
      expect((await box.call({ handle: cache.id, method: 'step' }, [tensor([i])])).value).toEqual(tensor([i + 1]));
      expect((await box.call({ handle: cache.id, method: 'again' }, [])).value).toEqual(tensor([i + 1]));
    }
  });

  test('objects with functions, functions and static methods', async () => {
    const counter = (await call('counter')) as Handle;
    expect(counter.fields).toEqual({ n: 5 });
    const next = async (): Promise<Value> => (await box.call({ handle: counter.id, method: 'next' }, [])).value;
    expect([await next(), await next()]).toEqual([1, 2]);
    const adder = (await call('adder', 2)) as Handle;
    expect((await box.call({ handle: adder.id, method: 'call' }, [40])).value).toBe(42);
    const built = (await call('Layer.build', 2)) as Handle;
    expect(built.className).toBe('Layer');
  });

  test('counts tensors kept, kernels and changed inputs', async () => {
    const x = tensor([1, 2]);
    expect(await stats('scale', x, { W: x, unused: x })).toEqual({
      tensorsKept: 0,
      bytesKept: 0,
      kernels: { Multiply: 2 },
      inputsChanged: false,
    });
    expect(await stats('leaky', x)).toMatchObject({ tensorsKept: 1, bytesKept: 40 });
    expect((await stats('changer', [1])).inputsChanged).toBe(true);
    expect((await stats('negate', new Float32Array([1, 2]))).inputsChanged).toBe(true);
    expect((await stats('killer', x)).inputsChanged).toBe(true);
    expect((await stats('echo', [1], x)).inputsChanged).toBe(false);
  });

  test('does not grow over many calls', async () => {
    const big = tensor(new Float32Array(250_000));
    for (let i = 0; i < 10; i++) await call('echo', big);
    const before = await box.peakMemoryBytes();
    for (let i = 0; i < 100; i++) await call('echo', big);
    expect((await box.peakMemoryBytes()) - before).toBeLessThan(60 * 2 ** 20);
  }, 30_000);

  test('describes what the learner threw, and where', async () => {
    await expect(call('stub')).rejects.toMatchObject({ code: 'threw', remote: { name: 'NotImplemented', code: 'not-implemented' } });
    const error = (await call('shape').catch((thrown: unknown) => thrown)) as BoxError;
    expect(error).toBeInstanceOf(BoxError);
    expect(error.message).toBe('ShapeError: shape: expected rank 2, got rank 1');
    expect(error.remote).toMatchObject({ name: 'ShapeError', code: 'shape', at: expect.stringMatching(/^one\.ts:2\d$/) });
    await expect(call('odd')).rejects.toMatchObject({ code: 'threw' });
    await expect(call('plainThrow')).rejects.toMatchObject({ code: 'threw', message: expect.stringContaining('a text') });
    await expect(call('nothing')).rejects.toMatchObject({ code: 'value', message: "nothing: there is no export 'nothing'" });
  });

  test.each([
    ['inner', 'inner: the result.a[0] is a Promise inside the result; await it before returning'],
    ['cyclic', 'cyclic: the result[0].a contains itself'],
    ['symbol', 'symbol: the result.s is a symbol, which cannot be compared'],
    ['proto', "proto: the result has a key '__proto__'; use a Map"],
  ])('refuses what cannot cross: %s', async (name, message) => {
    await expect(call(name)).rejects.toMatchObject({ code: 'value', message });
  });

  test('keeps what the learner printed apart from the answers', async () => {
    await call('print', 'seen 大');
    await expect.poll(() => box.output()).toContain('seen 大\n');
  });

  test('stands still while it is paused', async () => {
    box.pause();
    const answer = call('ten');
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 150, 'waiting'))]);
    box.resume();
    expect(first).toBe('waiting');
    expect(await answer).toBe(10);
  });

  test('runs visible tests with a shim of vitest', async () => {
    const fresh = await openBox({ driver, limits });
    await fresh.load(program);
    const results = await fresh
      .runVisibleTests({ 'one.test.ts': visible, 'two.test.ts': "import 'node:fs';", 'three.test.ts': 'const x: = 1;' })
      .catch((e: unknown) => e);
    expect(results).toMatchObject({ code: 'syntax' });
    const good = await fresh.runVisibleTests({ 'one.test.ts': visible, 'two.test.ts': "import 'node:fs';" });
    await fresh.close();
    expect(good.map(({ file, name, status }) => `${file} ${name}: ${status}`)).toEqual([
      'one.test.ts adds: passed',
      'one.test.ts group > runs hooks: passed',
      'one.test.ts group > 1 + 2 = 3: passed',
      'one.test.ts group > 2 + 2 = 5: failed',
      'one.test.ts close: passed',
      'one.test.ts not close: failed',
      'one.test.ts not written: failed',
      'one.test.ts left out: skipped',
      'one.test.ts some day: todo',
      'one.test.ts fails as it should: passed',
      'two.test.ts two.test.ts: failed',
    ]);
    expect(good.find(({ name }) => name === 'not close')).toMatchObject({
      message: expect.stringContaining('worst at [1]: expected 3, got 2; error 1'),
      at: expect.stringMatching(/^one\.test\.ts:\d+$/),
    });
    expect(good.find(({ name }) => name === 'not written')?.notWritten).toBe(true);
    expect(good.at(-1)?.message).toContain("two.test.ts imports 'node:fs', which this exercise may not use");
  });
});
