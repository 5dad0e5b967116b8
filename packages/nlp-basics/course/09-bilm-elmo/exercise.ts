import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'bilm.ts',
  title: { en: 'ELMo-like contextual embedding', zh: '双向上下文向量' },
  minutes: 45,
  limits: { timeMs: 40_000 },
  hints: [
    {
      en: 'Two models that never meet: one walks from left to right, the other from right to left. The second is the same LSTM on a mirrored row. Mirror a row of three words and two pads by hand first, and say where the pads must stay.',
      zh: '两个互不相见的模型：一个从左往右走，一个从右往左走。后者就是同一个 LSTM 跑在镜像过的行上。先用手把三个词加两个填充的一行镜像一下，想清楚填充应当留在哪里。',
    },
    {
      en: 'Keep the backward states mirrored from the first layer to the last, and turn a copy back for each layer that you hand out. For the loss put the words of a row side by side as pairs: the forward model guesses the right word of each pair, the backward model the left one.',
      zh: '反向的状态从第一层到最后一层一直保持镜像，每一层要交出去时再转回来一份。算损失时把相邻两个词看成一对：正向模型猜右边的词，反向模型猜左边的词。',
    },
    {
      en: 'The sum of a row of the mask is its length. From it follows, for each position, the position to read from; add the row number times T and one tf.gather on the flattened rows does the rest. A pair exists where the mask of its right word is 1. In the mix, give the softmax three more axes of size 1.',
      zh: '掩码一行之和就是这一行的长度。由长度可得每个位置该读哪个位置，再加上行号乘 T，把行摊平后一次 tf.gather 就够了。一对词存在，当且仅当右边那个词的掩码为 1。做混合时，给 softmax 的结果补三个大小为 1 的维度。',
    },
  ],
});
