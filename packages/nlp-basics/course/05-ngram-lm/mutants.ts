import { defineMutants } from '@llm-ladder/grader/course';

const byHand = 'add-k probabilities worked out by hand';
const mixed = 'interpolated probabilities worked out by hand';
const sums = 'the probabilities of every context sum to 1';
const begins = 'a sentence begins with n - 1 marks that are never predicted';
const unknown = 'a word that training never saw is <unk>';
const ends = 'perplexity counts the end marks and is taken over all tokens';
const finite = 'two thousand tokens keep a finite perplexity';
const doubt = 'a model that knows nothing is in doubt about V words';
const drawn = 'words are drawn with their probabilities';
const stops = 'a sentence ends at its end mark, or when it is long enough';
const refused = 'numbers outside their range are refused';
const denominator = '(total + this.#k * V)';
const size = 'const V = this.#ids.size;';
const predictions = 'for (let at = before; at < words.length; at++) {';
const draw = 'while (left >= 0 && id < vocab.length - 1) left -= probOf(++id);';

export default defineMutants({
  mutants: [
    {
      name: 'probabilities are multiplied',
      replace: [
        ['let logs = 0;', 'let product = 1;'],
        ['logs += Math.log(this.#after(words, at)(words[at]!));', 'product *= this.#after(words, at)(words[at]!);'],
        ['Math.exp(-logs / N)', 'product ** (-1 / N)'],
      ],
      killedBy: finite,
      looksLike: { en: 'the product of many probabilities is 0: add logarithms', zh: '许多概率的乘积会变成 0：请把对数相加' },
    },
    {
      name: 'the end mark is left out of N',
      replace: [['Math.exp(-logs / N)', 'Math.exp(-logs / (N - sents.length))']],
      killedBy: [ends, doubt],
      looksLike: { en: 'N counts the words but not the end marks', zh: 'N 数了词，没有数句尾标记' },
    },
    {
      name: 'the end mark is not predicted in perplexity',
      replace: [[predictions, 'for (let at = before; at < words.length - 1; at++) {']],
      killedBy: ends,
      looksLike: { en: 'the end mark is a prediction too', zh: '句尾标记也是一次预测' },
    },
    {
      name: 'V leaves out <unk>',
      replace: [[size, 'const V = this.#ids.size - 1;']],
      killedBy: [byHand, sums],
      looksLike: { en: 'V does not count <unk>: the probabilities sum to more than 1', zh: 'V 没有计入 <unk>：概率之和超过 1' },
    },
    {
      name: 'V leaves out the end mark and <unk>',
      replace: [[size, 'const V = this.#ids.size - 2;']],
      killedBy: [byHand, sums],
      looksLike: { en: 'V counts words only; the end mark and <unk> are in it too', zh: 'V 只数了词；还要加上句尾标记和 <unk>' },
    },
    {
      name: 'V counts the begin mark',
      replace: [[size, 'const V = this.#ids.size + 1;']],
      killedBy: [byHand, sums],
      looksLike: { en: 'the begin mark is never predicted: it is not in V', zh: '句首标记从不被预测，不在 V 里' },
    },
    {
      name: 'k without k V in the denominator',
      replace: [[denominator, 'Math.max(total, 1)']],
      killedBy: [byHand, sums],
      looksLike: { en: 'the denominator lacks k V', zh: '分母少了 k V' },
    },
    {
      name: 'V in the denominator without k',
      replace: [[denominator, '(total + V)']],
      killedBy: [byHand, sums],
      looksLike: { en: 'the denominator has V where k V belongs', zh: '分母应加 k V，而不是 V' },
    },
    {
      name: 'k is ignored',
      replace: [['this.#k = k;', 'this.#k = 1;']],
      killedBy: [byHand, mixed],
      looksLike: { en: 'the option k has no effect', zh: '选项 k 没有起作用' },
    },
    {
      name: 'one begin mark, whatever n',
      replace: [['new Array<number>(before)', 'new Array<number>(Math.min(before, 1))']],
      killedBy: begins,
      looksLike: { en: 'before a sentence stand n - 1 begin marks, not one', zh: '句首应有 n - 1 个标记，而不是一个' },
    },
    {
      name: '<unk> in place of the begin mark',
      replace: [['.fill(BOS_ID)', '.fill(1)']],
      killedBy: [unknown, begins],
      looksLike: { en: 'the begin mark is a mark of its own, not <unk>', zh: '句首标记是单独的标记，不是 <unk>' },
    },
    {
      name: 'the end mark is not counted in training',
      replace: [
        ['for (let at = i; at < words.length; at++) this.#counts.add', 'for (let at = i; at < words.length - 1; at++) this.#counts.add'],
      ],
      killedBy: [byHand, mixed],
      looksLike: { en: 'training does not count what follows the last word: the end mark', zh: '训练时没有数最后一个词后面的句尾标记' },
    },
    {
      name: 'the first n - 1 words count, not the last',
      replace: [
        [
          'const words = this.#padded(ctx, this.#order() - 1);',
          'const words = this.#padded(ctx.slice(0, Math.max(1, this.#order() - 1)), this.#order() - 1);',
        ],
      ],
      killedBy: 'only the last n - 1 words count',
      looksLike: { en: 'of a long context the last n - 1 words count', zh: '上下文长的时候，看最后 n - 1 个词' },
    },
    {
      name: 'order n alone, though there are lambdas',
      replace: [['p += (weight * (count', 'p = (1 * (count']],
      killedBy: mixed,
      looksLike: { en: 'the orders are not mixed by their lambdas', zh: '没有按 lambdas 混合各阶' },
    },
    {
      name: 'lambdas from n down to 1',
      replace: [['const weights = this.#lambdas ??', 'const weights = this.#lambdas?.toReversed() ??']],
      killedBy: mixed,
      looksLike: { en: 'lambdas[0] belongs to order 1, the last one to order n', zh: 'lambdas[0] 对应第 1 阶，最后一个对应第 n 阶' },
    },
    {
      name: 'unseen contexts fall out of the mixture',
      replace: [
        [
          'for (const { weight, context } of orders) {',
          'for (const { weight, context } of orders) {\n        if (context === UNSEEN && orders.length > 1) continue;',
        ],
      ],
      killedBy: [mixed, sums],
      looksLike: { en: 'an unseen context still gives k / (k V)', zh: '没见过的上下文仍给出 k / (k V)' },
    },
    {
      name: 'an unknown word has probability 0',
      replace: [['if (word === BOS) return 0;', 'if (word === BOS || !this.#ids.has(word)) return 0;']],
      killedBy: unknown,
      looksLike: { en: 'a word that training never saw has the probability of <unk>', zh: '训练时没见过的词，概率就是 <unk> 的概率' },
    },
    {
      name: 'an unknown word in the context is no word at all',
      replace: [
        [
          '...words.map((word) => this.#idOf(word))',
          '...words.filter((word) => word === BOS || this.#ids.has(word)).map((word) => this.#idOf(word))',
        ],
      ],
      killedBy: [unknown],
      looksLike: { en: 'an unknown word in the context is <unk>; do not skip it', zh: '上下文里没见过的词当作 <unk>，不要跳过' },
    },
    {
      name: 'contexts joined with spaces',
      replace: [
        ['...words.map((word) => this.#idOf(word))', "...words.join(' ').split(' ').filter(Boolean).map((word) => this.#idOf(word))"],
      ],
      killedBy: 'words with spaces and strange names do not mix',
      looksLike: {
        en: 'a context joined with spaces mixes "a b", "c" with "a", "b c"',
        zh: '用空格拼接上下文，会把 "a b"、"c" 和 "a"、"b c" 混为一谈',
      },
    },
    {
      name: 'the mean of the perplexities of sentences',
      replace: [
        [
          'logs += Math.log(this.#after(words, at)(words[at]!));\n        N++;\n      }',
          'one += Math.log(this.#after(words, at)(words[at]!));\n      }\n      logs += Math.exp(-one / (words.length - before));\n      N++;',
        ],
        [
          'const words = this.#padded(sent, before);\n      for',
          'const words = this.#padded(sent, before);\n      let one = 0;\n      for',
        ],
        ['Math.exp(-logs / N)', 'logs / N'],
      ],
      killedBy: ends,
      looksLike: {
        en: 'sentences of unequal length count alike; take one mean over all tokens',
        zh: '长短不同的句子权重一样了；应对全部词元求一次平均',
      },
    },
    {
      name: 'logarithms of base 2 and exp',
      replace: [['logs += Math.log(this', 'logs += Math.log2(this']],
      killedBy: [ends, doubt],
      looksLike: { en: 'log2 goes with 2 **, Math.log with Math.exp', zh: 'log2 要配 2 **，Math.log 才配 Math.exp' },
    },
    {
      name: 'perplexity without the division by N',
      replace: [['Math.exp(-logs / N)', 'Math.exp(-logs)']],
      killedBy: [ends, doubt, finite],
      looksLike: { en: 'the sum of logarithms is not divided by N', zh: '对数之和没有除以 N' },
    },
    {
      name: 'perplexity with sentences joined',
      replace: [
        [
          'const words = this.#padded(sent, before);\n      for',
          'const words = this.#padded(sent, before);\n      if (N > 0) words.fill(this.#ids.get(EOS)!, 0, before);\n      for',
        ],
      ],
      killedBy: ends,
      looksLike: { en: 'a sentence does not see the one before it', zh: '一个句子看不到前一个句子' },
    },
    {
      name: 'the likeliest word instead of a draw',
      replace: [
        [draw, 'for (let i = 0; i < vocab.length; i++) if (id < 0 || probOf(i) > probOf(id)) id = i;\n      if (left < 0) return words;'],
      ],
      killedBy: drawn,
      looksLike: { en: 'always the likeliest word: draw by the probabilities', zh: '每次都取概率最大的词：应按概率抽取' },
    },
    {
      name: 'all words are equally likely to be drawn',
      replace: [[draw, 'id = Math.floor(left * vocab.length);\n      left -= probOf(id);']],
      killedBy: [drawn, stops],
      looksLike: { en: 'words are drawn as if all were equally likely', zh: '抽词时好像每个词概率都一样' },
    },
    {
      name: 'draws without the context',
      replace: [['this.#padded(words.slice(Math.max(0, words.length - before)), before)', 'this.#padded([], before)']],
      killedBy: [drawn, stops],
      looksLike: { en: 'each word is drawn as if it were the first', zh: '每个词都当成第一个词来抽' },
    },
    {
      name: 'the end mark is in the sentence',
      replace: [['if (word === EOS) return words;\n      words.push(word);', 'words.push(word);\n      if (word === EOS) return words;']],
      killedBy: stops,
      looksLike: { en: 'the sentence comes without its end mark', zh: '返回的句子不带句尾标记' },
    },
    {
      name: 'goes on behind the end mark',
      replace: [['if (word === EOS) return words;', 'if (word === EOS) continue;']],
      killedBy: stops,
      looksLike: { en: 'a sentence is over at its end mark', zh: '抽到句尾标记，句子就结束了' },
    },
    {
      name: 'no limit on the number of words',
      replace: [['while (words.length < maxWords) {', 'while (words.length < Math.max(maxWords, 100)) {']],
      killedBy: stops,
      looksLike: { en: 'maxWords is not respected', zh: '没有遵守 maxWords' },
    },
    {
      name: 'Math.random',
      replace: [['let left = rng();', 'let left = Math.random();']],
      killedBy: stops,
      looksLike: {
        en: 'the same rng gives another sentence: all chance comes from rng',
        zh: '同样的 rng 给出了不同的句子：随机性应全部来自 rng',
      },
    },
    {
      name: 'a second text is added to the first',
      replace: [['    this.#counts = new Counts();\n', '']],
      killedBy: 'a second text replaces the first',
      looksLike: { en: 'fit adds to what was counted before', zh: 'fit 把新旧计数加在了一起' },
    },
    {
      name: 'any k passes',
      replace: [['if (!(k > 0 && k < Number.POSITIVE_INFINITY))', 'if (k === Number.POSITIVE_INFINITY)']],
      killedBy: refused,
      looksLike: { en: 'k has to be above 0', zh: 'k 必须大于 0' },
    },
  ],
  survivors: [
    {
      why: 'n = 0 has no weights, which do not sum to 1: it is refused one line later',
      mutants: ['constant: n >= 1 -> n >= 0'],
    },
    {
      why: 'the task leaves open how exactly the lambdas sum to 1',
      mutants: [
        'operator: Math.abs(sum - 1) < 1e-6 -> Math.abs(sum - 1) <= 1e-6',
        'constant: Math.abs(sum - 1) < 1e-6 -> Math.abs(sum - 1) < 0.000002',
      ],
    },
    {
      why: 'an order that has the weight 0 adds 0 to every probability, and is only counted in vain',
      mutants: [
        'condition: weight === 0 -> false',
        'constant: weight === 0 -> weight === -1',
        'statement: continue; -> ;',
        'condition: weight === 0 -> false #2',
        'constant: weight === 0 -> weight === -1 #2',
      ],
    },
    {
      why: 'more begin marks, or more words, than the n - 1 places that are looked at',
      mutants: [
        'operator: this.#order() - 1 -> this.#order() + 1',
        'constant: this.#order() - 1 -> this.#order() - 0',
        'operator: this.#order() - 1 -> this.#order() + 1 #2',
        'constant: this.#order() - 1 -> this.#order() - 0 #2',
        'operator: this.#order() - 1 -> this.#order() + 1 #3',
        'constant: this.#order() - 1 -> this.#order() - 0 #3',
        'call: words.slice(Math.max(0, words.length - before)) -> words',
        'call: Math.max(0, words.length - before) -> (0)',
      ],
    },
  ],
});
