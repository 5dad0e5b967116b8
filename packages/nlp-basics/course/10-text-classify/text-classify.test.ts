import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import {
  bagOfWords,
  bowLogReg,
  classify,
  holdOut,
  logPosteriors,
  logRegProbs,
  macroF1,
  naiveBayes,
  scoreHeldOut,
} from './text-classify.ts';

// Twelve texts on two subjects, in two languages.
const texts: [label: string, text: string][] = [
  ['sport', 'the striker scored a late goal and the fans sang'],
  ['sport', 'our team lost the final match by one goal'],
  ['sport', 'the coach praised the young keeper after the match'],
  ['sport', '前锋 在 比赛 最后 一 分钟 进球'],
  ['sport', '球队 输 了 决赛 教练 很 难过'],
  ['sport', '球迷 为 这 场 比赛 欢呼'],
  ['tech', 'the new phone has a faster chip and more memory'],
  ['tech', 'engineers wrote software that tests the chip'],
  ['tech', 'the update makes the phone save energy'],
  ['tech', '新 手机 的 芯片 更 快'],
  ['tech', '工程师 写 了 测试 芯片 的 软件'],
  ['tech', '这 次 更新 让 手机 更 省 电'],
];
const docs = texts.map(([, text]) => text.split(' '));
const labels = texts.map(([label]) => label);

describe('naive Bayes', () => {
  test('the worked number of the README', () => {
    const model = naiveBayes([['good', 'good', 'bad'], ['good'], ['bad']], ['yes', 'yes', 'no'], 1);
    expect(model.classes).toEqual(['no', 'yes']);
    expect(logPosteriors(model, ['good', 'new'])).toBeAllClose([Math.log(0.2), Math.log(0.8)]);
  });

  test('knows the subject of a text that it has not seen', () => {
    const model = naiveBayes(docs, labels, 1);
    expect(classify(model, 'the match ended without a goal'.split(' '))).toBe('sport');
    expect(classify(model, '新 软件 需要 更 多 芯片'.split(' '))).toBe('tech');
  });
});

describe('macroF1', () => {
  test('the worked number of the README', () => {
    expect(macroF1(['a', 'a', 'a', 'b'], ['a', 'a', 'b', 'c'])).toBeCloseTo(0.8 / 3, 6);
  });
});

describe('logistic regression', () => {
  const X = bagOfWords(docs, [...new Set(docs.flat())]);
  const y = labels.map((label) => (label === 'sport' ? 0 : 1));
  const options = { Y: 2, steps: 60, lr: 0.1, l2: 0.01 };

  test('fits what it was trained on', () => {
    expect(logRegProbs(X, bowLogReg(X, y, options)).argMax(-1)).toBeAllClose(y);
  });

  test('is scored on rows that it has not seen', () => {
    const split = holdOut(12, 0.25, Math.random);
    expect(split.test).toHaveLength(3);
    const score = scoreHeldOut(X, y, split, options);
    expect(score).toBeGreaterThanOrEqual(0);
    expect(score).toBeLessThanOrEqual(1);
  });

  test('equal scores give equal probabilities', () => {
    expect(logRegProbs(tf.ones([2, 3]), { W: tf.ones([3, 4]), b: tf.zeros([4]) })).toBeAllClose(tf.fill([2, 4], 0.25));
  });
});
