import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'text-classify.ts',
  title: { en: 'Text classification', zh: '文本分类' },
  minutes: 50,
  limits: { timeMs: 120_000 },
  hints: [
    {
      en: 'Eight small functions in three groups: counting (naive Bayes), training (logistic regression), scoring. Begin with naive Bayes on a text of two words, with pencil and paper.',
      zh: '八个小函数，分三组：数数（朴素贝叶斯）、训练（逻辑回归）、评分。先用纸笔在两个词的文本上算一遍朴素贝叶斯。',
    },
    {
      en: 'Naive Bayes: smoothing gives every known word alpha more, so the total of a class grows by alpha times the number of known words. Subtract the largest score before you take exponentials. Regression: a softmax on top of one matrix product, trained on all rows at once; the penalty is on W only. Scoring: what was trained on is not scored.',
      zh: '朴素贝叶斯：平滑给每个已知词都加 alpha，所以一个类的总数要加上 alpha 乘已知词的个数。取指数之前先减去最大的分数。逻辑回归：一次矩阵乘法再做 softmax，每步用全部行；惩罚只加在 W 上。评分：训练过的行不拿来评分。',
    },
    {
      en: 'Use tf.variable for W and b, tf.train.adam for the steps, and its minimize with the list of both variables. Variables are not freed by a tidy: dispose of the optimizer, of the labels, and in scoreHeldOut of the model. For F1 count three numbers per class: hits, labels of the class, answers of the class.',
      zh: 'W 和 b 用 tf.variable，训练用 tf.train.adam，调用它的 minimize 时把两个变量列出来。tidy 不会释放变量：优化器、标签要自己释放，在 scoreHeldOut 里模型也要释放。算 F1 时每个类数三个数：命中数、该类的标签数、该类的回答数。',
    },
  ],
});
