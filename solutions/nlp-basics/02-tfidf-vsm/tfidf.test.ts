import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { cosine, fitTfidf, transform } from './tfidf.ts';

const docs = [
  ['猫', '爱', '鱼'],
  ['狗', '爱', '骨头'],
  ['猫', '爱', '睡觉'],
];

describe('fitTfidf', () => {
  test('words are numbered as they first appear, and weighed by the worked number of the README', () => {
    const { vocab, idf } = fitTfidf(docs);
    expect([...vocab]).toEqual([['猫', 0], ['爱', 1], ['鱼', 2], ['狗', 3], ['骨头', 4], ['睡觉', 5]]); // biome-ignore format: one line
    expect(idf).toBeAllClose([1.287682, 1, 1.693147, 1.693147, 1.693147, 1.693147]);
  });
});

describe('transform', () => {
  test('a vector has length 1 and knows only the words of the documents', () => {
    expect(transform(['猫', '爱', '鱼'], fitTfidf(docs))).toBeAllClose([0.547832, 0.425441, 0.720333, 0, 0, 0]);
    expect(transform(['飞', '猫', '飞'], fitTfidf(docs))).toBeAllClose([1, 0, 0, 0, 0, 0]);
  });
});

describe('cosine', () => {
  test('the worked number of the README', () => {
    const model = fitTfidf(docs);
    expect(cosine(transform(docs[0]!, model), transform(docs[2]!, model))).toBeAllClose(0.48112);
  });

  test('a vector of zeros is near to nothing', () => {
    expect(cosine(tf.tensor1d([0, 0]), tf.tensor1d([1, 2]))).toBeAllClose(0);
  });
});
