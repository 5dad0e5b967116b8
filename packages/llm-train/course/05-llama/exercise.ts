import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'llama.ts',
  title: { en: 'Assemble LLaMA', zh: '组装 LLaMA' },
  minutes: 60,
  limits: { timeMs: 30_000 },
  hints: [
    {
      en: 'Follow one token with your finger: table, then L times (norm, attention, add, norm, feed-forward, add), one more norm, head. Every part but the head is written already.',
      zh: '用手指跟着一个词元走：查表，然后 L 次（归一化、注意力、相加、归一化、前馈、相加），再归一化一次，最后是输出头。除了输出头，每个部件都写好了。',
    },
    {
      en: 'Projections leave heads behind time, [B, T, heads, K], which is what applyRope and gqa take: no transpose is needed. Queries have H heads, keys and values G. Turn queries and keys in the style of the config, never the values. What is added to the stream is the output of the branch; what the branch reads is normed.',
      zh: '投影之后头在时间后面，[B, T, 头, K]，正好是 applyRope 和 gqa 要的形状，不用转置。查询有 H 个头，键和值有 G 个。查询和键按配置里的风格旋转，值不转。加到主干上的是分支的输出，分支读入的是归一化后的。',
    },
    {
      en: 'A tied head multiplies with the transposed table, the same tensor that gather reads, so that both gradients meet in it. For init, one draw of rng seeds one tensor; the matrices that end a branch are Wo and w2, not w3. In countParams a tied table counts once, and the final norm counts too.',
      zh: '共享的输出头乘以转置的词表，就是 gather 读的那个张量，两份梯度在它那里相加。初始化时，rng 抽一次给一个张量做种子；结束分支的矩阵是 Wo 和 w2，不是 w3。countParams 里共享的词表只算一次，最后的归一化也要算。',
    },
  ],
});
