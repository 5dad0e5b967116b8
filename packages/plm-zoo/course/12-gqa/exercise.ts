import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'gqa.ts',
  title: { en: 'Grouped-query attention', zh: '分组查询注意力 GQA' },
  minutes: 30,
  limits: { memoryMb: 2048 },
  hints: [
    {
      en: 'Number the query heads 0, 1, 2, 3 and the key heads 0, 1. Which key head does each query head read? Write that list down before you write code.',
      zh: '给查询头编号 0, 1, 2, 3，给键头编号 0, 1。每个查询头读哪个键头？先把这张表写下来，再写代码。',
    },
    {
      en: 'The plain way: repeat keys and values to H heads, move the heads before time in all three, call attention, and move them back. Repeating means n copies along a new axis behind the heads, merged with them (tf.stack and a reshape); copies along the axis of the heads give another order.',
      zh: '朴素的做法：把键和值重复到 H 个头，三者都把头移到时间之前，调用 attention，再移回来。重复的意思是：在头的后面加一个新维度放 n 份，再和头合并（tf.stack 加一个 reshape）；沿头这个维度直接放 n 份，次序就不同了。',
    },
    {
      en: 'The lean way needs no repeat: the n query heads of one key head can stand one after the other along the query axis, so that keys and values stay as they are. If the mask has a row per query, it must be repeated along that axis too. Undo both steps on the result.',
      zh: '省内存的做法不需要重复：同一个键头的 n 个查询头可以沿查询的维度排成一列，键和值原样不动。如果掩码对每个查询有一行，也要沿那个维度重复。最后在结果上把这两步还原。',
    },
  ],
});
