import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'kv-cache.ts',
  title: { en: 'KV-cache decoding', zh: 'KV 缓存解码' },
  minutes: 60,
  limits: { timeMs: 60_000 },
  hints: [
    {
      en: 'Take three ids, then a fourth. Which of the numbers in each layer are the same as without the fourth, and which of those does the fourth still need? The mask answers the first question, the attention formula the second.',
      zh: '先读三个 id，再读第四个。每一层里，哪些数和没有第四个时一样？其中哪些是第四个还要用的？第一个问题看掩码，第二个问题看注意力的公式。',
    },
    {
      en: 'Prefill and a step are one function of T new places behind a past: only the positions differ. New keys are turned at their own positions, once, before they go behind the old ones along the time axis. T queries see S = past + T keys, so the causal mask is T by S and starts at the past; hide the first pads of each row as well.',
      zh: '预填充和走一步是同一个函数：前文之后来了 T 个新位置，只有位置不同。新的键按自己的位置旋转一次，再沿时间轴接到旧的后面。T 个查询能看 S = 前文 + T 个键，所以因果掩码是 T 行 S 列，从前文之后开始；每行开头的填充也要遮住。',
    },
    {
      en: 'causalMask(T, S) and a mask of left padding [B, 1, 1, S] go through combine. A row with n pads has its place t at position t - n, and 0 inside the padding. Slice the last place before the final norm and the head. Return the layers out of the tidy, dispose of the old layers only after it, and check the length before anything: a refused call must leave the cache whole. The table of angles needs cfg.maxLen rows, because positions go on growing.',
      zh: 'causalMask(T, S) 和左填充掩码 [B, 1, 1, S] 用 combine 合起来。填充了 n 个的行，第 t 格的位置是 t - n，填充处取 0。先切出最后一格，再做最后的归一化和输出头。各层的键值从 tidy 里返回，之后才释放旧的；长度要最先检查：被拒绝的调用必须让缓存保持完好。角度表要有 cfg.maxLen 行，因为位置会一直增长。',
    },
  ],
});
