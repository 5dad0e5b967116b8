import { defineMutants } from '@llm-ladder/grader/course';

const matches = 'matches scikit-learn';
const counts = 'idf counts documents, not occurrences';
const zeros = 'a text without a known word is a row of zeros';
const zeroVector = 'a vector of zeros gives 0';
const formula = 'Math.log((1 + docs.length) / (1 + n)) + 1';
const numbering = 'const at = vocab.get(word) ?? vocab.size;';
const normed = '(length === 0 ? 0 : weight / length)';

export default defineMutants({
  mutants: [
    {
      name: 'idf from occurrences, not documents',
      replace: [['for (const word of new Set(doc)) {', 'for (const word of doc) {']],
      killedBy: [matches, counts],
      looksLike: { en: 'a word that a document repeats is counted more than once in df', zh: '一篇文档里重复的词在 df 里被多次计数' },
    },
    {
      name: 'no smoothing',
      replace: [[formula, 'Math.log(docs.length / n) + 1']],
      killedBy: [matches, counts],
      looksLike: { en: 'the idf is not smoothed: (1 + N) / (1 + df)', zh: 'idf 没有平滑：应为 (1 + N) / (1 + df)' },
    },
    {
      name: 'the last +1 of the idf is missing',
      replace: [[formula, 'Math.log((1 + docs.length) / (1 + n))']],
      killedBy: [matches, counts],
      looksLike: { en: 'the + 1 after the logarithm is missing', zh: '对数后面的 + 1 不见了' },
    },
    {
      name: 'logarithm of base 10',
      replace: [[formula, 'Math.log10((1 + docs.length) / (1 + n)) + 1']],
      killedBy: [matches, counts],
      looksLike: { en: 'the logarithm is the natural one', zh: '应当用自然对数' },
    },
    {
      name: 'no division by the length',
      replace: [[normed, 'weight']],
      killedBy: [matches, 'every vector has length 1, whatever the length of its text'],
      looksLike: { en: 'the vector is not divided by its length', zh: '向量没有除以自身长度' },
    },
    {
      name: 'weights that sum to 1',
      replace: [
        ['Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0))', 'weights.reduce((sum, weight) => sum + weight, 0)'],
      ],
      killedBy: [matches, 'a repeated word weighs as often as it occurs'],
      looksLike: {
        en: 'the vector is divided by its sum; divide by the root of the sum of squares',
        zh: '向量除以了各项之和，应除以平方和的平方根',
      },
    },
    {
      name: 'idf refitted on the query',
      replace: [['weights[at]! += idf[at]!;', 'weights[at]! += Math.log(2 / 2) + 1;']],
      killedBy: [matches, 'transform weighs with the idf that it is given'],
      looksLike: {
        en: 'the query is weighed with an idf of its own; use the one that was fitted',
        zh: '查询用了自己的 idf，应当用拟合好的那个',
      },
    },
    {
      name: 'counts each word of the text once',
      replace: [['for (const word of doc) {', 'for (const word of new Set(doc)) {']],
      killedBy: [matches, 'a repeated word weighs as often as it occurs'],
      looksLike: { en: 'a word that the text repeats weighs only once', zh: '文本里重复的词只算了一次' },
    },
    {
      name: 'words in alphabetical order',
      replace: [
        ['  const df: number[] = [];', '  const df: number[] = [];\n  docs = [[...new Set(docs.flat())].sort(), ...docs];'],
        [formula, 'Math.log(docs.length / n) + 1'],
      ],
      killedBy: 'words are numbered as they first appear',
      looksLike: { en: 'words are numbered in the order in which they first appear', zh: '词应按首次出现的顺序编号' },
    },
    {
      name: 'numbers words from 1',
      replace: [[numbering, 'const at = vocab.get(word) ?? vocab.size + 1;']],
      killedBy: 'words are numbered as they first appear',
      looksLike: { en: 'the first word is number 0', zh: '第一个词的编号是 0' },
    },
    {
      name: 'unknown words count in the length',
      replace: [
        ['const at = vocab.get(word);\n    if', 'const at = vocab.get(word);\n    if (at === undefined) unknown++;\n    if'],
        ['const weights = new Float64Array(vocab.size);', 'const weights = new Float64Array(vocab.size);\n  let unknown = 0;'],
        ['sum + weight * weight, 0)', 'sum + weight * weight, unknown)'],
      ],
      killedBy: ['unknown words are left out', matches],
      looksLike: { en: 'unknown words must not count in the length of the vector', zh: '不认识的词不应计入向量长度' },
    },
    {
      name: 'unknown words land on the last place',
      replace: [['const at = vocab.get(word);', 'const at = vocab.get(word) ?? vocab.size - 1;']],
      killedBy: ['unknown words are left out', zeros],
      looksLike: { en: 'an unknown word is counted as another word', zh: '不认识的词被算成了别的词' },
    },
    {
      name: 'divides by a length of 0',
      replace: [[normed, 'weight / length']],
      killedBy: zeros,
      looksLike: { en: 'a text without a known word becomes NaN; it stays zeros', zh: '没有已知词的文本变成了 NaN，应保持全零' },
    },
    {
      name: 'counts in a plain object',
      replace: [
        [
          'const vocab = new Map<string, number>();',
          'const vocab = new Map<string, number>();\n  const seen: Record<string, number> = {};',
        ],
        [numbering, 'const at = (seen[word] ??= vocab.size);'],
      ],
      killedBy: 'words with the names of object properties are words',
      looksLike: {
        en: 'a plain object already has a "constructor": count words in a Map',
        zh: '普通对象自带 constructor 等属性：请用 Map 计数',
      },
    },
    {
      name: 'dot product instead of cosine',
      replace: [['.div(length(a).mul(length(b)))', '']],
      killedBy: 'cosines that can be worked out by hand',
      looksLike: { en: 'the dot product is not divided by the two lengths', zh: '点积没有除以两个长度' },
    },
    {
      name: 'divides by the squares of the lengths',
      replace: [['.maximum(1e-30).sqrt()', '.maximum(1e-30)']],
      killedBy: 'cosines that can be worked out by hand',
      looksLike: { en: 'the lengths lack their square root', zh: '长度忘了开平方' },
    },
    {
      name: 'cosine without its sign',
      replace: [['a.mul(b).sum(-1)', 'a.mul(b).sum(-1).abs()']],
      killedBy: 'cosines that can be worked out by hand',
      looksLike: { en: 'opposite vectors have cosine -1', zh: '方向相反的向量余弦为 -1' },
    },
    {
      name: 'NaN for a vector of zeros',
      replace: [['.maximum(1e-30)', '']],
      killedBy: zeroVector,
      looksLike: { en: '0 / 0: a vector of zeros must give 0', zh: '0 / 0：全零向量应给出 0' },
    },
    {
      name: 'sums over all dims',
      replace: [
        ['x.square().sum(-1)', 'x.square().sum()'],
        ['a.mul(b).sum(-1)', 'a.mul(b).sum()'],
      ],
      killedBy: ['one query meets many documents', 'cosine: a batch of two equals two singles'],
      looksLike: { en: 'rows are added up together; each row has a cosine of its own', zh: '各行被加在一起了，每一行应有自己的余弦' },
    },
    {
      name: 'the widths are not checked',
      replace: [['  checkShapes(a, b);\n', '  if (checkShapes.length === 0) return a;\n']],
      killedBy: 'vectors of two widths are refused',
      looksLike: { en: 'vectors of two widths must throw a ShapeError', zh: '宽度不同的向量应抛出 ShapeError' },
    },
    {
      name: 'takes the words off the list it was given',
      replace: [
        [
          'for (const word of doc) {\n    const at',
          'const list = doc as string[];\n  while (list.length > 0) {\n    const word = list.shift()!;\n    const at',
        ],
      ],
      killedBy: 'transform: does not change its inputs',
      looksLike: { en: 'the list of words belongs to the caller: leave it as it is', zh: '词的列表属于调用者，不要改动' },
    },
  ],
  naive: [
    {
      name: 'walks all documents for every word',
      replace: [
        [
          'return { vocab, idf: Float64Array.from(df, (n) => ',
          'for (const [word, at] of vocab) df[at] = docs.filter((doc) => doc.includes(word)).length;\n  return { vocab, idf: Float64Array.from(df, (n) => ',
        ],
      ],
      fails: 'two thousand documents at a third of the reference or more',
    },
  ],
  survivors: [
    {
      why: 'a Float64Array has no entry `undefined`: what is added there is part of no vector',
      mutants: ['condition: at !== undefined -> true'],
    },
    {
      why: 'the rule treats both alike; only the words of the error name them in another order',
      mutants: ['arguments: checkShapes(a, b) -> checkShapes(b, a)'],
    },
    {
      why: 'the task leaves open below which length a vector counts as zeros',
      mutants: ['constant: x.square().sum(-1).maximum(1e-30) -> x.square().sum(-1).maximum(2e-30)'],
    },
  ],
});
