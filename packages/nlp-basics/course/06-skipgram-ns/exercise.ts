import { defineExercise } from '@llm-ladder/grader/course';

export const skipgramNs = defineExercise({
  slug: 'skipgram-ns',
  file: 'skipgram.ts',
  title: { en: 'Skip-gram with negative sampling', zh: 'Skip-gram 负采样' },
  exports: {
    sgnsLoss: 'center [B],ctx [B],neg [B,N],Win [V,D],Wout [V,D] -> []',
    pairs: 'number[][],window,rng -> {center, ctx}: Int32Array',
    negTable: 'freq,power? -> V numbers',
    drawNegatives: 'table,count,rng -> Int32Array',
    trainSkipgram: 'number[][],{V,D,window,negatives,epochs,batch,lr},rng -> [V,D]',
  },
  needs: [],
  points: { tests: 34, performance: 2 },
  minutes: 60,
  limits: { timeMs: 200_000, memoryMb: 1024 },
  hints: [
    {
      en: 'Two tables of vectors, two signs. Ask of each score: should it be large or small, and what does -ln σ do to it? Then ask of each pair: may it reach over the end of its sentence, and may a word be its own neighbour?',
      zh: '两张向量表，两种符号。对每个得分想一想：它该大还是该小，-ln σ 对它做了什么？再对每一对想一想：它能跨过句子的末尾吗，一个位置能是自己的邻居吗？',
    },
    {
      en: 'The true neighbour is scored against the word in the middle and so are the negatives, never against each other. -ln σ(x) equals softplus(-x). Cumulative probabilities turn one random number into a word: the first entry above it. Training is a loop of batches: draw negatives, take gradients by both tables, step against them.',
      zh: '真邻居和负样本都是跟中间的词打分，彼此之间不打分。-ln σ(x) 等于 softplus(-x)。有了累积概率，一个随机数就能换成一个词：第一个比它大的格子。训练就是一批一批地做：抽负样本，对两张表求梯度，往反方向走一步。',
    },
    {
      en: 'tf.gather with [B, N] ids gives [B, N, D]; an extra axis of size 1 lets the word in the middle meet all its negatives. The gradient of a mean is small: multiply it by the number of pairs, so that lr means one pair. Variables made inside tf.tidy survive it, the tensor that they were made from does not; dispose of Wout at the end.',
      zh: 'tf.gather 用 [B, N] 的 id 得到 [B, N, D]；给中间的词加一个大小为 1 的维度，它就能同时和所有负样本相乘。平均的梯度很小：乘上这一批的对数，lr 才是每一对的步长。在 tf.tidy 里建的变量会留下，用来建它的张量不会；最后别忘了释放 Wout。',
    },
  ],
});
