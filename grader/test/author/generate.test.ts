import { expect, test } from 'vitest';
import { generateMutants, sample } from '../../src/author/verify/generate.ts';

/** What is generated for the body of one exercise. */
async function changesOf(body: string, { above = '' } = {}): Promise<string[]> {
  const text = `${above}export function f(x, n, mask) {\n  const outside = 1 + 2;\n  // #region exercise: all\n  ${body}\n  // #endregion\n}\n`;
  return (await generateMutants(text, 'f.ts')).map(({ key }) => key);
}

const slips: [string, string, string[]][] = [
  ['an operator', 'return x - n;', ['operator: x - n -> x + n']],
  ['a bound that includes or not', 'return x < n;', ['operator: x < n -> x <= n']],
  ['a logical operator', 'return x && n;', ['operator: x && n -> x || n']],
  ['a default that is not taken, or always', 'return x ?? n;', ['nullish: x ?? n -> (x)', 'nullish: x ?? n -> (n)']],
  ['an axis', 'return x.cumsum(-1);', ['-2', '0', '1'].map((axis) => `constant: x.cumsum(-1) -> x.cumsum(${axis})`)],
  ['a whole number', 'return x.pow(3);', ['2', '4', '0'].map((power) => `constant: x.pow(3) -> x.pow(${power})`)],
  ['an epsilon', 'return x.pow(1e-5);', ['constant: x.pow(1e-5) -> x.pow(0)', 'constant: x.pow(1e-5) -> x.pow(0.00002)']],
  ['a flag', 'return x.pow(true);', ['constant: x.pow(true) -> x.pow(false)']],
  ['a condition', 'return x ? 5n : n;', ['condition: x -> true', 'condition: x -> false']],
  ['a negation', 'return !x;', ['negation: !x -> x']],
  ['a sign', 'return -x;', ['sign: -x -> x']],
  ['a statement', 'f(); return x;', ['statement: f(); -> ;']],
  ['two arguments', 'return f(x, n);', ['arguments: f(x, n) -> f(n, x)']],
  ['the last argument', 'return f(x, mask);', ['argument: f(x, mask) -> f(x)']],
  ['an order of axes', 'return [x, n];', ['order: [x, n] -> [n, x]']],
  ['a call in a chain', 'return x.abs().neg();', ['call: x.abs().neg() -> x.abs()', 'call: x.abs() -> x']],
  ['a call around a value', 'return f(x);', ['call: f(x) -> (x)']],
  ['a tidy', 'return tf.tidy(() => x);', ['call: tf.tidy(() => x) -> (() => x)()']],
  ['a method that is like another', 'return x.mean();', ['method: x.mean() -> x.sum()']],
  ['a place in a list', 'return x[n];', ['off by one: x[n] -> x[n + 1]', 'off by one: x[n] -> x[n - 1]']],
  ['a bound of a slice', 'return x.slice(n);', ['off by one: x.slice(n) -> x.slice(n + 1)', 'off by one: x.slice(n) -> x.slice(n - 1)']],
  ['a step', 'n++; return n;', ['operator: n++ -> n--']],
];

test.each(slips)('slips in %s', async (_, body, expected) => {
  expect(await changesOf(body)).toEqual(expect.arrayContaining(expected));
});

test('nothing outside the regions and no words of errors are touched, and every mutant is another program', async () => {
  const changes = await changesOf("if (n < 1) throw new Error('expected ' + (n + 1) + ' of ' + (x - 1)); return x;");
  expect(changes.filter((change) => change.includes('1 + 2') || change.includes('n + 1') || change.includes('x - 1'))).toEqual([]);
  expect(changes).toContain('condition: n < 1 -> false');
  const text = '// #region exercise: all\nexport const f = (x: number): number => x;\n// #endregion\n';
  expect(await generateMutants(text, 'f.ts')).toEqual([]);
});

test('types stay where they are: the text that changes is TypeScript', async () => {
  const text = '// #region exercise: all\nexport const f = (x: number[]): number => (x as number[]).at<number>(0)! - 1;\n// #endregion\n';
  const texts = (await generateMutants(text, 'f.ts')).map((mutant) => mutant.text);
  expect(texts).toContain(text.replace('- 1', '+ 1'));
  expect(texts).toContain(text.replace('.at<number>(0)', ''));
});

test('what would be no program is left out', async () => {
  expect(await changesOf('return 1..toFixed();')).toEqual(['call: 1..toFixed() -> 1.']); // `2.toFixed()` cannot be read
});

test('a key names the same change when lines above move; equal changes are counted', async () => {
  const body = 'f(x - n); f(x - n); return 0n;';
  const [keys, moved] = [await changesOf(body), await changesOf(body, { above: '\n\nconst more = 4 - 1;\n' })];
  expect(moved).toEqual(keys);
  expect(keys).toEqual(expect.arrayContaining(['operator: x - n -> x + n', 'operator: x - n -> x + n #2']));
});

test('a sample is drawn by its seed', async () => {
  const all = await generateMutants(
    '// #region exercise: all\nexport const f = (a) => [a + 1, a - 2, a * 3, a / 4];\n// #endregion\n',
    'f.ts',
  );
  const drawn = sample(all, 4, 'one');
  expect(drawn).toHaveLength(4);
  expect(sample(all, 4, 'one')).toEqual(drawn);
  expect(sample(all, 4, 'two')).not.toEqual(drawn);
  expect(sample(all, 1000, 'one')).toEqual(all);
});
