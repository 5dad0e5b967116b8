/** A complete small exercise that an author edits: it verifies as it is, so every step from there can be checked. */
import type { Derived } from '../format/derived.ts';
import { hashOf } from '../system/files.ts';

export interface ExerciseNames {
  /** `demo`. */
  readonly module: string;
  /** `row-shares`. */
  readonly slug: string;
  readonly order: number;
}

/** `rowShares` for `row-shares`. */
export function functionName(slug: string): string {
  return slug.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Path from the package's folder -> text. */
export function exerciseTemplate({ module, slug, order }: ExerciseNames): Map<string, string> {
  const name = functionName(slug);
  const folder = `course/${String(order).padStart(2, '0')}-${slug}`;
  return new Map([
    [`src/${slug}.ts`, reference(name)],
    [`${folder}/exercise.ts`, manifest(slug)],
    [`${folder}/README.md`, readme(name, slug, module)],
    [`${folder}/README.zh.md`, readmeZh(name, slug, module)],
    [`${folder}/${slug}.test.ts`, visibleTest(name, slug)],
    [`${folder}/hidden.test.ts`, hiddenTest(name)],
    [`${folder}/mutants.ts`, mutants(name)],
    [`${folder}/derived.json`, derived(name, slug, module)],
  ]);
}

const reference = (name: string): string => `/** Shares: what part of its row each number is. An example: put your own exercise here. */
import { tf } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';

/** Dims: B rows, T numbers in a row. Divides each number by the sum of its row: [B, T] -> [B, T]. A row of zeros stays zero. */
export function ${name}(x: tf.Tensor2D): tf.Tensor2D {
  // #region exercise: check the rank, sum each row, divide by the sum, leave rows of zeros alone
  if (x.rank !== 2) throw new ShapeError('${name}', '[B, T]', \`[\${x.shape.join(', ')}]\`);
  return tf.tidy(() => {
    const sums = x.sum(1, true); // [B, T] -> [B, 1]
    return x.div<tf.Tensor2D>(tf.maximum(sums, 1e-12));
  });
  // #endregion
}
`;

const manifest = (slug: string): string => `import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: '${slug}.ts',
  title: { en: 'Shares of a row', zh: '每行的占比' },
  minutes: 10,
  hints: [
    { en: 'What has to be true of every row of the result?', zh: '结果的每一行必须满足什么？' },
    { en: 'A sum that keeps its axis lines up with the rows it came from.', zh: '保留求和的那一维，就能与原来的行对齐。' },
    { en: 'A divisor of zero needs care: give it a tiny lower bound.', zh: '除数可能是零：给它一个很小的下限。' },
  ],
});
`;

const readme = (name: string, slug: string, module: string): string => `# Shares of a row

Write \`${name}(x)\` in \`${slug}.ts\`: each number becomes the part of its row's sum that it is.

## The formula

out[b, t] = x[b, t] / (x[b, 0] + ... + x[b, T-1])

## Shapes

\`x\` is [B, T] with no negative number; the result is [B, T]. A row of zeros stays zero.

## A worked number

The row 1, 3 has the sum 4, so it becomes 0.25, 0.75.

## Check it

\`npx ladder check ${module}/${slug}\`
`;

const readmeZh = (name: string, slug: string, module: string): string => `# 每行的占比

在 \`${slug}.ts\` 里写 \`${name}(x)\`：把每个数换成它占本行总和的比例。

## 公式

out[b, t] = x[b, t] / (x[b, 0] + ... + x[b, T-1])

## 形状

\`x\` 是 [B, T]，没有负数；结果也是 [B, T]。全为零的行保持为零。

## 一个算例

1, 3 这一行的和是 4，于是变成 0.25, 0.75。

## 检查

\`npx ladder check ${module}/${slug}\`
`;

const visibleTest = (name: string, slug: string): string => `import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { expect, test } from 'vitest';
import { ${name} } from './${slug}.ts';

test('the worked number of the README', () => {
  expect(${name}(tf.tensor2d([[1, 3]]))).toBeAllClose([[0.25, 0.75]]);
});
`;

const hiddenTest = (name: string): string => `import { common, expect, tensor, test } from '@llm-ladder/grader/suite';

test('matches values worked out by hand', { points: 2, gate: true, zh: '与手算的值一致' }, async ({ learner, random }) => {
  expect(await learner.${name}(tensor([[1, 3, 4], [2, 2, 12]]))).toBeAllClose([[0.125, 0.375, 0.5], [0.125, 0.125, 0.75]]);
  const row = Array.from(random.uniform([5], { min: 1, max: 9 }).values); // drawn in each run: nobody can have stored the answer
  const sum = row.reduce((total, x) => total + x, 0);
  expect(await learner.${name}(tensor([row]))).toBeAllClose([row.map((x) => x / sum)]);
});

test('every row sums to one', { points: 2, zh: '每一行的和为一' }, async ({ learner, random }) => {
  const [B, T] = [random.integer(2, 6), random.integer(7, 12)];
  const out = await learner.${name}(random.uniform([B, T], { min: 0.1, max: 9 }));
  expect(out).toHaveShape([B, T]);
  for (let b = 0; b < B; b++) {
    let sum = 0;
    for (let t = 0; t < T; t++) sum += out.at(b, t);
    expect(sum).toBeAllClose(1);
  }
});

test('a row of zeros stays zero', { points: 1, zh: '全零的行保持为零' }, async ({ learner }) => {
  expect(await learner.${name}(tensor([[0, 0], [1, 1]]))).toBeAllClose([[0, 0], [0.5, 0.5]]);
});

test('a tensor that is no matrix is refused', { points: 1, zh: '拒绝不是矩阵的张量' }, async ({ learner }) => {
  await expect(learner.${name}(tensor([1, 2, 3]))).toReject(/\\[B, T\\]/);
});

common('${name}', { inputs: ({ random, B, T }) => [random.uniform([B, T], { min: 0.5, max: 2 })], wrt: [0] });
`;

const mutants = (name: string): string => `import { defineMutants } from '@llm-ladder/grader/course';

export default defineMutants({
  mutants: [
    {
      name: 'sums the columns',
      replace: [['x.sum(1, true)', 'x.sum(0, true)']],
      killedBy: 'matches values worked out by hand',
      looksLike: { en: 'the sum runs over the columns', zh: '求和的方向是列' },
    },
    {
      name: 'sums everything',
      replace: [['x.sum(1, true)', 'x.sum()']],
      killedBy: 'every row sums to one',
      looksLike: { en: 'one sum for the whole matrix', zh: '整个矩阵只用了一个和' },
    },
    {
      name: 'divides by the largest',
      replace: [['x.sum(1, true)', 'x.max(1, true)']],
      killedBy: 'matches values worked out by hand',
      looksLike: { en: 'the divisor is the largest number of the row, not its sum', zh: '除数是每行的最大值，而不是总和' },
    },
    {
      name: 'divides by the mean',
      replace: [['x.sum(1, true)', 'x.mean(1, true)']],
      killedBy: 'every row sums to one',
      looksLike: { en: 'the divisor is the mean of the row, not its sum', zh: '除数是每行的平均值，而不是总和' },
    },
    {
      name: 'multiplies',
      replace: [['x.div<tf.Tensor2D>(', 'x.mul<tf.Tensor2D>(']],
      killedBy: 'matches values worked out by hand',
      looksLike: { en: 'the numbers are multiplied by the sum', zh: '数值乘上了总和' },
    },
    {
      name: 'no care for zeros',
      replace: [['tf.maximum(sums, 1e-12)', 'sums']],
      killedBy: 'a row of zeros stays zero',
      looksLike: { en: 'a row of zeros is divided by zero', zh: '全零的行除以了零' },
    },
    {
      name: 'a bound that is too high',
      replace: [['1e-12', '3']],
      killedBy: '${name}: works for T = 1',
      looksLike: { en: 'the lower bound of the divisor is not tiny', zh: '除数的下限不够小' },
    },
    {
      name: 'takes any tensor',
      replace: [['x.rank !== 2', 'x.rank > 2']],
      killedBy: 'a tensor that is no matrix is refused',
      looksLike: { en: 'the shape is not checked', zh: '没有检查形状' },
    },
    {
      name: 'sums the squares',
      replace: [['x.sum(1, true)', 'x.square().sum(1, true)']],
      killedBy: 'matches values worked out by hand',
      looksLike: { en: 'the numbers are squared before they are added', zh: '求和之前多了一次平方' },
    },
    {
      name: 'the sum begins at one',
      replace: [['x.sum(1, true)', 'x.sum(1, true).add(1)']],
      killedBy: 'every row sums to one',
      looksLike: { en: 'the sum of a row is one too large', zh: '每行的和多了 1' },
    },
  ],
});
`;

/** What `ladder verify --write` writes. */
function derived(name: string, slug: string, module: string): string {
  const [zeros, sums, values] = ['a row of zeros stays zero', 'every row sums to one', 'matches values worked out by hand'];
  const [batch, one] = [`${name}: a batch of two equals two singles`, `${name}: works for T = 1`];
  const [leaks, changes] = [`${name}: keeps no tensors over 20 calls`, `${name}: does not change its inputs`];
  const killed = {
    'sums the columns': [zeros, sums, values, batch, one],
    'sums everything': [sums, values, batch, one],
    'divides by the largest': [zeros, sums, values],
    'divides by the mean': [zeros, sums, values],
    multiplies: [zeros, sums, values, one],
    'no care for zeros': [zeros],
    'a bound that is too high': [zeros, one],
    'takes any tensor': ['a tensor that is no matrix is refused'],
    'sums the squares': [sums, values, one],
    'the sum begins at one': [zeros, sums, values, one],
    [`${name}: leaves a tensor behind`]: [leaks],
    [`${name}: changes its inputs`]: [changes, leaks],
    [`${name}: one row for the whole batch`]: [zeros, values, batch],
    [`${name}: squeezes axes of size 1`]: [values, batch, one],
    [`${name}: copied out of the graph`]: [`${name}: gradients are finite and not zero`],
  };
  const all: Derived = {
    points: { tests: 11, performance: 0 },
    translation: { en: hashOf(readme(name, slug, module)), zh: hashOf(readmeZh(name, slug, module)) },
    calibration: {},
    patterns: Object.fromEntries(Object.entries(killed).map(([mutant, tests]) => [mutant, tests.sort()])),
  };
  return `${JSON.stringify(all, null, 2)}\n`;
}
