import { defineMutants } from '@llm-ladder/grader/course';

const bounds = 'each rule is broken on one side of its bound only, in both languages';
const points = 'characters are code points, letters are those of any script';
const blank = 'blank lines and white space around a line count for nothing';
const estimates = 'the share of equal places estimates the Jaccard similarity';
const different = 'the k functions are k different ones';
const belongs = 'a signature belongs to a set and a seed, and holds the least values';
const near = 'near-duplicates go, and hardly anything else does';
const clear = 'equals comparing all pairs where likeness is clear';
const order = 'the order of the documents is no matter';
const decides = 'the comparison decides, thr included, and what was dropped drops nobody';
const empty = 'no documents, and texts without a letter';

const salted = 'mix32(mix32(seed) + i)';
const asked = 'for (const other of candidates) alike ||= (await compare(other, doc)) >= thr;';
const sorted = '.sort((a, b) => docs[b]!.length - docs[a]!.length || before(a, b))';
const signed = 'minhash(shingles(docs[doc]!), k, seed)';
const rows = 'const rows = rowsPerBand(thr, k);';
const codePoints = "const chars = [...doc.replace(/\\s+/gu, '')];";
const cutLines = 'const cut = lines.filter((line) => /(\\.\\.\\.|…)$/u.test(line)).length;';

