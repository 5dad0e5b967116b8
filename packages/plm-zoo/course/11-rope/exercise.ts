import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'rope.ts',
  title: { en: 'Rotary position embedding', zh: '旋转位置编码 RoPE' },
  minutes: 35,
  hints: [
    {
      en: 'One pair of features is a point in the plane. RoPE turns that point by an angle; the first pair turns fast, the last one hardly at all. Which of the three numbers position, pair and theta does the angle depend on?',
      zh: '一对特征就是平面上的一个点，RoPE 把这个点转一个角度：第一对转得快，最后一对几乎不动。角度取决于位置、第几对和 theta 中的哪几个？',
    },
    {
      en: 'Gather the rows of cos and sin that the positions name, and give them an axis of size 1 where x has its heads. A pair (a, b) becomes (a cos - b sin, a sin + b cos). The two styles differ only in which features are a and which are b, and in how they are put back.',
      zh: '按位置取出 cos 和 sin 的行，在 x 放头的那个维度上补一个大小为 1 的维度。一对 (a, b) 变成 (a cos - b sin, a sin + b cos)。两种风格只在哪些特征是 a、哪些是 b、以及怎样放回去上不同。',
    },
    {
      en: "For 'half', tf.split along the last axis and tf.concat. For 'interleaved', reshape the width to [K / 2, 2], take the last axis apart with tf.unstack, and put it together with tf.stack and a reshape. Compute the angles in JavaScript numbers: float32 loses digits at late positions.",
      zh: "'half' 沿最后一个维度 tf.split，再 tf.concat。'interleaved' 先把宽度 reshape 成 [K / 2, 2]，用 tf.unstack 拆开最后一个维度，再用 tf.stack 和 reshape 拼回去。角度用 JavaScript 的数来算：位置靠后时 float32 会丢失精度。",
    },
  ],
});
