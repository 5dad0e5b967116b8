import { tf, useBackend } from '@llm-ladder/backend';
import { ShapeError, UsageError } from '@llm-ladder/backend/errors';
import { beforeAll, describe, expect, test } from 'vitest';
import { crfNll, fromBio, spanF1, toBio, viterbi } from '../src/crf.ts';

beforeAll(async () => void (await useBackend('wasm')));

describe('a tagger', () => {
  // A word's emission is a row of a table; what tells "New York" from a "new" phone, and 北 京 from 北 风, are the transitions. P person, L place.
  const train = [
    'Ann/B-P Lee/I-P lives/O in/O New/B-L York/I-L',
    'Bob/B-P Ray/I-P left/O New/B-L Delhi/I-L',
    'new/O phones/O come/O from/O York/B-L',
    'in/O Delhi/B-L Ann/B-P met/O Bob/B-P Ray/I-P',
    '李/B-P 明/I-P 住/O 在/O 北/B-L 京/I-L',
    '王/B-P 芳/I-P 离/O 开/O 南/B-L 京/I-L',
    '北/O 风/O 很/O 大/O',
    '南/O 风/O 吹/O 来/O',
  ];
  const held = ['Ann/B-P Lee/I-P left/O New/B-L York/I-L', '李/B-P 明/I-P 离/O 开/O 北/B-L 京/I-L', '北/O 风/O 吹/O 来/O'];

  test('trained by the loss finds the names of sentences that it has not seen', { timeout: 120_000 }, () => {
    const parse = (line: string) => line.split(' ').map((pair) => pair.split('/') as [word: string, tag: string]);
    const vocab = [...new Set(train.flatMap((line) => parse(line).map(([word]) => word)))];
    const names = ['O', 'B-P', 'I-P', 'B-L', 'I-L'];
    const [V, Y] = [vocab.length, names.length];
    const batch = (lines: readonly string[]) => {
      const rows = lines.map(parse);
      const T = Math.max(...rows.map((row) => row.length));
      const cells = (value: (pair: [string, string] | undefined) => number) =>
        rows.map((row) => Array.from({ length: T }, (_, t) => value(row[t])));
      return {
        ids: tf.tensor2d(cells((pair) => (pair ? vocab.indexOf(pair[0]) : 0)), undefined, 'int32'), // biome-ignore format: one line per tensor
        labels: tf.tensor2d(cells((pair) => (pair ? names.indexOf(pair[1]) : -100)), undefined, 'int32'), // biome-ignore format: one line per tensor
        mask: tf.tensor2d(cells((pair) => (pair ? 1 : 0))),
      };
    };
    const table = tf.variable(tf.zeros<tf.Rank.R2>([V, Y]));
    const weights = {
      trans: tf.variable(tf.zeros<tf.Rank.R2>([Y, Y])),
      start: tf.variable(tf.zeros<tf.Rank.R1>([Y])),
      end: tf.variable(tf.zeros<tf.Rank.R1>([Y])),
    };
    const { ids, labels, mask } = batch(train);
    const optimizer = tf.train.adam(0.1);
    const losses: number[] = [];
    for (let step = 0; step < 60; step++) {
      const loss = optimizer.minimize(() => crfNll(tf.gather(table, ids) as tf.Tensor as tf.Tensor3D, labels, mask, weights), true)!;
      losses.push(loss.dataSync()[0]!);
      loss.dispose();
    }
    expect(losses[0]).toBeCloseTo(((6 + 5 + 5 + 6 + 6 + 6 + 4 + 4) / 8) * Math.log(Y), 4); // every path is as likely as any other
    expect(losses.at(-1)!).toBeLessThan(0.5);

    const fresh = batch(held);
    const { tags } = viterbi(tf.gather(table, fresh.ids) as tf.Tensor as tf.Tensor3D, fresh.mask, weights);
    const gold = held.map((line) => fromBio(parse(line).map(([, tag]) => tag)));
    expect(spanF1(gold, tags.map((row) => fromBio(row.map((tag) => names[tag]!)))).f1).toBeGreaterThan(0.8); // biome-ignore format: one line
  });
});

describe('tags and spans', () => {
  test('every text of four words over two types comes back', () => {
    const tags = ['O', 'B-x', 'I-x', 'B-y', 'I-y'];
    for (let n = 0; n < 5 ** 4; n++) {
      const text = [0, 1, 2, 3].map((t) => tags[Math.floor(n / 5 ** t) % 5]!);
      const spans = fromBio(text);
      expect(fromBio(toBio(spans, 4))).toEqual(spans); // an illegal text comes back repaired
      const legal = text.every((tag, t) => tag[0] !== 'I' || (text[t - 1] ?? 'O').slice(1) === tag.slice(1));
      if (legal) expect(toBio(spans, 4)).toEqual(text);
    }
  });

  test('spans that overlap or leave the text are refused', () => {
    const span = (start: number, end: number) => ({ start, end, type: 'x' });
    expect(() => toBio([span(0, 2), span(1, 3)], 4)).toThrow('toBio: expected spans inside 4 words that do not overlap, got x from 1 to 3');
    expect(() => toBio([span(2, 5)], 4)).toThrow(UsageError);
    expect(() => toBio([span(2, 2)], 4)).toThrow(UsageError);
    expect(() => spanF1([[]], [])).toThrow(UsageError);
  });
});

describe('errors', () => {
  test('name the shapes that do not fit', () => {
    const weights = { trans: tf.ones<tf.Rank.R2>([3, 3]), start: tf.ones<tf.Rank.R1>([3]), end: tf.ones<tf.Rank.R1>([2]) };
    expect(() => viterbi(tf.ones([1, 2, 3]), tf.ones([1, 2]), weights)).toThrow(ShapeError);
    expect(() => viterbi(tf.ones([1, 2, 3]), tf.ones([1, 2]), weights)).toThrow(/got emit \[1,2,3\], mask \[1,2\].*end \[2\]/);
    const fine = { ...weights, end: tf.ones<tf.Rank.R1>([3]) };
    expect(() => crfNll(tf.ones([1, 2, 3]), tf.zeros([1, 3], 'int32'), tf.ones([1, 2]), fine)).toThrow(/labels \[1,3\]/);
  });
});
