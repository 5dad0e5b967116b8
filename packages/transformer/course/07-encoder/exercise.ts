import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'encoder.ts',
  title: { en: 'Encoder, pre-norm and post-norm', zh: '编码器：pre-norm 与 post-norm' },
  minutes: 30,
  limits: { timeMs: 30_000 },
  hints: [
    {
      en: 'A layer is two sub-layers, one after the other: tokens talk to each other, then each token is worked on alone. Both have the same frame around them; write the frame down once for each form, on paper.',
      zh: '一层由两个子层先后组成：先让词元互相交流，再单独加工每个词元。两个子层外面的框架相同；先在纸上把两种形式的框架各写一遍。',
    },
    {
      en: 'Pre-norm: the norm stands before the sub-layer, and the sum is left as it is. Post-norm: the sub-layer takes its input bare, and the norm stands after the sum. Dropout touches only what the sub-layer returned. Self-attention takes the same tensor twice.',
      zh: 'pre-norm：归一化放在子层前面，加完就不再动。post-norm：子层直接拿输入，归一化放在相加之后。dropout 只作用于子层的返回值。自注意力把同一个张量传两次。',
    },
    {
      en: 'Write two small inner functions, attend(h) and feed(h), that already include drop(.., options); the helpers norm and drop are given. Then each form takes two lines. The stack is a loop that carries h through the layers; only the pre-norm form uses the norm after the last one.',
      zh: '先写两个小函数 attend(h) 和 feed(h)，把 drop(.., options) 包含进去；norm 和 drop 已经给好。这样每种形式只要两行。整个栈就是让 h 依次穿过各层的循环；只有 pre-norm 在最后一层之后再做一次归一化。',
    },
  ],
});
