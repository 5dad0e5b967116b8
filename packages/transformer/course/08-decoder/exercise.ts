import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'decoder.ts',
  title: { en: 'Decoder with cross-attention', zh: '解码器与交叉注意力' },
  minutes: 25,
  limits: { timeMs: 30_000 },
  hints: [
    {
      en: 'Start from your encoder layer. One sub-layer is new, and it stands in the middle. Ask of each sub-layer: who asks, and who is asked?',
      zh: '从你的编码器层出发。新的子层只有一个，放在中间。对每个子层都问一句：谁在提问，谁被询问？',
    },
    {
      en: 'Order: self-attention, cross-attention, feed-forward, each with its own norm and its own residual. In cross-attention the target asks and the memory is asked. Each of the two attentions has its own weights and its own mask, and the two masks differ in their last axis.',
      zh: '顺序是：自注意力、交叉注意力、前馈网络，各有自己的归一化和残差。交叉注意力里，提问的是目标，被询问的是记忆。两个注意力各有自己的权重和掩码，两个掩码的最后一维并不一样长。',
    },
    {
      en: 'mha takes two inputs: the first gives the queries, the second the keys and values. In the pre-norm form only the target goes through the norm: the memory has already been normed at the end of the encoder. Each residual adds the stream of the target, never the memory.',
      zh: 'mha 有两个输入：第一个产生查询，第二个产生键和值。pre-norm 里只有目标这一路要归一化：记忆在编码器末尾已经归一化过了。每个残差加的都是目标这一路，绝不是记忆。',
    },
  ],
});
