import { defineMutants } from '@llm-ladder/grader/course';

const both = 'both ways: fewer words, then fewer singles, then backward';
const ambiguous = 'cuts ambiguous sentences from both ends';
const alone = 'a character that no word covers stands alone';

export default defineMutants({
  mutants: [
    {
      name: 'splits by UTF-16 unit',
      replace: [
        ['longest ?? [...text.slice(start, start + 2)][0]!.length', 'longest ?? 1'],
        ['longest ?? [...text.slice(Math.max(0, end - 2), end)].at(-1)!.length', 'longest ?? 1'],
      ],
      killedBy: ['rare characters and emoji stay whole', 'equals the plain loop on random texts'],
      looksLike: { en: 'a rare character or an emoji is cut in half: walk by code points', zh: '生僻字或表情符号被切成两半：应按码点前进' },
    },
    {
      name: 'counts an emoji as two characters in bi',
      replace: [['word.length <= 2 && [...word].length === 1', 'word.length === 1']],
      killedBy: 'equals the plain loop on random texts',
      looksLike: { en: 'an emoji alone is one character when bi counts', zh: 'bi 计数时，单独一个表情符号也是一个字符' },
    },
    {
      name: 'the longest word is never tried',
      replace: [
        ['start + length <= text.length && dict', 'length < Math.max(...[...dict].map((word) => word.length)) && dict'],
        ['length <= end && dict', 'length <= end && length < Math.max(...[...dict].map((word) => word.length)) && dict'],
      ],
      killedBy: 'the longest word of the dictionary counts too',
      looksLike: { en: 'the length of the longest word is off by one', zh: '最长词的长度差了一' },
    },
    {
      name: 'the last word of the text is never tried',
      replace: [['start + length <= text.length && dict', 'start + length < text.length && dict']],
      killedBy: ambiguous,
      looksLike: { en: 'a word at the very end of the text is missed', zh: '文本最末尾的词没有匹配到' },
    },
    {
      name: 'backward words come in reverse order',
      replace: [['return words.reverse();', 'return words;']],
      killedBy: [ambiguous, 'the words joined are the text'],
      looksLike: { en: 'backward found the right words but returns them last to first', zh: '反向切得对，但词的顺序倒了' },
    },
    {
      name: 'backward is forward',
      replace: [["if (mode === 'bwd') return backward(text, dict);", "if (mode === 'bwd') return forward(text, dict);"]],
      killedBy: ambiguous,
      looksLike: { en: 'backward gives the forward result', zh: '反向给出了正向的结果' },
    },
    {
      name: 'backward reads the text in reverse',
      replace: [
        [
          "if (mode === 'bwd') return backward(text, dict);",
          "if (mode === 'bwd') return forward([...text].reverse().join(''), dict).map((word) => [...word].reverse().join('')).reverse();",
        ],
      ],
      killedBy: ambiguous,
      looksLike: { en: 'the text is turned around but the dictionary is not', zh: '文本倒过来了，词典却没有' },
    },
    {
      name: 'the shortest word wins',
      replace: [['lengths.sort((a, b) => b - a)', 'lengths.sort((a, b) => a - b)']],
      killedBy: [ambiguous, 'the longest word of the dictionary counts too'],
      looksLike: { en: 'the first word that fits is taken; take the longest', zh: '取了第一个能匹配的词，应当取最长的' },
    },
    {
      name: 'bi always takes the backward result',
      replace: [
        [
          'if (fwd.length !== bwd.length) return fwd.length < bwd.length ? fwd : bwd;\n  return singles(fwd) < singles(bwd) ? fwd : bwd;',
          'return bwd;',
        ],
        ['const [fwd, bwd] = [forward(text, dict), backward(text, dict)];', 'const bwd = backward(text, dict);'],
      ],
      killedBy: both,
      looksLike: { en: 'bi never takes the forward result', zh: 'bi 从不取正向的结果' },
    },
    {
      name: 'bi prefers more words',
      replace: [['fwd.length < bwd.length ? fwd : bwd', 'fwd.length > bwd.length ? fwd : bwd']],
      killedBy: both,
      looksLike: { en: 'bi takes the result with more words; fewer is better', zh: 'bi 取了词数多的结果，应当取词数少的' },
    },
    {
      name: 'bi looks at singles first',
      replace: [['if (fwd.length !== bwd.length) return', 'if (singles(fwd) === singles(bwd) && fwd.length !== bwd.length) return']],
      killedBy: both,
      looksLike: { en: 'bi compares the singles before the number of words', zh: 'bi 先比了单字词，应当先比词数' },
    },
    {
      name: 'bi skips the rule on singles',
      replace: [['return singles(fwd) < singles(bwd) ? fwd : bwd;', 'return bwd;']],
      killedBy: both,
      looksLike: { en: 'with equally many words, the result with fewer one-character words wins', zh: '词数相同时，应取单字词少的结果' },
    },
    {
      name: 'bi takes forward on a tie',
      replace: [['singles(fwd) < singles(bwd) ? fwd : bwd', 'singles(fwd) <= singles(bwd) ? fwd : bwd']],
      killedBy: both,
      looksLike: { en: 'on a full tie bi takes the backward result', zh: '完全相同时，bi 应取反向的结果' },
    },
    {
      name: 'only unknown characters count as singles',
      replace: [
        ['singles(fwd) < singles(bwd)', 'singles(fwd.filter((word) => !dict.has(word))) < singles(bwd.filter((word) => !dict.has(word)))'],
      ],
      killedBy: both,
      looksLike: { en: 'a one-character word of the dictionary is a single too', zh: '词典里的单字词也算单字词' },
    },
    {
      name: 'unknown characters are dropped',
      replace: [
        ['words.push(text.slice(start, start + length));', 'if (longest !== undefined) words.push(text.slice(start, start + length));'],
      ],
      killedBy: [alone, 'the words joined are the text'],
      looksLike: { en: 'characters that no word covers disappear', zh: '没有词覆盖的字消失了' },
    },
    {
      name: 'unknown characters are glued together',
      replace: [
        [
          'words.push(text.slice(start, start + length));',
          'if (longest === undefined && words.length > 0 && !dict.has(words.at(-1)!)) words.push(words.pop() + text.slice(start, start + length));\n    else words.push(text.slice(start, start + length));',
        ],
      ],
      killedBy: alone,
      looksLike: { en: 'unknown characters stand alone, each by itself', zh: '未登录的字要各自单独成词' },
    },
    {
      name: 'white space is trimmed',
      replace: [
        ["if (mode === 'fwd') return forward(text, dict);", "text = text.trim();\n  if (mode === 'fwd') return forward(text, dict);"],
      ],
      killedBy: 'the words joined are the text',
      looksLike: { en: 'the text is trimmed: white space belongs to it', zh: '文本被去掉了首尾空白，空白也是文本' },
    },
    {
      name: 'compares in lower case',
      replace: [
        ['dict.has(text.slice(start, start + length))', 'dict.has(text.slice(start, start + length).toLowerCase())'],
        [
          'note(byFirst, word.charCodeAt(0), word.length);',
          'note(byFirst, word.charCodeAt(0), word.length);\n    note(byFirst, word.toUpperCase().charCodeAt(0), word.length);',
        ],
      ],
      killedBy: 'upper case is not lower case',
      looksLike: { en: 'words are compared in lower case', zh: '比较时转成了小写' },
    },
    {
      name: 'an empty word is taken',
      replace: [
        ["if (word === '') continue; // would match everywhere and lead nowhere", ''],
        [
          'const lengths = byFirst.get(text.charCodeAt(start)) ?? [];',
          "const lengths = byFirst.get(text.charCodeAt(start)) ?? [];\n    if (dict.has('')) words.push('');",
        ],
      ],
      killedBy: 'an empty text, an empty dictionary, an empty word',
      looksLike: { en: 'an empty string in the dictionary is no word', zh: '词典里的空字符串不算词' },
    },
    {
      name: 'an unknown mode passes for bi',
      replace: [["if (mode !== 'bi') throw new UsageError('segment', \"mode 'fwd', 'bwd' or 'bi'\", JSON.stringify(mode));", '']],
      killedBy: 'another mode is refused',
      looksLike: { en: 'a mode that does not exist passes; it must throw a UsageError', zh: '不存在的模式被放过了，应当抛出 UsageError' },
    },
  ],
  naive: [
    {
      name: 'tries every candidate up to the end of the text',
      replace: [
        [
          'const lengths = byFirst.get(text.charCodeAt(start)) ?? [];',
          'const lengths = Array.from({ length: text.length - start }, (_, i) => text.length - start - i);',
        ],
      ],
      fails: 'twice the text takes twice the time',
    },
  ],
  survivors: [
    {
      why: 'compared only where the two numbers differ',
      mutants: ['operator: fwd.length < bwd.length -> fwd.length <= bwd.length'],
    },
    {
      why: 'a slice ends with the text: a length that reaches beyond it finds the same last word, and the walk ends there all the same',
      mutants: ['operator: start + length -> start - length'],
    },
    {
      why: 'the first or last character is the same in three units as in two, and so is the length of either character of two units',
      mutants: [
        'constant: start + 2 -> start + 3',
        'constant: end - 2 -> end - 3',
        'constant: [...text.slice(Math.max(0, end - 2), end)].at(-1) -> [...text.slice(Math.max(0, end - 2), end)].at(0)',
      ],
    },
    {
      why: 'the same characters, only slower: the threshold is about the time',
      mutants: ['call: Math.max(0, end - 2) -> (0)'],
    },
    {
      why: 'a word of three units is never one character: the number of characters decides',
      mutants: ['constant: word.length <= 2 -> word.length <= 3'],
    },
  ],
});
