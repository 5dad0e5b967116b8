import { defineMutants } from '@llm-ladder/grader/course';

const best = 'best paths and their scores equal an enumeration of all paths';
const random = 'the best path of random scores is found, with three tags and six words';
const direction = 'a transition goes from the row to the column';
const ends = 'start and end scores decide, also for a row of one word';
const padded = 'a row of a padded batch is as good as the row alone';
const padding = 'what stands at the padding does not matter, a word does';
const loss = 'the loss equals an enumeration of all paths';
const grads = 'the gradients of the loss match PyTorch';
const sum = 'the probabilities of all paths sum to 1';
const toTags = 'spans become tags';
const back = 'tags become spans again';
const repair = 'an I that continues nothing begins a span';
const name = 'a name counts only if start, end and type are right';
const addedUp = 'hits, names and answers are added up over all texts';
const viterbiPaths = 'const paths = score.expandDims<tf.Tensor3D>(2).add<tf.Tensor3D>(trans);';
const nllPaths = 'const paths = all.expandDims<tf.Tensor3D>(2).add<tf.Tensor3D>(trans);';
const viterbiStep = 'score = tf.where(words[t]!, paths.max<tf.Tensor2D>(1).add<tf.Tensor2D>(steps[t]!), score);';
const allStep = 'all = tf.where(words[t]!, tf.logSumExp<tf.Tensor2D>(paths, 1).add<tf.Tensor2D>(steps[t]!), all);';
const labelStep = 'labelled = tf.where(words[t]!, labelled.add<tf.Tensor2D>(step.sum(1, true)), labelled);';
const tagStep = 'tag = tf.where(words[t]!, chosen[t]!, tag);';
const walk = 'for (let t = found.lengths[row]! - 1; t > 0; t--)';
const continues = "tag.startsWith('I-') && last?.end === t && last.type === type";

