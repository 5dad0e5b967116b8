import { expect, test } from 'vitest';
import { rng, TensorValue, tensor } from '../../src/box/values.ts';
import { callLiteral, literal, writeAs } from '../../src/suite/literal.ts';

/** What the text gives where it is pasted, with a `tf` that keeps what it was given. */
function pasted(text: string): unknown {
  const tf = { tensor: (values: number[]) => tensor(values), scalar: (value: number) => tensor(value) };
  return new Function('tf', `return ${text}`)(tf);
}

test.each([
  ['text', '大 "模"\n型'],
  ['numbers', [0, -0, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, 1e-30]],
  ['bigint and nothing', [10n ** 30n, undefined, null, true]],
  ['object', { a: 1, 'b c': [{ 大: 2 }], empty: {}, none: undefined }],
  ['Map and Set', new Map<unknown, unknown>([['a', new Set([1, 'x'])]])],
  ['typed arrays', [new Uint8Array([1, 2]), new Float64Array([0.1]), new BigInt64Array([5n])]],
  ['tensors', { x: tensor([[0.1, 1 / 3, -0]]), s: tensor(7) }],
])('%s can be pasted', (_, value) => {
  expect(pasted(literal(value))).toEqual(value);
});

test('what is long is cut: lists, texts, tensors by shape and first values', () => {
  expect(literal(Array.from({ length: 1000 }, (_, i) => i))).toMatch(/^\[0, 1, .*23, \.\.\.\]$/);
  expect(literal('x'.repeat(1e6))).toHaveLength(400 + 2 + 4);
  expect(literal(new TensorValue('int32', [5, 9], new Int32Array(45)))).toBe("tf.tensor([0, 0, 0, 0, ...], [5, 9], 'int32')");
  expect(literal(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i])))).toMatch(/k23: 23, \.\.\. \}$/);
  expect(callLiteral('f', ['x'.repeat(390), 'y'.repeat(390)]).length).toBeLessThan(620);
});

test('adapters, functions and handles say how they were made', () => {
  const handle = {};
  writeAs(handle, () => 'Layer(3)');
  expect(callLiteral('f', [rng(7), async () => 1, handle])).toBe('f(rng(7), async () => ..., Layer(3))');
});
