import { defineMutants } from '@llm-ladder/grader/course';

const exact = 'log posteriors of a small example are exact';
const prior = 'the prior decides where the words say nothing';
const sums = 'the likelihoods of each class sum to 1';
const skipped = 'a word that training never saw is skipped';
const twice = 'a word that comes twice counts twice, and order does not count';
const finite = 'posteriors of two thousand words are finite';
const first = 'classify names the likeliest class, the first of equals';
const f1 = 'macro-F1 matches scikit-learn';
const weight = 'every class has the same weight in macro-F1';
const probs = 'probabilities are a softmax of X W + b';
const trained = 'training ends where scikit-learn does';
const split = 'a split uses every row once, and chance decides where';
const held = 'training sees the training rows only, the score the others only';
const memory = 'training keeps two tensors, W and b, and scoring keeps none';
const smoothed = 'Math.log((count + alpha) / (totals[y]! + alpha * V))';
const oneF1 = '(2 * hits) / (labelled + answered)';
const penalty = 'tf.mul(l2 / 2, tf.square(W).sum())';
const softmax = 'tf.softmax(X.matMul(W).add<tf.Tensor2D>(b))); //';

export default defineMutants({
  mutants: [
    {
      name: 'prior dropped',
      replace: [['const scores = [...logPrior];', 'const scores = logPrior.map(() => 0);']],
      killedBy: [exact, prior],
      looksLike: { en: 'the prior of the classes is not used', zh: '没有用类的先验' },
    },
    {
      name: 'prior counts words, not texts',
      replace: [
        [
          'const logPrior = classes.map((name) => Math.log(labels.filter((label) => label === name).length / labels.length));',
          'const logPrior = totals.map((total) => Math.log(total / totals.reduce((sum, n) => sum + n, 0)));',
        ],
      ],
      killedBy: exact,
      looksLike: { en: 'the prior is the share of texts, not of words', zh: '先验是文本所占的比例，不是词所占的比例' },
    },
    {
      name: 'smoothing only in the numerator',
      replace: [[smoothed, 'Math.log((count + alpha) / totals[y]!)']],
      killedBy: [exact, sums],
      looksLike: { en: 'alpha is added to every count, so the total grows by alpha * V', zh: '每个计数都加了 alpha，总数也要加 alpha * V' },
    },
    {
      name: 'alpha once in the denominator',
      replace: [[smoothed, 'Math.log((count + alpha) / (totals[y]! + alpha))']],
      killedBy: [exact, sums],
      looksLike: { en: 'the total grows by alpha for every known word, not once', zh: '总数要为每个已知词各加一次 alpha，不是只加一次' },
    },
    {
      name: 'V is the vocabulary of one class',
      replace: [
        [smoothed, 'Math.log((count + alpha) / (totals[y]! + alpha * [...counts.values()].filter((other) => other[y]! > 0).length))'],
      ],
      killedBy: [exact, sums],
      looksLike: { en: 'V counts the words of all classes, not of one', zh: 'V 是所有类的词，不是一个类的词' },
    },
    {
      name: 'alpha is always 1',
      replace: [[smoothed, 'Math.log((count + 1) / (totals[y]! + V))']],
      killedBy: exact,
      looksLike: { en: 'alpha is not used', zh: '没有用 alpha' },
    },
    {
      name: 'counts in the order of appearance, names sorted',
      replace: [['const y = classes.indexOf(labels[n]!);', 'const y = [...new Set(labels)].indexOf(labels[n]!);']],
      killedBy: 'both reach 90 % macro-F1 on texts they have not seen, with three seeds',
      looksLike: { en: 'the counts of one class stand under the name of another', zh: '一个类的计数挂在了另一个类的名下' },
    },
    {
      name: 'a word counts once per text',
      replace: [['for (const word of doc) {\n      if (!counts', 'for (const word of new Set(doc)) {\n      if (!counts']],
      killedBy: [exact, twice],
      looksLike: { en: 'a word that comes twice in a text counts twice', zh: '文本里出现两次的词要算两次' },
    },
    {
      name: 'a word of the new text counts once',
      replace: [['for (const word of doc) {\n    const likelihood', 'for (const word of new Set(doc)) {\n    const likelihood']],
      killedBy: [twice, finite],
      looksLike: { en: 'in the text to classify, too, every word counts as often as it comes', zh: '待分类的文本里，词出现几次也算几次' },
    },
    {
      name: 'an unknown word makes every class impossible',
      replace: [
        [
          'if (likelihood) for (const y of scores.keys()) scores[y]! += likelihood[y]!;',
          'for (const y of scores.keys()) scores[y]! += likelihood?.[y] ?? Math.log(1e-9) * (y + 1);',
        ],
      ],
      killedBy: skipped,
      looksLike: { en: 'a word that training never saw is skipped', zh: '训练中没见过的词应当跳过' },
    },
    {
      name: 'exponentials of the bare scores',
      replace: [['const largest = Math.max(...scores);', 'const largest = 0;']],
      killedBy: finite,
      looksLike: { en: 'exp(score) is 0 for a long text: subtract the largest score first', zh: 'exp(分数) 成了 0：先减去最大的分数' },
    },
    {
      name: 'posteriors not normalised',
      replace: [['scores.map((score) => score - total)', 'scores']],
      killedBy: [exact, prior],
      looksLike: { en: 'the posteriors do not sum to 1', zh: '后验之和不是 1' },
    },
    {
      name: 'the last of equals',
      replace: [['scores.indexOf(Math.max', 'scores.lastIndexOf(Math.max']],
      killedBy: first,
      looksLike: { en: 'of equally likely classes the first one is named', zh: '几个类同样可能时取第一个' },
    },
    {
      name: 'the least likely class',
      replace: [['scores.indexOf(Math.max(...scores))', 'scores.indexOf(Math.min(...scores))']],
      killedBy: [first, prior],
      looksLike: { en: 'the class with the smallest posterior is named', zh: '给出的是后验最小的类' },
    },
    {
      name: 'accuracy instead of F1',
      replace: [
        [
          'scores.reduce((sum, score) => sum + score, 0) / classes.length',
          'scores.length && gold.filter((label, n) => label === predicted[n]).length / gold.length',
        ],
      ],
      killedBy: [f1, weight, 'the score is a macro-F1'],
      looksLike: { en: 'this is accuracy, not macro-F1', zh: '这是准确率，不是 macro-F1' },
    },
    {
      name: 'recall instead of F1',
      replace: [[oneF1, 'labelled === 0 ? 0 : answered * 0 + hits / labelled']],
      killedBy: [f1, weight],
      looksLike: { en: 'answers that are wrong do not count: this is recall', zh: '没有算答错的：这是召回率' },
    },
    {
      name: 'classes of the labels only',
      replace: [['new Set([...gold, ...predicted])', 'new Set(gold)']],
      killedBy: [f1, weight],
      looksLike: { en: 'a class that was only answered is a class too, with F1 0', zh: '只在回答里出现的类也是一个类，F1 为 0' },
    },
    {
      name: 'classes weighted by their size',
      replace: [
        [
          'scores.reduce((sum, score) => sum + score, 0) / classes.length',
          'scores.reduce((sum, score, y) => sum + (score * gold.filter((label) => label === classes[y]).length) / gold.length, 0)',
        ],
      ],
      killedBy: [f1, weight],
      looksLike: { en: 'every class has the same weight, a rare one too', zh: '每个类权重相同，少见的类也一样' },
    },
    {
      name: 'sigmoid instead of softmax',
      replace: [[softmax, 'tf.sigmoid(X.matMul(W).add<tf.Tensor2D>(b))); //']],
      killedBy: probs,
      looksLike: { en: 'each row must sum to 1: a softmax over the classes', zh: '每一行之和应为 1：对类做 softmax' },
    },
    {
      name: 'exponentials without subtracting the largest',
      replace: [
        [
          'return tf.tidy(() => tf.softmax(X.matMul(W).add<tf.Tensor2D>(b))); //',
          'return tf.tidy(() => { const e = X.matMul(W).add<tf.Tensor2D>(b).exp(); return e.div(e.sum(-1, true)); }); //',
        ],
      ],
      killedBy: probs,
      looksLike: { en: 'large scores overflow: use tf.softmax', zh: '分数很大时会溢出：用 tf.softmax' },
    },
    {
      name: 'softmax over the texts',
      replace: [[softmax, 'tf.softmax(X.matMul(W).add<tf.Tensor2D>(b).transpose()).transpose<tf.Tensor2D>()); //']],
      killedBy: [probs, 'logRegProbs: a batch of two equals two singles'],
      looksLike: { en: 'the softmax runs over the classes of one text', zh: 'softmax 应当对一条文本的各个类做' },
    },
    {
      name: 'no penalty',
      replace: [[penalty, 'tf.scalar(l2 * 0)']],
      killedBy: trained,
      looksLike: { en: 'the penalty on W is missing', zh: '缺少对 W 的惩罚' },
    },
    {
      name: 'penalty twice as large',
      replace: [[penalty, 'tf.mul(l2, tf.square(W).sum())']],
      killedBy: trained,
      looksLike: { en: 'the penalty is l2 / 2 times the sum of squares', zh: '惩罚是 l2 / 2 乘平方和' },
    },
    {
      name: 'penalty on the bias too',
      replace: [[penalty, 'tf.mul(l2 / 2, tf.square(W).sum().add(b.square().sum()))']],
      killedBy: trained,
      looksLike: { en: 'the bias is not penalised', zh: '偏置不受惩罚' },
    },
    {
      name: 'sum of the losses',
      replace: [['labels.mul(logProbs).sum(-1).mean().neg()', 'labels.mul(logProbs).sum().neg()']],
      killedBy: trained,
      looksLike: { en: 'the loss is a mean over the rows, not their sum', zh: '损失是各行的平均，不是和' },
    },
    {
      name: 'bias not trained',
      replace: [['optimizer.minimize(loss, false, [W, b])', 'optimizer.minimize(loss, false, [W])']],
      killedBy: trained,
      looksLike: { en: 'the bias is not trained', zh: '没有训练偏置' },
    },
    {
      name: 'one step only',
      replace: [['step < steps; step++', 'step < Math.min(1, steps); step++']],
      killedBy: trained,
      looksLike: { en: 'the training stops too early', zh: '训练停得太早' },
    },
    {
      name: 'starts from ones',
      replace: [['tf.zeros<tf.Rank.R1>([Y])', 'tf.ones<tf.Rank.R1>([Y])']],
      killedBy: 'training starts from zero weights',
      looksLike: { en: 'the weights start at zero', zh: '权重从零开始' },
    },
    {
      name: 'the first rows are held out',
      replace: [['const other = Math.floor(rng() * (last + 1));', 'const other = last + Math.floor(rng() * 0);']],
      killedBy: split,
      looksLike: { en: 'the rows are not shuffled', zh: '没有打乱行的顺序' },
    },
    {
      name: 'no row stays where it was',
      replace: [['Math.floor(rng() * (last + 1))', 'Math.floor(rng() * last)']],
      killedBy: split,
      looksLike: { en: 'the shuffle is not fair: a row may also stay where it is', zh: '打乱不公平：一行也可以留在原处' },
    },
    {
      name: 'the test rows are trained on too',
      replace: [['train: rows.slice(size)', 'train: rows']],
      killedBy: split,
      looksLike: { en: 'the test rows are among the training rows', zh: '测试行也在训练行里' },
    },
    {
      name: 'drawn with replacement',
      replace: [['test: rows.slice(0, size)', 'test: rows.slice(0, size).map(() => Math.floor(rng() * N))']],
      killedBy: split,
      looksLike: { en: 'a row can be drawn twice', zh: '一行可能被抽到两次' },
    },
    {
      name: 'rounded down to nothing',
      replace: [['Math.max(1, Math.round(share * N))', 'Math.floor(share * N)']],
      killedBy: split,
      looksLike: { en: 'round(share * N) rows are held out, and at least one', zh: '应留出 round(share * N) 行，至少一行' },
    },
    {
      name: 'evaluates on the training rows',
      replace: [
        ['logRegProbs(rowsOf(test), model)', 'logRegProbs(rowsOf(train), model)'],
        ['macroF1(labelsOf(test), [...answers])', 'macroF1(labelsOf(train), [...answers])'],
      ],
      killedBy: held,
      looksLike: { en: 'the score is taken on the rows that were trained on', zh: '评分用的是训练过的行' },
    },
    {
      name: 'trains on all rows',
      replace: [['rowsOf(train), labelsOf(train)', 'rowsOf([...train, ...test]), labelsOf([...train, ...test])']],
      killedBy: held,
      looksLike: { en: 'training has seen the test rows', zh: '训练时看到了测试行' },
    },
    {
      name: 'labels of other rows',
      replace: [['rows.map((n) => y[n]!)', 'rows.map((_, n) => y[n]!)']],
      killedBy: held,
      looksLike: { en: 'rows and labels do not belong together', zh: '行和标签对不上' },
    },
    {
      name: 'learns a hundredth as fast',
      replace: [['tf.train.adam(lr)', 'tf.train.adam(lr / 100)']],
      killedBy: trained,
      looksLike: { en: 'the rate is not lr', zh: '学习率不是 lr' },
    },
    {
      name: 'the optimizer is not disposed',
      replace: [['optimizer.dispose();', '']],
      killedBy: memory,
      looksLike: { en: 'dispose of the optimizer: its variables outlive a tidy', zh: '释放优化器：它的变量在 tidy 之后还在' },
    },
    {
      name: 'the model of a score is not disposed',
      replace: [['tf.dispose([model.W, model.b]);', '']],
      killedBy: memory,
      looksLike: { en: 'scoreHeldOut has to dispose of its model', zh: 'scoreHeldOut 要释放它的模型' },
    },
    {
      name: 'probabilities out of the graph',
      replace: [
        ['X.matMul(W).add<tf.Tensor2D>(b))); //', 'X.matMul(tf.tensor2d(W.dataSync() as Float32Array, W.shape)).add<tf.Tensor2D>(b))); //'],
      ],
      killedBy: 'logRegProbs: gradients are finite and not zero',
      looksLike: { en: 'no gradient reaches W', zh: '梯度到不了 W' },
    },
  ],
  survivors: [
    {
      why: 'every class stands in the list once, and there is at least one to begin the sum with',
      mutants: [
        'method: classes.indexOf(labels[n]!) -> classes.lastIndexOf(labels[n]!)',
        'argument: scores.reduce((sum, score) => sum + score, 0) -> scores.reduce((sum, score) => sum + score)',
      ],
    },
    {
      why: 'TF.js takes a list for int32 indices, and casts whole numbers where they meet fractions',
      mutants: [
        "call: tf.tensor1d([...y], 'int32') -> ([...y])",
        "call: tf.tensor1d([...rows], 'int32') -> ([...rows])",
        "call: tf.oneHot(tf.tensor1d([...y], 'int32'), Y).cast<tf.Tensor2D>('float32') -> tf.oneHot(tf.tensor1d([...y], 'int32'), Y)",
      ],
    },
    {
      why: 'of two dims the last is dim 1; the order of what is trained or disposed makes no difference',
      mutants: [
        'constant: labels.mul(logProbs).sum(-1) -> labels.mul(logProbs).sum(1)',
        'constant: logRegProbs(rowsOf(test), model).argMax(-1) -> logRegProbs(rowsOf(test), model).argMax(1)',
        'order: [W, b] -> [b, W]',
        'order: [model.W, model.b] -> [model.b, model.W]',
      ],
    },
    {
      why: 'the first row changes places with itself',
      mutants: ['operator: last > 0 -> last >= 0', 'constant: last > 0 -> last > -1'],
    },
  ],
});