export default defineMutants({
  mutants: [
    {
      name: 'the best tag of each word alone',
      replace: [
        ['pointers.push(paths.argMax(1));', 'pointers.push(steps[t - 1]!.expandDims(2).add(tf.zerosLike(paths)).argMax(1));'],
        ['last: total.argMax(-1)', 'last: steps.at(-1)!.argMax(-1)'],
      ],
      killedBy: [best, random],
      looksLike: { en: 'each word takes its own best tag: the transitions do not count', zh: '每个词各取最好的标签：转移分没有起作用' },
    },
    {
      name: 'greedy from left to right',
      replace: [['score.expandDims<', 'score.add(tf.oneHot(score.argMax(-1), Y).sub(1).mul(1e9)).expandDims<']],
      killedBy: random,
      looksLike: { en: 'only the best path so far goes on: keep one for every tag', zh: '每步只留了一条路径：每个标签都要留一条' },
    },
    {
      name: 'trans transposed in Viterbi',
      replace: [[viterbiPaths, 'const paths = score.expandDims<tf.Tensor3D>(2).add<tf.Tensor3D>(trans.transpose());']],
      killedBy: [best, random, direction],
      looksLike: { en: 'trans goes from the row (before) to the column (after)', zh: 'trans 的行是前一个标签，列是后一个标签' },
    },
    {
      name: 'end scores forgotten in Viterbi',
      replace: [['const total = score.add<tf.Tensor2D>(end);', 'const total = score;']],
      killedBy: [best, random, ends],
      looksLike: { en: 'the end scores are missing', zh: '缺少结束分' },
    },
    {
      name: 'start scores forgotten in Viterbi',
      replace: [['let score = steps[0]!.add<tf.Tensor2D>(start);', 'let score = steps[0]!;']],
      killedBy: [best, random, ends],
      looksLike: { en: 'the start scores are missing', zh: '缺少开始分' },
    },
    {
      name: 'mask ignored in Viterbi',
      replace: [[viterbiStep, 'score = paths.max<tf.Tensor2D>(1).add<tf.Tensor2D>(steps[t]!);']],
      killedBy: [best, padded, padding],
      looksLike: { en: 'the best path runs on into the padding', zh: '最好的路径一直走进了填充里' },
    },
    {
      name: 'tags for the padding too',
      replace: [[walk, 'for (let t = T - 1; t > 0; t--)']],
      killedBy: [best, padded],
      looksLike: { en: 'a row has as many tags as words', zh: '一行有几个词就该有几个标签' },
    },
    {
      name: 'every row as long as the first',
      replace: [[walk, 'for (let t = found.lengths[0]! - 1; t > 0; t--)']],
      killedBy: [best, padded],
      looksLike: { en: 'every row has the length of the first', zh: '每一行的长度都用了第一行的' },
    },
    {
      name: 'the path is read backwards',
      replace: [['return { tags, scores', 'return { tags: tags.map((path) => path.reverse()), scores']],
      killedBy: [best, random],
      looksLike: { en: 'the tags come back in reversed order', zh: '标签的顺序反了' },
    },
    {
      name: 'pointers of the first row for all',
      replace: [['((t - 1) * B + row) * Y', '((t - 1) * B) * Y']],
      killedBy: [best, padded],
      looksLike: { en: 'every row follows the pointers of the first', zh: '每一行都沿着第一行的指针走' },
    },
    {
      name: 'trans transposed in the sum over paths',
      replace: [[nllPaths, 'const paths = all.expandDims<tf.Tensor3D>(2).add<tf.Tensor3D>(trans.transpose());']],
      killedBy: [loss, sum],
      looksLike: { en: 'the sum over paths reads trans the wrong way round', zh: '对路径求和时把 trans 读反了' },
    },
    {
      name: 'trans transposed in the score of the labels',
      replace: [['tag.matMul(trans).add', 'tag.matMul(trans, false, true).add']],
      killedBy: [loss, sum],
      looksLike: { en: 'the score of the labels reads trans the wrong way round', zh: '算标签分数时把 trans 读反了' },
    },
    {
      name: 'end scores forgotten in the loss',
      replace: [
        ['const logZ = all.add(end).logSumExp(1);', 'const logZ = all.logSumExp(1);'],
        ['.add(tag.mul(end).sum(1)); // [B]', '.add(tag.mul(0).sum(1)); // [B]'],
      ],
      killedBy: [loss, grads],
      looksLike: { en: 'the end scores are missing in the loss', zh: '损失里缺少结束分' },
    },
    {
      name: 'end scores only in the sum',
      replace: [['.add(tag.mul(end).sum(1)); // [B]', '.add(tag.mul(0).sum(1)); // [B]']],
      killedBy: [loss, sum],
      looksLike: { en: 'the score of the labels lacks its end score', zh: '标签的分数里缺少结束分' },
    },
    {
      name: 'end score of the last column',
      replace: [[tagStep, 'tag = chosen[t]!;']],
      killedBy: [loss, padded, padding],
      looksLike: { en: 'the end score belongs to the last word, not to the last column', zh: '结束分属于最后的词，不属于最后一列' },
    },
    {
      name: 'mask ignored in the sum over paths',
      replace: [[allStep, 'all = tf.logSumExp<tf.Tensor2D>(paths, 1).add<tf.Tensor2D>(steps[t]!);']],
      killedBy: [loss, padded, padding],
      looksLike: { en: 'the sum over paths runs on into the padding', zh: '对路径求和时走进了填充里' },
    },
    {
      name: 'mask ignored in the score of the labels',
      replace: [[labelStep, 'labelled = labelled.add<tf.Tensor2D>(step.sum(1, true));']],
      killedBy: [loss, padded, padding],
      looksLike: { en: 'labels at the padding count', zh: '填充处的标签也算了分' },
    },
    {
      name: 'maximum instead of log-sum',
      replace: [[allStep, 'all = tf.where(words[t]!, paths.max<tf.Tensor2D>(1).add<tf.Tensor2D>(steps[t]!), all);']],
      killedBy: [loss, sum],
      looksLike: { en: 'the loss compares with the best path, not with the sum over all', zh: '损失比的是最好的路径，而不是所有路径之和' },
    },
    {
      name: 'softmax of each word alone',
      replace: [
        [nllPaths, 'const paths = all.expandDims<tf.Tensor3D>(2).add<tf.Tensor3D>(trans.mul(0));'],
        ['tag.matMul(trans).add', 'tag.matMul(trans.mul(0)).add'],
      ],
      killedBy: [loss, 'crfNll: gradients are finite and not zero'],
      looksLike: { en: 'the transitions are not in the loss', zh: '损失里没有转移分' },
    },
    {
      name: 'exp, then log',
      replace: [['tf.logSumExp<tf.Tensor2D>(paths, 1)', 'paths.exp().sum<tf.Tensor2D>(1).log()']],
      killedBy: 'scores of a thousand give a finite loss',
      looksLike: { en: 'exp overflows: use tf.logSumExp', zh: 'exp 溢出了：用 tf.logSumExp' },
    },
    {
      name: 'sum over the rows',
      replace: [['logZ.sub(score).mean<tf.Scalar>()', 'logZ.sub(score).sum<tf.Scalar>()']],
      killedBy: [loss, padded],
      looksLike: { en: 'the loss is a mean over the rows', zh: '损失是对各行的平均' },
    },
    {
      name: 'sign of the loss',
      replace: [['logZ.sub(score).mean', 'score.sub(logZ).mean']],
      killedBy: [loss, sum],
      looksLike: { en: 'the loss is negative', zh: '损失成了负数' },
    },
    {
      name: 'every word of a span is B',
      replace: [['tags.fill(`I-', 'tags.fill(`B-']],
      killedBy: [toTags, back],
      looksLike: { en: 'only the first word of a span is B', zh: '只有片段的第一个词是 B' },
    },
    {
      name: 'the end is part of the span',
      replace: [['`, start, end);', '`, start, Math.min(T, end + 1));']],
      killedBy: [toTags, back],
      looksLike: { en: 'end is the first word after the span', zh: 'end 是片段之后的第一个词' },
    },
    {
      name: 'B only between neighbours',
      replace: [['tags[start] = `B-', 'if (tags[start - 1]?.slice(2) === type) tags[start] = `B-']],
      killedBy: toTags,
      looksLike: { en: 'every span begins with B', zh: '每个片段都以 B 开头' },
    },
    {
      name: 'neighbours of one type grow together',
      replace: [[continues, 'last?.end === t && last.type === type']],
      killedBy: back,
      looksLike: { en: 'B begins a span, also right after one of the same type', zh: 'B 总是开始新片段，哪怕紧跟同类型的片段' },
    },
    {
      name: 'the type ends at the first hyphen',
      replace: [['const type = tag.slice(2);', "const type = tag.split('-')[1]!;"]],
      killedBy: back,
      looksLike: { en: 'a type may hold a hyphen', zh: '类型里可以有连字符' },
    },
    {
      name: 'an I without B is dropped',
      replace: [['else spans.push(', "else if (tag.startsWith('B-')) spans.push("]],
      killedBy: repair,
      looksLike: { en: 'an I that continues nothing is dropped; it begins a span', zh: '接不上的 I 被丢掉了，应当开始一个新片段' },
    },
    {
      name: 'an I of another type goes on with the span',
      replace: [[continues, "tag.startsWith('I-') && last?.end === t"]],
      killedBy: repair,
      looksLike: { en: 'an I of another type begins a span of its own', zh: '类型不同的 I 要自己开始一个片段' },
    },
    {
      name: 'an I goes on over a gap',
      replace: [[continues, "tag.startsWith('I-') && last !== undefined && last.type === type"]],
      killedBy: repair,
      looksLike: { en: 'O ends a span', zh: 'O 会结束片段' },
    },
    {
      name: 'a span that touches is a hit',
      replace: [
        [
          'predicted[n]!.filter((span) => open.delete(key(span)))',
          'predicted[n]!.filter((span) => spans.some(({ start, end, type }) => type === span.type && start < span.end && span.start < end))',
        ],
      ],
      killedBy: name,
      looksLike: { en: 'half a name is no hit', zh: '只找到名字的一半不算命中' },
    },
    {
      name: 'word accuracy as F1',
      replace: [
        [
          'const key = ({ start, end, type }: Span) => JSON.stringify([start, end, type]);',
          'const key = ({ start, end, type }: Span) => JSON.stringify([start, end, type]); const wordsOf = (all: readonly Span[]) => all.flatMap(({ start, end, type }) => Array.from({ length: end - start }, (_, i) => [start + i, type].join())); if (spans.length > 0) { const right = wordsOf(spans); hits += wordsOf(predicted[n]!).filter((word) => right.includes(word)).length; there += right.length; answered += wordsOf(predicted[n]!).length; continue; }',
        ],
      ],
      killedBy: name,
      looksLike: { en: 'words are counted, not names', zh: '数的是词，不是名字' },
    },
    {
      name: 'the type does not matter',
      replace: [['JSON.stringify([start, end, type])', 'JSON.stringify([start, end, type.length > 99])']],
      killedBy: name,
      looksLike: { en: 'the type has to be right too', zh: '类型也要对' },
    },
    {
      name: 'all texts are one',
      replace: [['const open = new Set(spans.map(key));', 'const open = new Set(gold.flat().map(key));']],
      killedBy: name,
      looksLike: { en: 'a name in another text is no hit', zh: '别的文本里的名字不算命中' },
    },
    {
      name: 'mean of the F1 of each text',
      replace: [
        [
          'let [hits, there, answered] = [0, 0, 0];',
          'if (gold.length > 1) { const each = gold.map((spans, n) => spanF1([spans], [predicted[n]!])); const mean = (part: keyof SpanScore) => each.reduce((total, one) => total + one[part], 0) / each.length; return { precision: mean("precision"), recall: mean("recall"), f1: mean("f1") }; }\n  let [hits, there, answered] = [0, 0, 0];',
        ],
      ],
      killedBy: addedUp,
      looksLike: { en: 'counts are added up first; this is a mean over texts', zh: '应当先把计数加总；这是对文本求的平均' },
    },
    {
      name: 'precision and recall swapped',
      replace: [['ratio(hits, answered), recall: ratio(hits, there)', 'ratio(hits, there), recall: ratio(hits, answered)']],
      killedBy: addedUp,
      looksLike: { en: 'precision divides by the answers, recall by the names', zh: 'precision 除以回答数，recall 除以名字数' },
    },
    {
      name: 'F1 is the plain mean',
      replace: [['f1: ratio(2 * hits, there + answered)', 'f1: (ratio(hits, answered) + ratio(hits, there)) / 2']],
      killedBy: addedUp,
      looksLike: { en: 'F1 is the harmonic mean', zh: 'F1 是调和平均' },
    },
    {
      name: '0 / 0',
      replace: [['whole === 0 ? 0 : part / whole', 'part / whole']],
      killedBy: 'without names or answers the scores are 0, not NaN',
      looksLike: { en: 'without names or answers the score is NaN', zh: '没有名字或没有回答时得到 NaN' },
    },
    {
      name: 'no end score for a row of one word',
      replace: [['const logZ = all.add(end).logSumExp(1);', 'const logZ = T === 1 ? all.logSumExp(1) : all.add(end).logSumExp(1);']],
      killedBy: 'crfNll: works for T = 1',
      looksLike: { en: 'a row of one word has an end score too', zh: '只有一个词的行也有结束分' },
    },
    {
      name: 'the emissions are copied out of the graph',
      replace: [['const [, T, Y] = emit.shape;', 'const [, T, Y] = emit.shape; emit = tf.tensor3d(emit.arraySync());']],
      killedBy: [grads, 'crfNll: gradients are finite and not zero'],
      looksLike: { en: 'no gradient reaches the emissions', zh: '梯度到不了发射分' },
    },
    {
      name: 'Viterbi without tidy',
      replace: [
        ['const found = tf.tidy(() => {', 'const found = (() => {'],
        ['sum(1).dataSync(),\n    };\n  });', 'sum(1).dataSync(),\n    };\n  })();'],
      ],
      killedBy: 'Viterbi keeps no tensors',
      looksLike: { en: 'tensors pile up: compute inside tf.tidy', zh: '张量越积越多：把计算放进 tf.tidy' },
    },
  ],
  naive: [
    {
      name: 'one row at a time',
      replace: [
        [
          'const [B, T, Y] = emit.shape;',
          'if (emit.shape[0] > 1) { const rows = Array.from({ length: emit.shape[0] }, (_, row) => tf.tidy(() => viterbi(emit.slice([row], [1]), mask.slice([row], [1]), weights))); return { tags: rows.flatMap((one) => one.tags), scores: rows.flatMap((one) => one.scores) }; }\n  const [B, T, Y] = emit.shape;',
        ],
      ],
      fails: 'Viterbi on a batch keeps up with the reference',
    },
  ],
  survivors: [
    {
      why: 'the three parts of a key may stand in any order',
      mutants: ['order: [start, end, type] -> [end, start, type]', 'order: [start, end, type] -> [start, type, end]'],
    },
    {
      why: 'of two dims the last is dim 1',
      mutants: ['constant: total.argMax(-1) -> total.argMax(1)', 'constant: total.max(-1) -> total.max(1)'],
    },
    {
      why: 'TF.js casts by itself where whole numbers meet fractions, and counts what is bool',
      mutants: ["call: mask.cast('float32') -> mask", "call: tf.oneHot(labels, Y).cast('float32') -> tf.oneHot(labels, Y)"],
    },
    {
      why: '[B, 1] and [B] give [B, B], whose mean is the same: the mean of sums is the sum of the means',
      mutants: ['call: labelled.squeeze<tf.Tensor1D>([1]) -> labelled'],
    },
  ],
});
