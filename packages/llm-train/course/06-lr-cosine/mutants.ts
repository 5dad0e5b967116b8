import { defineMutants } from '@llm-ladder/grader/course';

const closed = 'follows the closed form';
const line = 'the warm-up is a straight line from 0 to base';
const jumps = 'it never jumps';
const ends = 'after the end it stays at min';
const counts = 'countSteps counts updates, the incomplete one of each epoch too';
const up = 'if (step < warmup) return (base * step) / warmup;';
const over = 'if (step >= total) return min;';
const progress = 'const progress = (step - warmup) / (total - warmup);';
const cosine = 'return min + 0.5 * (base - min) * (1 + Math.cos(Math.PI * progress));';

export default defineMutants({
  mutants: [
    {
      name: 'decays from step 0, ignoring the warm-up',
      replace: [[progress, 'const progress = step / total;']],
      killedBy: [closed, jumps],
      looksLike: {
        en: 'the cosine begins at step 0; it begins where the warm-up ends',
        zh: '余弦从第 0 步开始了；应当从预热结束处开始',
      },
    },
    {
      name: 'the cosine is as long as the run',
      replace: [[progress, 'const progress = (step - warmup) / total;']],
      killedBy: [closed, 'the cosine is the same, mirrored about its middle'],
      looksLike: {
        en: 'the way down is divided by total; it is total - warmup steps long',
        zh: '下降路程除以了 total；它的长度是 total - warmup',
      },
    },
    {
      name: 'goes on below or above min after the end',
      replace: [[over, 'if (step === total) return min;']],
      killedBy: [closed, ends],
      looksLike: { en: 'after total the rate moves again; it stays at min', zh: '过了 total 学习率又动了；应当停在 min' },
    },
    {
      name: 'falls to 0 after the end',
      replace: [[over, 'if (step >= total) return 0;']],
      killedBy: [closed, ends, jumps],
      looksLike: { en: 'the rate is 0 from total on; it is min', zh: '从 total 起学习率是 0；应当是 min' },
    },
    {
      name: 'degrees for radians',
      replace: [[cosine, 'return min + 0.5 * (base - min) * (1 + Math.cos(180 * progress));']],
      killedBy: [closed, 'it rises through the warm-up and falls to the end'],
      looksLike: { en: 'Math.cos was given degrees; it takes radians', zh: '给 Math.cos 的是角度；它要的是弧度' },
    },
    {
      name: 'a whole wave',
      replace: [['Math.PI * progress', '2 * Math.PI * progress']],
      killedBy: [closed, 'it rises through the warm-up and falls to the end'],
      looksLike: { en: 'the cosine comes up again: half a wave, not a whole one', zh: '余弦又升回来了：只要半个波，不要一整个' },
    },
    {
      name: 'a straight line down',
      replace: [[cosine, 'return base - (base - min) * progress;']],
      killedBy: [closed, 'the cosine is the same, mirrored about its middle'],
      looksLike: { en: 'the rate falls in a straight line; it follows a cosine', zh: '学习率沿直线下降；应当沿余弦下降' },
    },
    {
      name: 'min is added to the whole cosine',
      replace: [[cosine, 'return min + 0.5 * base * (1 + Math.cos(Math.PI * progress));']],
      killedBy: [closed, 'without a warm-up it begins at base', jumps],
      looksLike: {
        en: 'the wave is base high, on top of min: it is base - min high',
        zh: '波高是 base，又加了 min：波高应当是 base - min',
      },
    },
    {
      name: 'min is a floor that cuts the cosine',
      replace: [[cosine, 'return Math.max(min, 0.5 * base * (1 + Math.cos(Math.PI * progress)));']],
      killedBy: [closed, 'the cosine is the same, mirrored about its middle'],
      looksLike: {
        en: 'the cosine falls to 0 and is cut off at min; it should reach min at the end',
        zh: '余弦降向 0，再在 min 处截断；应当恰好在结束时到达 min',
      },
    },
    {
      name: 'the warm-up begins at step 1',
      replace: [[up, 'if (step < warmup) return (base * (step + 1)) / warmup;']],
      killedBy: [closed, line],
      looksLike: { en: 'the line up is one step early: step 0 has the rate 0', zh: '上升的直线早了一步：第 0 步的学习率是 0' },
    },
    {
      name: 'the warm-up begins at min',
      replace: [[up, 'if (step < warmup) return min + ((base - min) * step) / warmup;']],
      killedBy: [closed, line],
      looksLike: { en: 'the line up begins at min; it begins at 0', zh: '直线从 min 开始；应当从 0 开始' },
    },
    {
      name: 'the warm-up divides by 0',
      replace: [[up, 'if (step <= warmup) return (base * step) / warmup;']],
      killedBy: 'without a warm-up it begins at base',
      looksLike: { en: 'a warm-up of 0 steps gives NaN', zh: '预热为 0 步时得到 NaN' },
    },
    {
      name: 'the cosine divides by 0',
      replace: [[over, 'if (step > total) return min;']],
      killedBy: 'a run that is all warm-up ends at min, without NaN',
      looksLike: { en: 'a cosine of 0 steps gives NaN', zh: '余弦为 0 步时得到 NaN' },
    },
    {
      name: 'min = 0 is taken for "no min"',
      replace: [[cosine, 'const low = min || base / 10; return low + 0.5 * (base - low) * (1 + Math.cos(Math.PI * progress));']],
      killedBy: 'min = 0 falls to nothing, min = base stays level',
      looksLike: { en: 'a min of 0 is replaced by something else', zh: 'min 为 0 时被换成了别的值' },
    },
    {
      name: 'the way of the warm-up is not checked',
      replace: [['if (!(warmup >= 0 && warmup <= total))', 'if (!(warmup >= 0))']],
      killedBy: 'a schedule that cannot be is refused',
      looksLike: { en: 'a warm-up longer than the run is accepted', zh: '接受了比整个训练还长的预热' },
    },
    {
      name: 'micro-batches are taken for steps',
      replace: [['return epochs * Math.ceil(microBatches / accum);', 'return epochs * microBatches;']],
      killedBy: counts,
      looksLike: {
        en: 'micro-batches are counted as steps; a step is one update of the weights',
        zh: '把小批次当成了步；一步是一次权重更新',
      },
    },
    {
      name: 'the incomplete group is lost',
      replace: [['Math.ceil(microBatches / accum)', 'Math.floor(microBatches / accum)']],
      killedBy: counts,
      looksLike: { en: 'the last, incomplete group of an epoch is not counted', zh: '每轮最后不满的一组没有计入' },
    },
    {
      name: 'groups run on over the end of an epoch',
      replace: [['epochs * Math.ceil(microBatches / accum)', 'Math.ceil((epochs * microBatches) / accum)']],
      killedBy: counts,
      looksLike: {
        en: 'groups reach from one epoch into the next: round up within each epoch',
        zh: '分组跨过了轮次：应当在每一轮内向上取整',
      },
    },
    {
      name: 'groups of nothing',
      replace: [['&& accum >= 1', '']],
      killedBy: 'countSteps refuses groups of nothing',
      looksLike: { en: 'accum = 0 is accepted', zh: '接受了 accum = 0' },
    },
  ],
});
