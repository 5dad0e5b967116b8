import { tf, useBackend } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';
import { seeded } from '@llm-ladder/testing/seeded';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BilmWeights, bilmLayers, bilmLoss, initBilm, reverseRows, scalarMix } from '../src/bilm.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('a trained pair of models', () => {
  // "bank" beside a river or beside money, 苹果 as fruit or as a firm; the words around decide.
  const river = ['<s> fish swim near the bank where water flows </s>', '<s> boats lie near the bank where water runs </s>'];
  const money = ['<s> people keep cash in the bank because money is safe </s>', '<s> we leave cash in the bank because money is dear </s>'];
  const fruit = ['<s> 我 吃 红 苹果 味道 很 甜 </s>', '<s> 她 吃 青 苹果 味道 很 酸 </s>'];
  const firm = ['<s> 新 手机 是 苹果 公司 造 的 </s>', '<s> 旧 电脑 是 苹果 公司 卖 的 </s>'];

  test('give one word two vectors, close within a sense and apart between senses', { timeout: 120_000 }, () => {
    const sentences = [...river, ...money, ...fruit, ...firm].map((line) => line.split(' '));
    const vocab = [...new Set(sentences.flat())];
    const T = Math.max(...sentences.map((words) => words.length));
    const ids = tf.tensor2d(sentences.map((words) => Array.from({ length: T }, (_, t) => Math.max(0, vocab.indexOf(words[t] ?? '')))), undefined, 'int32'); // biome-ignore format: one rectangle
    const mask = tf.tensor2d(sentences.map((words) => Array.from({ length: T }, (_, t) => (t < words.length ? 1 : 0))));
    const { weights, variables } = trainable(initBilm({ V: vocab.length, D: 16, L: 1 }, seeded(3)));
    const optimizer = tf.train.adam(0.02);
    const losses: number[] = [];
    for (let step = 0; step < 60; step++) {
      const loss = optimizer.minimize(() => bilmLoss(ids, mask, weights), true, variables)!;
      losses.push(loss.dataSync()[0]!);
      loss.dispose();
    }
    expect(losses.at(-1)!).toBeLessThan(0.5 * losses[0]!);

    const mixed = scalarMix(bilmLayers(ids, mask, weights), tf.tensor1d([-9, 0]), tf.scalar(1)); // nearly all of the top layer
    const vectors = mixed.arraySync();
    const vector = (sentence: number, word: string) => vectors[sentence]![sentences[sentence]!.indexOf(word)]!;
    for (const [word, [a, b, c]] of [
      ['bank', [0, 1, 2]],
      ['苹果', [4, 5, 6]],
    ] as const) {
      // biome-ignore format: one line
      expect(cosine(vector(a, word), vector(b, word))).toBeGreaterThan(cosine(vector(a, word), vector(c, word)) + 0.1);
    }
  });
});

describe('errors', () => {
  test('name the shapes that do not fit', () => {
    expect(() => reverseRows(tf.ones([2, 3, 4]), tf.ones([2, 4]))).toThrow(ShapeError);
    expect(() => reverseRows(tf.ones([2, 3, 4]), tf.ones([2, 4]))).toThrow(
      'reverseRows: expected a mask [B, T] of the first two dims, got [2,3,4], mask [2,4]',
    );
    expect(() => scalarMix(tf.ones([3, 1, 2, 4]), tf.ones([2]), tf.scalar(1))).toThrow(/layers \[3,1,2,4\], s \[2\]/);
  });
});

// --- helpers ---

/** The same weights as variables, and their list. */
function trainable(fresh: BilmWeights): { weights: BilmWeights; variables: tf.Variable[] } {
  const variables: tf.Variable[] = [];
  const keep = <T extends tf.Tensor>(tensor: T): T => {
    variables.push(tf.variable(tensor));
    return variables.at(-1) as tf.Tensor as T;
  };
  const stack = (layers: BilmWeights['fwd']) => layers.map(({ W, b }) => ({ W: keep(W), b: keep(b) }));
  const weights = {
    embed: keep(fresh.embed),
    fwd: stack(fresh.fwd),
    bwd: stack(fresh.bwd),
    head: keep(fresh.head),
    bias: keep(fresh.bias),
  };
  return { weights, variables };
}

function cosine(x: readonly number[], y: readonly number[]): number {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}
