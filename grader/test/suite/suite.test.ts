import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GraderError, NotImplemented, ShapeError } from '@llm-ladder/backend/errors';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { afterAll, beforeAll, describe, expect as expectVitest, test } from 'vitest';
import { BoxError } from '../../src/box/types.ts';
import { TensorValue, tensor } from '../../src/box/values.ts';
import { setLang } from '../../src/format/words.ts';
import { collectSuite } from '../../src/suite/collect.ts';
import { expect } from '../../src/suite/expect.ts';
import { loadGolden, parseSafetensors } from '../../src/suite/golden.ts';
import { Random } from '../../src/suite/random.ts';

let folder = '';
beforeAll(() => {
  setLang('en');
  folder = temporaryFolder();
});
afterAll(() => setLang(undefined));

const failure = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};

describe('matchers', () => {
  test('toBeAllClose says shape first, then index, expected, got and worst error', async () => {
    expectVitest(await failure(() => expect(tensor([[1, 2]])).toBeAllClose([1, 2]))).toMatch(/shape.*\[2\].*\[1, 2\]/);
    const text = await failure(() =>
      expect(
        tensor([
          [1, 2, 3],
          [4, 5, 6.5],
        ]),
      ).toBeAllClose([
        [1, 2, 3.1],
        [4, 5, 6],
      ]),
    );
    expectVitest(text).toMatch(/worst at \[1, 2\]: expected 6, got 6.5; error 0.5 .* 2 of 6 elements/);
  });

  test('NaN equals nothing, not even NaN; infinities equal themselves only', async () => {
    expectVitest(await failure(() => expect(tensor([Number.NaN])).toBeAllClose([Number.NaN]))).toContain('NaN');
    expectVitest(await failure(() => expect(tensor([1])).toBeAllClose([Number.POSITIVE_INFINITY]))).toContain('Infinity');
    expect(tensor([Number.POSITIVE_INFINITY])).toBeAllClose([Number.POSITIVE_INFINITY]);
  });

  test('-0 is 0 to whoever expects 0, and -0 to whoever expects -0; typed arrays are compared bit by bit', async () => {
    expect(-0).toBe(0);
    expect([{ a: -0 }, new Map([['k', -0]])]).toEqual([{ a: 0 }, new Map([['k', 0]])]);
    for (const wrong of [
      () => expect(0).toBe(-0),
      () => expect([0]).toEqual([-0]),
      () => expect(-0).not.toBe(0),
      () => expect(new Float64Array([-0])).toEqual(new Float64Array([0])),
      () => expect([1]).toEqual([2]),
    ])
      await failure(wrong);
  });

  test('undefined at the end of a list counts, a field that is undefined does not', async () => {
    expect({ a: [0, 1], b: undefined }).toEqual({ a: [0, 1] });
    expect([undefined]).not.toEqual([]);
    expectVitest(await failure(() => expect({ a: [0, 1, undefined] }).toEqual({ a: [0, 1] }))).toContain('undefined');
  });

  test('what is no tensor is told as such', async () => {
    expectVitest(await failure(() => expect(undefined).toBeAllClose([1]))).toContain('expected a tensor, got undefined');
    expectVitest(await failure(() => expect({ out: 1 }).toHaveShape([1]))).toContain('an object {out}');
  });

  test('not.toBeAllClose fails for equal values', async () => {
    expectVitest(await failure(() => expect(tensor([1, 2])).not.toBeAllClose([1, 2]))).toContain('expected a difference');
  });

  test('toBeFinite, toBeNonZero and toHaveShape fail where they should', async () => {
    expectVitest(await failure(() => expect(tensor([[1], [Number.NaN]])).toBeFinite())).toContain('[1, 0]: NaN');
    expectVitest(await failure(() => expect(tensor([0, 0])).toBeNonZero())).toContain('every element is zero');
    expectVitest(await failure(() => expect(tensor([0, 0])).toHaveShape([1, 2]))).toContain('expected [1, 2], got [2]');
    expect(tensor([0, 1])).toBeNonZero();
    expect(tensor([[0, 1]])).toHaveShape([1, 2]);
  });

  const thrown = (error: Error & { code?: string }) =>
    Promise.reject(
      new BoxError('threw', error.message, {
        remote: { name: error.name, code: error.code ?? null, message: error.message, hint: null, at: null, stack: null },
      }),
    );

  test('toReject takes a ShapeError or a UsageError, and nothing else', async () => {
    await expect(thrown(new ShapeError('mha', 'D divisible by H', 'D=10, H=4'))).toReject(/divisible/);
    expectVitest(await failure(() => expect(thrown(new ShapeError('mha', 'a', 'b'))).toReject(/divisible/))).toContain('fits /divisible/');
    expectVitest(await failure(() => expect(thrown(new NotImplemented('a/b'))).toReject())).toContain('got NotImplemented');
    expectVitest(await failure(() => expect(thrown(new TypeError('x'))).toReject())).toContain('got TypeError');
    expectVitest(await failure(() => expect(Promise.resolve(1)).toReject())).toContain('nothing was thrown');
  });

  test('a broken limit is not taken for a refusal', async () => {
    expectVitest(await failure(() => expect(Promise.reject(new BoxError('time-limit', 'too long'))).toReject())).toBe('too long');
  });
});

