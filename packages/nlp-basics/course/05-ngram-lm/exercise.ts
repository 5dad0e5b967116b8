import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'ngram.ts',
  title: { en: 'N-gram language model', zh: 'N-gram 语言模型' },
  minutes: 50,
  limits: { timeMs: 30_000 },
  hints: [
    {
      en: 'Write the padded sentence down on paper, for n = 3, with its marks. Count on it how many predictions it holds, which words are ever predicted, and which only ever stand in front.',
      zh: '取 n = 3，在纸上写出带标记的句子。数一数：里面有几次预测，哪些词会被预测，哪些只会站在前面。',
    },
    {
      en: 'One function does all the work: the words before a place in, the probability of every next word out. prob, perplexity and generate all ask it. The denominator is the number of times the context was followed by anything, plus k for each word of the vocabulary, and that includes the end mark and <unk>.',
      zh: '一个函数干完所有的活：给它某个位置之前的词，它给出每个下一个词的概率。prob、perplexity、generate 都去问它。分母是这个上下文后面接过词的总次数，再为词表里的每个词加一个 k；词表包括句尾标记和 <unk>。',
    },
    {
      en: 'Interpolation needs the counts of every order, so count with m - 1 begin marks for order m. In perplexity add up Math.log over all sentences and divide once, by words plus end marks. To draw, take one number from rng and subtract the probabilities of the words in turn until it falls below 0.',
      zh: '插值要用到每一阶的计数，所以第 m 阶计数时句首放 m - 1 个标记。困惑度里把所有句子的 Math.log 加起来，最后只除一次，除以词数加句尾标记数。抽样时从 rng 取一个数，依次减去各个词的概率，直到它小于 0。',
    },
  ],
});
