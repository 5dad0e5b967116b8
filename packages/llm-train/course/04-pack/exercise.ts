import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'pack.ts',
  title: { en: 'Pretraining examples and packing', zh: '预训练样本与打包' },
  minutes: 40,
  hints: [
    {
      en: 'Write one row by hand: start token, three tokens, two pads. Under each token write the one that follows. Under which of those does a 1 belong?',
      zh: '用手写一行：开始词元、三个词元、两个填充。在每个词元下面写它后面的那个。哪些下面该写 1？',
    },
    {
      en: 'Cut before you pad, and remember how many tokens were real: the mask follows from that number, not from the ids. For packing, make one long stream first (each document, then its end token), and cut it only then. A row that cannot be filled is dropped.',
      zh: '先截断再填充，并记住真实的词元有几个：掩码由这个数目决定，不看编号。打包时先接成一条长流（每篇文档，然后是它的结束词元），再切。填不满的一行丢掉。',
    },
    {
      en: 'Carry the number of the document beside each token, so that the end token keeps that of its own document; a position is the distance from the first token of the same document in the same row. For the mask compare the numbers of all pairs, once standing as a column and once as a row of the T x T square, and combine with the causal mask.',
      zh: '让每个词元带着文档号，结束词元用自己那篇的号；位置就是到同一行、同一文档的第一个词元的距离。掩码把所有文档号两两比较，一次竖着放、一次横着放在 T x T 的方格里，再和因果掩码 combine。',
    },
  ],
});