export default defineMutants({
  mutants: [
    {
      name: 'exact hash only',
      replace: [[signed, 'minhash([docs[doc]!], k, seed)']],
      killedBy: [near, clear],
      looksLike: {
        en: 'only exact copies are found; sign the shingles, not the whole text',
        zh: '只找到完全相同的文本；应当对片段做签名，而不是整篇',
      },
    },
    {
      name: 'same hash function k times',
      replace: [[salted, 'mix32(mix32(seed) + k)']],
      killedBy: [estimates, different],
      looksLike: { en: 'the k hash functions are one and the same', zh: 'k 个哈希函数其实是同一个' },
    },
    {
      name: 'eight hash functions in turn',
      replace: [[salted, 'mix32(mix32(seed) + (i % 8))']],
      killedBy: [estimates, different],
      looksLike: { en: 'the hash functions repeat after a few', zh: '哈希函数只有几个，之后就重复了' },
    },
    {
      name: 'the seed is ignored',
      replace: [[salted, 'mix32(mix32(Math.min(seed, 0)) + i)']],
      killedBy: belongs,
      looksLike: { en: 'another seed gives the same functions', zh: '换了种子，函数却没变' },
    },
    {
      name: 'other functions in each call',
      replace: [[salted, 'mix32(mix32(seed + Math.floor(2 ** 30 * Math.random())) + i)']],
      killedBy: [estimates, belongs],
      looksLike: { en: 'two calls with one seed use different functions', zh: '同一个种子，两次调用用了不同的函数' },
    },
    {
      name: 'the largest value instead of the least',
      replace: [['if (value < least[i]!) least[i] = value;', 'if (value > least[i]! || least[i] === 0xffffffff) least[i] = value;']],
      killedBy: belongs,
      looksLike: { en: 'the signature holds the largest values, not the least', zh: '签名存的是最大值，而不是最小值' },
    },
    {
      name: 'the last shingle wins',
      replace: [['if (value < least[i]!) least[i] = value;', 'least[i] = value;']],
      killedBy: [estimates, belongs],
      looksLike: { en: 'each shingle overwrites the last: keep the smaller', zh: '后面的片段覆盖了前面的：应保留较小的' },
    },
    {
      name: 'zeros for no shingles',
      replace: [['.fill(0xffffffff)', '.fill(pieces instanceof Array && pieces.length === 0 ? 0 : 0xffffffff)']],
      killedBy: belongs,
      looksLike: { en: 'a signature begins at 2^32 - 1', zh: '签名应从 2^32 - 1 开始' },
    },
    {
      name: 'candidates are taken for duplicates',
      replace: [
        [asked, 'let alikeAtAll = 0;\n    for (const other of candidates) if (other !== doc) alikeAtAll++;\n    alike = alikeAtAll > 0;'],
      ],
      killedBy: [near, decides],
      looksLike: { en: 'candidates are dropped without being compared', zh: '候选没有比较就被去掉了' },
    },
    {
      name: 'one band of the whole signature',
      replace: [[rows, 'const rows = Math.max(k, rowsPerBand(thr, k));']],
      killedBy: near,
      looksLike: { en: 'the whole signature must be equal; cut it into bands', zh: '要求整个签名都相同；应当切成几段' },
    },
    {
      name: 'survivors depend on the order of the list',
      replace: [[sorted, '.sort((a, b) => Math.min(0, before(a, b)) && 0)']],
      killedBy: [order, clear],
      looksLike: { en: 'the first in the list stays; begin with the longest', zh: '留下的是列表里的第一篇；应当从最长的开始' },
    },
    {
      name: 'equally long texts in the order of the list',
      replace: [[sorted, '.sort((a, b) => docs[b]!.length - docs[a]!.length || (before(a, b) && a - b))']],
      killedBy: order,
      looksLike: { en: 'of equally long texts the first in string order stays', zh: '一样长的文本，应留字符串次序在前的' },
    },
    {
      name: 'of equal texts the last stays',
      replace: [[sorted, '.sort((a, b) => docs[b]!.length - docs[a]!.length || before(a, b) || b - a)']],
      killedBy: clear,
      looksLike: { en: 'of equal texts the last in the list stays; keep the first', zh: '完全相同的文本留下了最后一篇；应留第一篇' },
    },
    {
      name: 'the shortest stays',
      replace: [['docs[b]!.length - docs[a]!.length', 'docs[a]!.length - docs[b]!.length']],
      killedBy: [clear, decides],
      looksLike: { en: 'the shortest of the duplicates stays; keep the longest', zh: '留下了最短的；应留最长的' },
    },
    {
      name: 'what was dropped drops others',
      replace: [['    if (alike) continue;\n    survivors.push(doc);', '    if (!alike) survivors.push(doc);']],
      killedBy: decides,
      looksLike: { en: 'a document that was dropped still drops others', zh: '已经去掉的文档还在淘汰别人' },
    },
    {
      name: 'thr itself is not alike enough',
      replace: [['(await compare(other, doc)) >= thr', '(await compare(other, doc)) > thr']],
      killedBy: [decides, clear],
      looksLike: { en: 'a likeness of exactly thr is a duplicate, too', zh: '相似度恰好等于 thr 也算重复' },
    },
    {
      name: 'the comparison is not asked',
      replace: [
        ['(await compare(other, doc)) >= thr', 'jaccard(shingles(docs[other]!), shingles(docs[doc]!)) >= (compare.length > 9 ? 0 : thr)'],
      ],
      killedBy: decides,
      looksLike: { en: 'the comparison that was given is not used', zh: '没有使用传入的 compare' },
    },
    {
      name: 'the answer is not awaited',
      replace: [['(await compare(other, doc)) >= thr', 'Number(compare(other, doc)) >= thr']],
      killedBy: decides,
      looksLike: { en: 'compare gives a promise: await it', zh: 'compare 给出的是 Promise：要用 await' },
    },
    {
      name: 'share of the smaller set',
      replace: [['const together = a.size + b.size - shared;', 'const together = Math.min(a.size, b.size);']],
      killedBy: clear,
      looksLike: {
        en: 'what is shared is divided by the smaller set; divide by the union',
        zh: '共有的除以了较小的集合；应除以并集',
      },
    },
    {
      name: 'two empty sets have nothing in common',
      replace: [['together === 0 ? 1', 'together === 0 ? 0']],
      killedBy: empty,
      looksLike: { en: 'texts without a letter are all alike', zh: '没有字母的文本彼此都算相同' },
    },
    {
      name: 'survivors in the order of their length',
      replace: [['return survivors.sort((a, b) => a - b);', 'return survivors;']],
      killedBy: [clear, order],
      looksLike: { en: 'places come in rising order', zh: '位置应从小到大' },
    },
    {
      name: 'counts UTF-16 units',
      replace: [[codePoints, "const chars = doc.replace(/\\s+/gu, '').split('');"]],
      killedBy: [bounds, points],
      looksLike: { en: 'a rare hanzi or an emoji counts twice: count code points', zh: '生僻字和 emoji 被算了两次：应按码点数' },
    },
    {
      name: 'counts words between spaces',
      replace: [['short: chars.length < MIN_CHARS', 'short: doc.trim().split(/\\s+/u).length < MIN_CHARS / 5']],
      killedBy: [bounds, points],
      looksLike: { en: 'words are counted; Chinese has no spaces between them', zh: '数的是单词；中文的词之间没有空格' },
    },
    {
      name: 'letters of English only',
      replace: [['/[\\p{L}\\p{M}\\p{N}]/u', '/\\w/u']],
      killedBy: [bounds, points],
      looksLike: { en: '\\w knows no hanzi: use \\p{L}, \\p{M} and \\p{N}', zh: '\\w 不认识汉字：请用 \\p{L}、\\p{M}、\\p{N}' },
    },
    {
      name: 'marks are no letters',
      replace: [['\\p{L}\\p{M}\\p{N}]/u.test', '\\p{L}\\p{N}]/u.test']],
      killedBy: points,
      looksLike: {
        en: 'vowel signs of Hindi and the like are marks, \\p{M}: they count as letters',
        zh: '印地语等的元音符号属于 \\p{M}，也算字母',
      },
    },
    {
      name: 'white space counts as characters',
      replace: [[codePoints, 'const chars = [...doc];']],
      killedBy: [bounds, points],
      looksLike: { en: 'white space is counted as characters', zh: '空白被算成了字符' },
    },
    {
      name: 'blank lines are lines',
      replace: [['line.trim() || []', 'line.trim()']],
      killedBy: blank,
      looksLike: { en: 'blank lines count as repeated lines', zh: '空行被算成了重复的行' },
    },
    {
      name: 'lines are not trimmed',
      replace: [['line.trim() || []', 'line || []']],
      killedBy: blank,
      looksLike: { en: 'white space at the ends makes lines differ: trim them', zh: '首尾的空白让行看起来不同：先 trim' },
    },
    {
      name: 'the first of equal lines counts too',
      replace: [
        [
          'const repeated = lines.length - new Set(lines).size;',
          'const repeated = lines.filter((line) => lines.filter((other) => other === line).length > 1).length;',
        ],
      ],
      killedBy: [bounds, blank],
      looksLike: { en: 'the first of equal lines is no repeat', zh: '相同的行里，第一行不算重复' },
    },
    {
      name: 'a bound belongs to the bad side',
      replace: [['10 * repeated > 3 * lines.length', '10 * repeated >= 3 * lines.length']],
      killedBy: bounds,
      looksLike: { en: 'exactly 30 % is still good', zh: '恰好 30 % 仍算好' },
    },
    {
      name: 'only ... cuts a line off',
      replace: [[cutLines, "const cut = lines.filter((line) => line.endsWith('...')).length;"]],
      killedBy: bounds,
      looksLike: { en: 'the sign … cuts a line off, too', zh: '以 … 结尾的行也算被截断' },
    },
    {
      name: 'windows that do not overlap',
      replace: [['const windows = chars.slice(LOOP_WIDTH - 1).map((_, at) => chars.slice(at, at + LOOP_WIDTH).join(\'\'));', 'const windows = Array.from({ length: Math.floor(chars.length / LOOP_WIDTH) }, (_, at) => chars.slice(at * LOOP_WIDTH, (at + 1) * LOOP_WIDTH).join(\'\'));']], // biome-ignore format: one line
      killedBy: bounds,
      looksLike: { en: 'windows begin at every character, not at every eighth', zh: '窗口从每个字符开始，而不是每隔八个' },
    },
  ],
  naive: [
    {
      name: 'compares all pairs',
      replace: [
        ['compare = (one, other) => jaccard(shingles(docs[one]!), shingles(docs[other]!))', 'compare = ((sets) => (one: number, other: number) => jaccard(sets[one]!, sets[other]!))(docs.map((doc) => shingles(doc)))'],['const candidates = new Set(bands.flatMap((band) => stayed.get(band) ?? []));', 'const candidates = new Set([...survivors, ...bands.flatMap((band) => stayed.get(band) ?? [])]);']], // biome-ignore format: one line
      fails: 'at most 5 % of the pairs of a random corpus are compared',
    },
    {
      name: 'bands of one number',
      replace: [[rows, 'const rows = Math.min(1, rowsPerBand(thr, k));']],
      fails: 'at most 5 % of the pairs of a random corpus are compared',
    },
  ],
  survivors: [
    {
      why: 'which k functions there are is open, and these are as many, and as different',
      mutants: [
        'call: mix32(mix32(seed) + i) -> (mix32(seed) + i)',
        'call: mix32(seed) -> (seed)',
        'operator: mix32(seed) + i -> mix32(seed) - i',
        'off by one: salts[i] -> salts[i + 1]',
        'off by one: salts[i] -> salts[i - 1]',
      ],
    },
    {
      why: 'a typed array has no place -1 and none behind its end: nothing is less than what is not there',
      mutants: ['constant: i = 0 -> i = -1', 'operator: i < k -> i <= k'],
    },
    {
      why: 'where both are equal, it does not matter which is kept',
      mutants: ['operator: value < least[i] -> value <= least[i]'],
    },
    {
      why: 'a subtraction makes numbers of truth values',
      mutants: ['call: Number(docs[a]! > docs[b]!) -> (docs[a]! > docs[b])', 'call: Number(docs[a]! < docs[b]!) -> (docs[a]! < docs[b])'],
    },
    {
      why: 'a comparison that says "behind" of equals leaves them in the order of the list, as 0 does',
      mutants: ['operator: docs[a]! > docs[b] -> docs[a]! >= docs[b]'],
    },
    {
      why: 'Array.from cuts off the fraction of a length',
      mutants: ['call: Math.floor(k / rows) -> (k / rows)'],
    },
    {
      why: 'likeness has no direction',
      mutants: ['arguments: compare(other, doc) -> compare(doc, other)'],
    },
    {
      why: 'survivors are sorted in the end',
      mutants: ['method: survivors.push(doc) -> survivors.unshift(doc)'],
    },
    {
      why: 'a part of a band more in the forecast changes the rows of a band by one at most: how many are enough is open, within what the tests measure',
      mutants: ['call: Math.floor(k / rows) -> (k / rows) #2', 'method: Math.floor(k / rows) -> Math.ceil(k / rows) #2'],
    },
    {
      why: 'no number of rows finds exactly 0.97',
      mutants: ['operator: found(rows) < FOUND_AT_THRESHOLD -> found(rows) <= FOUND_AT_THRESHOLD'],
    },
    {
      why: 'thr is at most 1: twice alike is alike',
      mutants: ['constant: together === 0 ? 1 : shared / together -> together === 0 ? 2 : shared / together'],
    },
    {
      why: 'survivors do not depend on the seed where likeness is clear, and which other pairs become candidates is open',
      mutants: ['argument: minhash(shingles(docs[doc]!), k, seed) -> minhash(shingles(docs[doc]!), k)'],
    },
    {
      why: 'more candidates, the same survivors: slow but right, as the naive versions are; the threshold of 5 % of the pairs is what keeps them few',
      mutants: [
        'constant: 1 - (1 - thr ** rows) ** Math.floor(k / rows) -> 0 - (1 - thr ** rows) ** Math.floor(k / rows)',
        'constant: 1 - thr ** rows -> 2 - thr ** rows',
        'operator: 1 - thr ** rows -> 1 + thr ** rows',
        'operator: (1 - thr ** rows) ** Math.floor(k / rows) -> (1 - thr ** rows) * Math.floor(k / rows)',
        'method: Math.floor(k / rows) -> Math.ceil(k / rows)',
      ],
    },
  ],
});
