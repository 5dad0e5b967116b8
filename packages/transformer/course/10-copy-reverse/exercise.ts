import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'reverse.ts',
  title: { en: 'Train on reversal', zh: '训练反转任务' },
  minutes: 50,
  limits: { timeMs: 400_000, memoryMb: 1536 },
  async: ['trainReverse'],
  hints: [
    {
      en: 'Three parts, and each can be tried alone: strings to tensors, tensors to a training step, weights to an answer. Write down by hand what the three tensors of one short string look like.',
      zh: '三部分，每一部分都可以单独试：字符串变张量，张量变一步训练，权重变答案。先在纸上写出一个短字符串对应的三个张量。',
    },
    {
      en: 'Training and answering differ in one thing: what the decoder reads. In training it reads the right answer, one step late. When it answers, it reads BOS and then its own words, so the model runs once for each new token, for all strings of the batch together. A row that has said EOS is finished, though the others go on.',
      zh: '训练和作答只差一点：解码器读什么。训练时读晚一步的正确答案；作答时先读 BOS，再读自己说过的词，所以每多一个词元就要跑一次模型，一批字符串一起跑。说了 EOS 的行就结束了，其他行继续。',
    },
    {
      en: 'One step is one tf.tidy: make the batch, tf.variableGrads of the loss over the list of variables, optimizer.step with the rate of that step. Every 20 steps answer the development set and stop at 99 %. In the answer only the last row of the logits matters; take its argMax for each string, and cut each row at its first EOS when all is done.',
      zh: '一步就是一个 tf.tidy：做一批数据，用 tf.variableGrads 求损失对变量列表的梯度，再用当步的学习率调用 optimizer.step。每 20 步在开发集上作答一次，达到 99 % 就停。作答时只看 logits 的最后一行，对每个字符串取 argMax；全部结束后，把每一行在第一个 EOS 处截断。',
    },
  ],
});
