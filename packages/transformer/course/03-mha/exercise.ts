import { defineExercise } from '@llm-ladder/grader/course';

export default defineExercise({
  file: 'mha.ts',
  title: { en: 'Multi-head attention', zh: '多头注意力' },
  minutes: 30,
  hints: [
    {
      en: 'attention already takes any leading dims. Bring the heads to where it treats them as one, and it does all heads at once.',
      zh: 'attention 已经接受任意多个前导维度。把头放到前导维度的位置，它就会一次算完所有的头。',
    },
    {
      en: 'Cutting D into H heads of width K is a reshape; moving the heads before time is a transpose. One never replaces the other. The way back does both in the opposite order. Keys have a length of their own: take T from the tensor at hand.',
      zh: '把 D 切成 H 个宽度为 K 的头，是 reshape；把头移到时间之前，是 transpose。两者不能互相代替。回来时次序相反，两步都要做。键有自己的长度：T 要从手上的那个张量里取。',
    },
    {
      en: 'Six steps: check that H divides D; project xq with Wq and xkv with Wk and Wv; split each into heads; attention with the mask as it is; merge; project with Wo. Each head scales by its own width, which attention does for you.',
      zh: '六步：检查 H 能否整除 D；xq 用 Wq 投影，xkv 用 Wk 和 Wv 投影；各自切成头；调用 attention，掩码原样传入；合并；用 Wo 投影。每个头按自己的宽度缩放，attention 已经替你做了。',
    },
  ],
});
