import { defineMutants } from '@llm-ladder/grader/course';

const byHand = 'learns the merges worked out by hand';
const loop = 'learns what the plain loop learns from random words';
const overlap = 'pairs that overlap both count, and merging goes from the left';
const ties = 'a tie goes to the first pair in code-point order';
const ranks = 'merges are applied in the order of their rank';
const howMany = 'as many merges as asked for, or as there are';
const order = 'return (compareCodePoints(a[0], b[0]) || compareCodePoints(a[1], b[1])) < 0;';
const tally = 'pair.count += times;';
const walk = 'for (let i = 1; i < symbols.length; i++) lowest = Math.min(lowest, ranks.get(symbols[i - 1]!)?.get(symbols[i]!) ?? lowest);';

export default defineMutants({
  mutants: [
    {
      name: 'greedy longest match at encode',
      replace: [
        [
          'const ranks = ranksOf(merges);',
          "const vocab = new Set(merges.map(([left, right]) => left + right));\n  const chars = [...word];\n  const pieces: string[] = [];\n  while (chars.length > 0) {\n    let size = chars.length;\n    while (size > 1 && !vocab.has(chars.slice(0, size).join(''))) size--;\n    pieces.push(chars.splice(0, size).join(''));\n  }\n  if (pieces.length >= 0) return pieces;\n  const ranks = ranksOf(merges);",
        ],
      ],
      killedBy: [ranks, 'applies what the plain loop applies to random words'],
      looksLike: {
        en: 'the longest subword is taken; BPE applies merges in the order in which they were learned',
        zh: '取了最长的子词；BPE 应按学到的先后应用合并',
      },
    },
    {
      name: 'the frequency of words is ignored',
      replace: [
        ['if (count > 0) tally({ symbols: [...word], count }, count);', 'if (count > 0) tally({ symbols: [...word], count: 1 }, 1);'],
      ],
      killedBy: [byHand, 'a pair counts as often as its word occurs'],
      looksLike: { en: 'every word counts once, however often it occurs', zh: '每个词只算一次，没有乘上词频' },
    },
    {
      name: 'skips overlaps when counting',
      replace: [
        [
          'if (left === undefined) continue;',
          'if (left === undefined) continue;\n      let run = 1; // how many of the same symbol end here\n      while (word.symbols[i - run] === right) run++;\n      if (left === right && run % 2 === 1) continue;',
        ],
      ],
      killedBy: overlap,
      looksLike: { en: '"aaa" holds "aa" twice: pairs that overlap both count', zh: '"aaa" 里有两个 "aa"：重叠的两对都要算' },
    },
    {
      name: 'counts are never taken back',
      replace: [['tally(word, -word.count);', 'word.symbols.length;']],
      killedBy: [byHand, loop],
      looksLike: { en: 'after a merge the pairs that it used up still count', zh: '合并之后，被用掉的那些对仍在计数' },
    },
    {
      name: 'new pairs are never counted',
      replace: [
        ['tally(word, word.count);\n    }', '}'],
        ['word.symbols = mergePair', 'if (word.symbols.length > 0) word.symbols = mergePair'],
      ],
      killedBy: [byHand, loop],
      looksLike: { en: 'a merged symbol makes new pairs: count them too', zh: '合并出的符号会形成新的对，它们也要计数' },
    },
    {
      name: 'a word that holds its pair twice counts once',
      replace: [[tally, 'if (times < 0 || !pair.words.has(word)) pair.count += times;\n      pair.count = Math.max(0, pair.count);']],
      killedBy: loop,
      looksLike: { en: 'a pair that stands twice in a word counts twice', zh: '一个词里出现两次的对要算两次' },
    },
    {
      name: 'a tie goes to the last pair',
      replace: [[order, order.replace('< 0', '> 0')]],
      killedBy: [ties, byHand],
      looksLike: { en: 'on a tie the first pair in code-point order wins, not the last', zh: '相同时应取码点顺序靠前的一对' },
    },
    {
      name: 'a tie goes to whichever stands first',
      replace: [[order, 'return false;']],
      killedBy: [ties, 'the order of the words makes no difference'],
      looksLike: {
        en: 'a tie is settled by the order of the words; it is the order of code points',
        zh: '相同时按词的先后取了，应按码点顺序',
      },
    },
    {
      name: 'a tie by UTF-16 units',
      replace: [[order, 'return a[0] === b[0] ? a[1] < b[1] : a[0] < b[0];']],
      killedBy: ties,
      looksLike: {
        en: 'JavaScript compares UTF-16 units: an emoji comes out too early',
        zh: 'JavaScript 的 < 比较 UTF-16 单元：表情符号排得太靠前',
      },
    },
    {
      name: 'a tie by the joined text',
      replace: [[order, "return compareCodePoints(a.join(''), b.join('')) < 0;"]],
      killedBy: ties,
      looksLike: {
        en: 'compare the left symbols first, then the right ones, not the joined text',
        zh: '应先比左边的符号、再比右边的，而不是比拼接后的文本',
      },
    },
    {
      name: 'a tie by the right symbol',
      replace: [[order, 'return (compareCodePoints(a[1], b[1]) || compareCodePoints(a[0], b[0])) < 0;']],
      killedBy: ties,
      looksLike: { en: 'the right symbols are compared before the left ones', zh: '先比了右边的符号，应先比左边的' },
    },
    {
      name: 'merges from the right',
      replace: [
        [
          'for (let i = 0; i < symbols.length; i++) {\n    const fits = symbols[i] === left && symbols[i + 1] === right;',
          'for (let i = symbols.length - 1; i >= 0; i--) {\n    const fits = symbols[i - 1] === left && symbols[i] === right;',
        ],
        ['if (fits) i++;', 'if (fits) i--;'],
        ['return merged;', 'return merged.reverse();'],
      ],
      killedBy: overlap,
      looksLike: { en: '"aaa" becomes "aa", "a": merging goes from the left', zh: '"aaa" 应变成 "aa"、"a"：合并从左往右' },
    },
    {
      name: 'merges only the first place',
      replace: [['const fits = symbols[i] === left', 'const fits = !merged.includes(left + right) && symbols[i] === left']],
      killedBy: [loop, overlap],
      looksLike: {
        en: 'a merge applies everywhere in the word, not only at its first place',
        zh: '合并要作用于词里的每一处，而不只是第一处',
      },
    },
    {
      name: 'splits words by UTF-16 unit',
      replace: [['tally({ symbols: [...word], count }, count)', "tally({ symbols: word.split(''), count }, count)"]],
      killedBy: [ties, loop],
      looksLike: { en: 'an emoji is cut in half: split words by code points', zh: '表情符号被切成两半：应按码点拆词' },
    },
    {
      name: 'applies to UTF-16 units',
      replace: [['let symbols = [...word];', "let symbols = word.split('');"]],
      killedBy: 'characters that were never seen stay alone, whole',
      looksLike: { en: 'an emoji is cut in half: start from code points', zh: '表情符号被切成两半：应从码点开始' },
    },
    {
      name: 'words are one long text',
      replace: [
        [
          'for (const [word, count] of freq) {',
          "for (const [word, count] of [[[...freq].map(([one, times]) => one.repeat(times)).join(''), 1]] as [string, number][]) {",
        ],
      ],
      killedBy: [byHand, howMany],
      looksLike: { en: 'a pair reaches from one word into the next', zh: '有一对跨过了词的边界' },
    },
    {
      name: 'one merge too many',
      replace: [['while (learned.length < merges &&', 'while (learned.length <= merges &&']],
      killedBy: [byHand, howMany],
      looksLike: { en: 'one merge too many', zh: '多了一次合并' },
    },
    {
      name: 'stops at pairs that occur once',
      replace: [['learned.push(pair.merge);', 'if (count < 2) break;\n    learned.push(pair.merge);']],
      killedBy: ['a pair counts as often as its word occurs', 'with every merge, each word of the corpus is one piece'],
      looksLike: { en: 'a pair that occurs once is merged too', zh: '只出现一次的对也要合并' },
    },
    {
      name: 'words that occur 0 times count',
      replace: [
        [
          'if (count > 0) tally({ symbols: [...word], count }, count);',
          'tally({ symbols: [...word], count: count || 0.5 }, count || 0.5);',
        ],
      ],
      killedBy: 'a pair counts as often as its word occurs',
      looksLike: { en: 'a word with count 0 gives no merges', zh: '次数为 0 的词不产生合并' },
    },
    {
      name: 'applies the leftmost pair first',
      replace: [[walk, 'for (let i = symbols.length - 1; i >= 1; i--) lowest = ranks.get(symbols[i - 1]!)?.get(symbols[i]!) ?? lowest;']],
      killedBy: ranks,
      looksLike: { en: 'the leftmost pair goes first; it is the earliest learned', zh: '先合并了最左边的一对，应先合并最早学到的' },
    },
    {
      name: 'applies the latest learned first',
      replace: [
        [
          walk,
          'let latest = -1;\n    for (let i = 1; i < symbols.length; i++) latest = Math.max(latest, ranks.get(symbols[i - 1]!)?.get(symbols[i]!) ?? -1);\n    if (latest >= 0) lowest = latest;',
        ],
      ],
      killedBy: ranks,
      looksLike: { en: 'the merge learned last goes first; it is the earliest', zh: '先用了最后学到的合并，应先用最早的' },
    },
    {
      name: 'applies one merge and stops',
      replace: [['symbols = mergePair(symbols, merge);\n  }', 'return mergePair(symbols, merge);\n  }']],
      killedBy: [ranks, 'with every merge, each word of the corpus is one piece'],
      looksLike: { en: 'only one merge is applied; go on while any fits', zh: '只应用了一次合并，应一直做到没有可合并的' },
    },
    {
      name: 'drops characters that were never seen',
      replace: [
        [
          'if (merge === undefined) return symbols;',
          'if (merge === undefined) return symbols.filter((symbol) => merges.flat().some((known) => known.includes(symbol) || symbol.includes(known)));',
        ],
      ],
      killedBy: 'characters that were never seen stay alone, whole',
      looksLike: { en: 'unknown characters disappear from the result', zh: '没见过的字符从结果里消失了' },
    },
    {
      name: 'any number of merges passes',
      replace: [['Number.isInteger(merges) && merges >= 0', 'merges !== undefined']],
      killedBy: 'a number of merges that is not whole is refused',
      looksLike: {
        en: 'a number of merges that is negative or not whole must throw a UsageError',
        zh: '合并数为负或不是整数时，应抛出 UsageError',
      },
    },
  ],
  survivors: [
    {
      why: 'a pair that also lists words which no longer hold it gives them another look, and changes nothing there',
      mutants: ['condition: times > 0 -> true', 'statement: pair.words.delete(word); -> ;', 'call: pair.words.delete(word) -> pair.words'],
    },
    {
      why: 'a word that occurs 0 times adds 0 to its pairs and is listed by none of them; all other counts are 1 or more',
      mutants: [
        'operator: times > 0 -> times >= 0',
        'constant: times > 0 -> times > -1',
        'condition: count > 0 -> true',
        'operator: count > 0 -> count >= 0',
        'constant: count > 0 -> count > -1',
      ],
    },
    {
      why: 'an entry of a pair that is gone, with count 0, stands behind every pair that is left, and the loop ends with the last of those',
      mutants: [
        'condition: pair.count > 0 -> true #2',
        'operator: pair.count > 0 -> pair.count >= 0 #2',
        'constant: pair.count > 0 -> pair.count > -1 #2',
      ],
    },
    {
      why: 'pairs that are queued twice are learned once: after that their count is 0, and the other entry is old',
      mutants: ['statement: changed.clear(); -> ;', 'call: changed.clear() -> changed'],
    },
    {
      why: 'before the first and behind the last symbol is undefined, which no merge holds',
      mutants: ['constant: i = 1 -> i = 0', 'operator: i < symbols.length -> i <= symbols.length'],
    },
    {
      why: 'only two entries of one pair compare equal; their order makes no difference, since one of them is old',
      mutants: [
        'operator: (compareCodePoints(a[0], b[0]) || compareCodePoints(a[1], b[1])) < 0 -> (compareCodePoints(a[0], b[0]) || compareCodePoints(a[1], b[1])) <= 0',
        'constant: (compareCodePoints(a[0], b[0]) || compareCodePoints(a[1], b[1])) < 0 -> (compareCodePoints(a[0], b[0]) || compareCodePoints(a[1], b[1])) < 1',
      ],
    },
  ],
});