describe('Random', () => {
  test('one seed gives the same numbers, another name others', () => {
    const draw = (seed: string, name: string): string => JSON.stringify(Random.for(seed, name).normal([6]).toArray());
    expectVitest(draw('a', 'x')).toBe(draw('a', 'x'));
    expectVitest(draw('a', 'x')).not.toBe(draw('a', 'y'));
    expectVitest(draw('a', 'x')).not.toBe(draw('b', 'x'));
  });

  test('normal numbers have their mean and spread within six sigma', () => {
    const N = 100_000;
    const values = Array.from(new Random('moments').normal([N], { mean: 3, std: 2 }).values);
    const mean = values.reduce((sum, x) => sum + x, 0) / N;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / N;
    expectVitest(Math.abs(mean - 3)).toBeLessThan((6 * 2) / Math.sqrt(N));
    expectVitest(Math.abs(variance - 4)).toBeLessThan(6 * 4 * Math.sqrt(2 / N));
  });

  test('integers fill a half-open range, permutations hold each once', () => {
    const random = new Random('range');
    expectVitest([...new Set(random.integers([1000], { min: 2, max: 5 }).values)].sort()).toEqual([2, 3, 4]);
    expectVitest(random.permutation(9).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expectVitest(() => random.integer(3, 3)).toThrow(/whole min < max/);
  });
});

describe('golden', () => {
  const file = (header: object, data: Uint8Array): Uint8Array => {
    const text = new TextEncoder().encode(JSON.stringify(header));
    const bytes = new Uint8Array(8 + text.length + data.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    bytes.set(data, 8 + text.length);
    return bytes;
  };
  const meta = { torch: '2.13', seed: '0' };

  test('safetensors become tensors of their dtypes, with the header beside them', () => {
    const data = new Uint8Array([...new Uint8Array(new Float32Array([1.5, -2]).buffer), ...new Uint8Array(new BigInt64Array([7n]).buffer)]);
    const read = parseSafetensors(
      file(
        {
          __metadata__: meta,
          x: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] },
          ids: { dtype: 'I64', shape: [1], data_offsets: [8, 16] },
        },
        data,
      ),
      'x',
    );
    expectVitest(read.x).toBeInstanceOf(TensorValue);
    expectVitest(read.x?.toArray()).toEqual([[1.5, -2]]);
    expectVitest(read.ids).toMatchObject({ dtype: 'int32', shape: [1] });
    expectVitest(read.meta).toEqual(meta);
    expectVitest(Object.keys(read)).toEqual(['x', 'ids']);
  });

  test('a file without versions, or cut short, is refused', () => {
    expectVitest(() => parseSafetensors(file({}, new Uint8Array()), 'x')).toThrow(/__metadata__/);
    expectVitest(() => parseSafetensors(file({}, new Uint8Array()), 'x')).toThrow(GraderError);
    const tooLarge = new Uint8Array(BigInt64Array.of(2n ** 31n).buffer);
    expectVitest(() =>
      parseSafetensors(file({ __metadata__: meta, x: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, tooLarge), 'f'),
    ).toThrow('f: x: expected whole numbers that int32 holds, got 2147483648');
    expectVitest(() =>
      parseSafetensors(file({ __metadata__: meta, x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, new Uint8Array(4)), 'x'),
    ).toThrow(/x: expected/);
    expectVitest(() => parseSafetensors(new Uint8Array(4), 'x')).toThrow(/safetensors file, 8 bytes or more/);
  });

  test('a fixture that is not there names its path', async () => {
    await expectVitest(loadGolden('/nowhere', 'sdpa')).rejects.toThrow(/fixtures\/sdpa: expected/);
  });
});

describe('collecting', () => {
  const suite = (names: string[]): string =>
    `import { test } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../src/suite/collect.ts'))};\n${names
      .map((name) => `test(${JSON.stringify(name)}, { points: 1, zh: '测试' }, async () => {});`)
      .join('\n')}\nawait new Promise((done) => setTimeout(done, 20));\n`;
  const write = async (name: string, text: string): Promise<string> => {
    const file = path.join(folder, name, 'hidden.test.ts');
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };

  test('two suites that are imported at once do not mix', async () => {
    const files = [await write('a', suite(['a1', 'a2'])), await write('b', suite(['b1']))];
    const suites = await Promise.all([...files, files[0]!].map(collectSuite));
    expectVitest(suites.map(({ entries }) => entries.map(({ name }) => name))).toEqual([['a1', 'a2'], ['b1'], ['a1', 'a2']]);
  });

  test('an edited suite is read again', async () => {
    const file = await write('c', suite(['before']));
    expectVitest((await collectSuite(file)).entries[0]?.name).toBe('before');
    await writeFile(file, suite(['after']));
    await utimes(file, new Date(), new Date(Date.now() + 5000));
    expectVitest((await collectSuite(file)).entries[0]?.name).toBe('after');
  });

  test('two tests of one name, no tests, and a file that does not load are refused', async () => {
    await expectVitest(collectSuite(await write('d', suite(['same', 'same'])))).rejects.toThrow(/a name of its own/);
    await expectVitest(collectSuite(await write('e', 'export {};'))).rejects.toThrow(/expected tests, got none/);
    await expectVitest(collectSuite(await write('f', "throw new Error('oh');"))).rejects.toThrow(/oh/);
    await expectVitest(collectSuite('/nowhere/hidden.test.ts')).rejects.toThrow(/expected a hidden suite, got none/);
  });
});
