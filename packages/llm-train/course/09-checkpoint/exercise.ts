import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'checkpoint.ts',
  title: { en: 'Checkpoint and resume', zh: '断点续训' },
  minutes: 45,
  limits: { timeMs: 40_000, memoryMb: 1536 },
  async: ['last'],
  hints: [
    {
      en: 'Train two steps, stop, go on for two: which numbers must survive so that nobody can tell? Count the optimizer, the random numbers and the place in the data. Then think of a file as a table of contents and the raw bytes behind it.',
      zh: '训练两步，停下，再训练两步：要让谁也看不出中断过，哪些数必须留下来？别忘了优化器、随机数和数据读到哪里。再把文件想成一份目录，后面跟着原始字节。',
    },
    {
      en: 'First pass: walk the tree, give each tensor and array a number and a place, and remember which you have met, so that a shared one gets a single place. Then the size is known: allocate, write the table of contents as JSON, copy each block, end with the checksum. Loading goes backwards and looks at the checksum before it believes anything.',
      zh: '第一遍：遍历整棵树，给每个张量和数组一个编号和位置，并记住见过哪些，这样共享的只占一处。大小随之确定：分配内存，把目录写成 JSON，逐块复制，最后写校验和。加载时反过来，先核对校验和，再相信其他内容。',
    },
    {
      en: 'JSON writes every finite number exactly, but it has no -0, NaN or infinity: give those a marker of their own, as you do for blocks. dataSync gives the bits of a tensor as a typed array; look at them through a Uint8Array over the same buffer, minding byteOffset. For names, a regular expression that fits the whole name, then a numeric sort. last catches what load throws, but only that.',
      zh: 'JSON 能精确写出每个有限数，但没有 -0、NaN 和无穷：像对待数据块那样，给它们专门的记号。dataSync 以类型化数组给出张量的原样数据；用同一块缓冲区上的 Uint8Array 去看它，注意 byteOffset。文件名用匹配整个名字的正则表达式，再按数值排序。last 只接住 load 抛出的错误。',
    },
  ],
});
