import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'attention.ts',
  title: { en: 'Scaled dot-product attention', zh: '缩放点积注意力' },
  minutes: 25,
  hints: [
    {
      en: 'Draw the score matrix first: one row per query, one column per key. Everything else keeps that matrix or shrinks it.',
      zh: '先画出分数矩阵：每个查询一行，每个键一列。后面的每一步要么保持这个矩阵，要么把它缩小。',
    },
    {
      en: 'Four steps in this order: products of queries and keys, scale, add the mask, softmax along the keys. Then the weights multiply the values. A large head width makes large products, so the scale depends on the width of a query.',
      zh: '依次四步：查询与键相乘、缩放、加上掩码、沿键的方向做 softmax，最后用权重去乘值。头越宽，点积越大，所以缩放的系数取决于查询的宽度。',
    },
    {
      en: 'tf.matMul can transpose its second argument for any rank, and tf.softmax already subtracts the largest score. For a query that sees no key, the largest entry of its mask row tells you so: multiply its row of weights by 0.',
      zh: 'tf.matMul 可以转置第二个参数，对任意秩都成立；tf.softmax 内部已经减去了最大值。某个查询一个键都看不到时，看它那一行掩码的最大值就知道：把那一行权重乘以 0。',
    },
  ],
});
