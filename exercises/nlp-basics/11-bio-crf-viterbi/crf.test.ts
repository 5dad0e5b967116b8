import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { crfNll, fromBio, spanF1, toBio, viterbi } from './crf.ts';

const emit = tf.tensor3d([[[1, 0], [0, 0.5]]]); // biome-ignore format: one row per word
const mask = tf.ones<tf.Rank.R2>([1, 2]);
const weights = { trans: tf.tensor2d([[2, 0], [0, 0]]), start: tf.zeros<tf.Rank.R1>([2]), end: tf.zeros<tf.Rank.R1>([2]) }; // biome-ignore format: one line

describe('tags and spans', () => {
  const spans = [{ start: 0, end: 2, type: 'P' }, { start: 3, end: 4, type: 'L' }]; // biome-ignore format: two spans

  test('there and back', () => {
    expect(toBio(spans, 5)).toEqual(['B-P', 'I-P', 'O', 'B-L', 'O']);
    expect(fromBio(['B-P', 'I-P', 'O', 'B-L', 'O'])).toEqual(spans);
  });

  test('an I that continues nothing begins a span', () => {
    expect(fromBio(['B-P', 'I-P', 'O', 'I-L'])).toEqual(spans);
  });

  test('half a name is no hit', () => {
    const answers = [{ start: 0, end: 1, type: 'P' }, { start: 3, end: 4, type: 'L' }]; // biome-ignore format: two spans
    expect(spanF1([spans], [answers])).toEqual({ precision: 0.5, recall: 0.5, f1: 0.5 });
  });
});

describe('the CRF', () => {
  test('the best path of the README', () => {
    const { tags, scores } = viterbi(emit, mask, weights);
    expect(tags).toEqual([[0, 0]]);
    expect(scores).toBeAllClose([3]);
  });

  test('the loss of the README', () => {
    expect(crfNll(emit, tf.tensor2d([[0, 1]], undefined, 'int32'), mask, weights)).toBeAllClose(1.803803);
  });
});
