import { tf, useBackend } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';
import { kept } from '@llm-ladder/testing/kept';
import { beforeAll, describe, expect, test } from 'vitest';
import { cbowBatch, cbowLoss } from '../src/cbow.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('cbowBatch', () => {
  test('keeps three tensors', () => {
    expect(kept(() => cbowBatch([[1, 2]], 1))).toBe(3);
  });
});

describe('training', () => {
  test('words that fill the same gaps end up close together', () => {
    // Two frames, each with two words that fill its gap: cat and dog, tea and coffee; 猫 and 狗, 茶 and 咖啡.
    const frames = ['the X sleeps on the mat', 'she drinks hot X at home', '那 只 X 在 叫', '他 爱 喝 热 X'];
    const fillers = [['cat', 'dog'], ['tea', 'coffee'], ['猫', '狗'], ['茶', '咖啡']]; // biome-ignore format: a pair for each frame
    const sentences = frames.flatMap((frame, i) => fillers[i]!.map((word) => frame.replace('X', word).split(' ')));
    const vocab = [...new Set(sentences.flat())];
    const ids = sentences.map((sentence) => sentence.map((word) => vocab.indexOf(word)));
    const [V, D] = [vocab.length, 8];
    const Win = tf.variable(tf.randomNormal<tf.Rank.R2>([V, D], 0, 0.5, 'float32', 7));
    const Wout = tf.variable(tf.randomNormal<tf.Rank.R2>([V, D], 0, 0.5, 'float32', 8));
    const { ctx, mask, target } = cbowBatch(ids, 2);
    const optimizer = tf.train.adam(0.05);
    const losses: number[] = [];
    for (let step = 0; step < 150; step++) {
      const loss = optimizer.minimize(() => cbowLoss(ctx, mask, target, Win, Wout), true)!;
      losses.push(loss.dataSync()[0]!);
      loss.dispose();
    }
    expect(losses.at(-1)!).toBeLessThan(0.5 * losses[0]!);

    const vectors = Wout.arraySync() as number[][]; // CBOW pulls the vectors of words in a gap together
    const cosine = (a: string, b: string) => {
      const [x, y] = [vectors[vocab.indexOf(a)]!, vectors[vocab.indexOf(b)]!];
      return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
    };
    for (const [a, b] of fillers as [string, string][]) expect(cosine(a, b)).toBeGreaterThan(0.6);
    expect(cosine('cat', 'coffee')).toBeLessThan(0.6);
    expect(cosine('狗', '茶')).toBeLessThan(0.6);
  });
});

describe('errors', () => {
  test('name the shapes that do not fit', () => {
    const [ctx, mask, target] = [tf.zeros<tf.Rank.R2>([2, 4], 'int32'), tf.ones<tf.Rank.R2>([2, 4]), tf.zeros<tf.Rank.R1>([3], 'int32')];
    const table = tf.ones<tf.Rank.R2>([5, 3]);
    expect(() => cbowLoss(ctx, mask, target, table, table)).toThrow(ShapeError);
    expect(() => cbowLoss(ctx, mask, target, table, table)).toThrow(/target \[B\].*got ctx \[2,4\], mask \[2,4\], target \[3\]/);
  });

  test('a window of 0 and a text without words are refused', () => {
    expect(() => cbowBatch([[1]], 0)).toThrow(UsageError);
    expect(() => cbowBatch([[], []], 2)).toThrow('cbowBatch: expected at least one word, got 2 sentences without any');
  });
});

// --- helpers ---

function dot(x: readonly number[], y: readonly number[]): number {
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0);
}
