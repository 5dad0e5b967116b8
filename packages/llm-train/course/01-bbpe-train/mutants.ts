import { defineMutants } from '@llm-ladder/grader/course';

const cut = 'for (const text of texts) for (const part of border ? text.split(border) : [text]) eachPretoken(part, count);';
const golden = "equals Hugging Face's trainer on 200 KB of two languages";
const afresh = 'equals counting afresh after every merge';
const rare = 'stops when the best pair is too rare, rarer than 2 unless told';
const borders = 'no token reaches over the border of a pre-token or of a text';
const ids = 'specials have ids 0, 1, 2 ..., then the bytes by their characters';
const overlap = 'windows overlap when pairs are counted, merges go from left to right';
const tie = 'a tie goes to the lowest left id, then to the lowest right id';
const literals = 'special literals are cut out of the text';
const best = 'return best !== undefined && best.count >= this.#minFreq ? best : undefined;';
const add = 'const number = this.#queue.add(left, right, count);';

/** Right, and slow: pairs are counted incrementally, but nothing tells which words hold a pair or which pair is the best. */
const searching = `
import { UsageError } from '@llm-ladder/backend/errors';
import { BYTE_CHARS, BYTES_IN_ORDER, eachPretoken } from '@llm-ladder/llm-train/pretokens';

export function trainBpe(texts: Iterable<string>, { vocab, minFreq = 2, special = [] as string[] }: { vocab: number; minFreq?: number; special?: string[] }) {
  if (!(Number.isInteger(vocab) && vocab >= special.length + 256)) throw new UsageError('trainBpe', 'more', String(vocab));
  if (special.includes('') || new Set(special).size < special.length) throw new UsageError('trainBpe', 'other specials', String(special));
  const tokens = [...special, ...BYTES_IN_ORDER.map((byte) => BYTE_CHARS[byte]!)];
  const times = new Map<string, number>();
  for (const text of texts) {
    let parts = [text];
    for (const literal of special.toSorted((a, b) => b.length - a.length)) parts = parts.flatMap((part) => part.split(literal));
    for (const part of parts) eachPretoken(part, (word) => void times.set(word, (times.get(word) ?? 0) + 1));
  }
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const words = [...times].map(([word, n]) => ({ n, ids: Array.from(new TextEncoder().encode(word), (byte) => ids.get(BYTE_CHARS[byte]!)!) }));
  const counts = new Map<number, number>();
  const count = (word: number[], n: number) => {
    for (let i = 1; i < word.length; i++) {
      const pair = word[i - 1]! * 65536 + word[i]!;
      counts.set(pair, (counts.get(pair) ?? 0) + n);
    }
  };
  for (const word of words) count(word.ids, word.n);
  const merges: [string, string][] = [];
  while (tokens.length < vocab) {
    let [pair, most] = [0, 0];
    for (const [one, n] of counts) if (n > most || (n === most && one < pair)) [pair, most] = [one, n];
    if (most < Math.max(1, minFreq)) break;
    const [left, right] = [Math.floor(pair / 65536), pair % 65536];
    merges.push([tokens[left]!, tokens[right]!]);
    const id = tokens.push(tokens[left]! + tokens[right]!) - 1;
    for (const word of words) {
      if (!word.ids.some((one, i) => one === left && word.ids[i + 1] === right)) continue;
      count(word.ids, -word.n);
      for (let i = 0; i + 1 < word.ids.length; i++) if (word.ids[i] === left && word.ids[i + 1] === right) word.ids.splice(i, 2, id);
      count(word.ids, word.n);
    }
  }
  return { vocab: new Map(tokens.map((token, id) => [token, id])), merges };
}
`;

export default defineMutants({
  mutants: [
    {
      name: 'merges across pre-token borders',
      replace: [[cut, cut.replace('eachPretoken(part, count)', 'count(part)')]],
      killedBy: [golden, borders],
      looksLike: { en: 'tokens reach over spaces: cut each text into pre-tokens first', zh: '词元跨过了空格：先把文本切成预分词' },
    },
    {
      name: 'texts glued together',
      replace: [[cut, cut.replace('of texts)', "of [[...texts].join('')])")]],
      killedBy: borders,
      looksLike: { en: 'the end of one text meets the start of the next', zh: '一段文本的结尾和下一段的开头连在了一起' },
    },
    {
      name: 'specials learned like text',
      replace: [[cut, 'for (const text of texts) eachPretoken(text, count);\n  void border;']],
      killedBy: literals,
      looksLike: {
        en: 'special literals in the text are split and merged like words',
        zh: '文本里的特殊词元字面被当成普通文字拆开、合并了',
      },
    },
    {
      name: 'literals taken as regular expressions',
      replace: [["literal.replace(/[\\\\^$.*+?()[\\]{}|]/g, '\\\\$&')", 'literal']],
      killedBy: literals,
      looksLike: {
        en: 'the | of <|im_end|> is read as "or" by the regular expression: escape it',
        zh: '<|im_end|> 里的 | 被正则表达式当成了“或”：需要转义',
      },
    },
    {
      name: 'a space before every text',
      replace: [[cut, cut.replace('eachPretoken(part, count)', "eachPretoken(' ' + part, count)")]],
      killedBy: golden,
      looksLike: { en: 'a space is added in front of the text', zh: '在文本前面加了空格' },
    },
    {
      name: 'everything in lower case',
      replace: [[cut, cut.replace('eachPretoken(part, count)', 'eachPretoken(part.toLowerCase(), count)')]],
      killedBy: 'words with names of object members are words like others',
      looksLike: { en: 'the text is changed to lower case', zh: '文本被改成了小写' },
    },
    {
      name: 'counts in a plain object',
      replace: [
        [
          'const counts = new Map<string, number>();',
          'const plain: Record<string, number> = {}; const counts = new Map<string, number>();',
        ],
        ['void counts.set(pretoken, (counts.get(pretoken) ?? 0) + 1)', '{ plain[pretoken] = (plain[pretoken] ?? 0) + 1; }'],
        [
          'eachPretoken(part, count);\n  return counts;',
          'eachPretoken(part, count);\n  for (const [word, n] of Object.entries(plain)) counts.set(word, n);\n  return counts;',
        ],
      ],
      killedBy: 'words with names of object members are words like others',
      looksLike: {
        en: "a word named 'constructor' is lost in a plain object: use a Map",
        zh: "名为 'constructor' 的词在普通对象里会出错：请用 Map",
      },
    },
    {
      name: 'UTF-16 units as bytes',
      replace: [['encoder.encode(pretoken)', 'Array.from(pretoken, (char) => char.charCodeAt(0) & 255)']],
      killedBy: [golden, 'characters beyond ASCII are their UTF-8 bytes'],
      looksLike: { en: 'UTF-16 units are cut to bytes; encode the text as UTF-8', zh: '把 UTF-16 单元截成了字节；应当编码成 UTF-8' },
    },
    {
      name: 'bytes in the order of their values',
      replace: [
        ['BYTES_IN_ORDER.map((byte) => BYTE_CHARS[byte]!)]', 'BYTE_CHARS]'],
        ['idOfByte[byte] = specials + order;', 'idOfByte[byte] = specials + byte + 0 * order;'],
      ],
      killedBy: [golden, ids],
      looksLike: {
        en: "the byte ids follow the byte values; they follow the characters, '!' first",
        zh: '字节编号按字节值排列了；应当按字符排列，! 在最前',
      },
    },
    {
      name: 'specials at the end',
      replace: [
        [
          'const tokens = [...special, ...BYTES_IN_ORDER.map((byte) => BYTE_CHARS[byte]!)];',
          'const tokens = [...BYTES_IN_ORDER.map((byte) => BYTE_CHARS[byte]!), ...special];',
        ],
        ['toWords(countPretokens(texts, special), special.length)', 'toWords(countPretokens(texts, special), 0)'],
        ['pairs.countBytes(special.length)', 'pairs.countBytes(0)'],
      ],
      killedBy: [golden, ids],
      looksLike: {
        en: 'the specials come after the bytes; their ids are 0, 1, 2 ...',
        zh: '特殊词元排在了字节后面；它们的编号是 0, 1, 2 ……',
      },
    },
    {
      name: 'pairs counted once per word',
      replace: [['times: Float64Array.from(counts.values())', 'times: new Float64Array(counts.size).fill(1)']],
      killedBy: [golden, rare],
      looksLike: { en: 'a word counts once however often it occurs', zh: '一个词不管出现几次都只算了一次' },
    },
    {
      name: 'old pairs keep their counts',
      replace: [['      this.#lower(right, other, count);\n', '']],
      killedBy: [golden, afresh],
      looksLike: {
        en: 'pairs that a merge destroyed keep their old counts (stale pairs)',
        zh: '被合并破坏的对仍保留旧的次数（过期的对）',
      },
    },
    {
      name: 'new pairs before the merge not counted',
      replace: [['      this.#keep(other, id, count, where);\n', '      void where;\n']],
      killedBy: [golden, afresh],
      looksLike: { en: 'pairs that end in a new token are never counted', zh: '以新词元结尾的对没有被统计' },
    },
    {
      name: 'two merges in a row counted as if apart',
      replace: [['other === left ? count - inARow : count', 'count + 0 * inARow']],
      killedBy: afresh,
      looksLike: {
        en: 'in abab the pair (ab, a) is counted although it is merged away at once',
        zh: 'abab 里 (ab, a) 这一对马上就没了，却被计数了',
      },
    },
    {
      name: 'only the first place in each word',
      replace: [
        ['let write = from;', 'let write = from; let done = false;'],
        ['const merges = ids[read] === left', 'const merges = !done && ids[read] === left'],
        ['          read++;\n', '          read++;\n          done = true;\n'],
      ],
      killedBy: [afresh, overlap],
      looksLike: { en: 'only the first pair of each word is merged', zh: '每个词里只合并了第一处' },
    },
    {
      name: 'aaa holds aa once',
      replace: [
        [
          'count[pair]! += times[word]!;\n      if (isNew)',
          'if (isNew || pair % 257 !== 0) count[pair]! += times[word]!;\n      if (isNew)',
        ],
      ],
      killedBy: overlap,
      looksLike: { en: 'overlapping pairs are not all counted: aaa holds aa twice', zh: '重叠的对没有数全：aaa 里 aa 有两次' },
    },
    {
      name: 'ties to the highest left id',
      replace: [
        [add, 'const number = this.#queue.add(this.#vocab - left, right, count);'],
        [best, 'return best !== undefined && best.count >= this.#minFreq ? { ...best, left: this.#vocab - best.left } : undefined;'],
      ],
      killedBy: [golden, tie],
      looksLike: { en: 'a tie goes to the highest left id; it goes to the lowest', zh: '平局时左编号最大的赢了；应当是最小的' },
    },
    {
      name: 'ties by the right id first',
      replace: [
        [add, 'const number = this.#queue.add(right, left, count);'],
        [best, 'return best !== undefined && best.count >= this.#minFreq ? { ...best, left: best.right, right: best.left } : undefined;'],
      ],
      killedBy: [golden, tie],
      looksLike: { en: 'a tie is decided by the right id; the left one comes first', zh: '平局先看了右编号；应当先看左编号' },
    },
    {
      name: 'minFreq ignored',
      replace: [['this.#minFreq = Math.max(1, minFreq);', 'this.#minFreq = Math.max(1, Math.min(2, minFreq));']],
      killedBy: rare,
      looksLike: { en: 'minFreq is not used', zh: '没有使用 minFreq' },
    },
    {
      name: 'minFreq as a strict bound',
      replace: [['this.#minFreq = Math.max(1, minFreq);', 'this.#minFreq = minFreq + 1;']],
      killedBy: rare,
      looksLike: { en: 'a pair that occurs exactly minFreq times is not merged', zh: '恰好出现 minFreq 次的对没有合并' },
    },
    {
      name: 'minFreq is 1 unless told',
      replace: [['minFreq = 2, special', 'minFreq = 1, special']],
      killedBy: rare,
      looksLike: { en: 'the default of minFreq is not 2', zh: 'minFreq 的默认值不是 2' },
    },
    {
      name: 'one token too many',
      replace: [['while (tokens.length < vocab)', 'while (tokens.length <= vocab)']],
      killedBy: 'the last merge fills the vocabulary',
      looksLike: { en: 'the vocabulary is one token too large', zh: '词表多了一个词元' },
    },
    {
      name: 'specials not counted in vocab',
      replace: [['while (tokens.length < vocab)', 'while (tokens.length < vocab + special.length)']],
      killedBy: ['the last merge fills the vocabulary', golden],
      looksLike: { en: 'vocab counts everything, the specials too', zh: 'vocab 是总数，包括特殊词元' },
    },
    {
      name: 'the texts walked twice',
      replace: [
        ['const merges: [string, string][] = [];', 'const merges: [string, string][] = []; for (const text of texts) void text.length;'],
      ],
      killedBy: 'the texts are walked once',
      looksLike: {
        en: 'the texts are walked a second time; a stream has nothing left by then',
        zh: '文本走了第二遍；那时流里已经没有东西了',
      },
    },
    {
      name: 'any vocab accepted',
      replace: [['if (!Number.isInteger(vocab) || vocab < least)', 'if (!Number.isInteger(vocab) || vocab < 0 * least)']],
      killedBy: 'a vocabulary that cannot hold the bytes is refused',
      looksLike: { en: 'a vocab below specials plus 256 is accepted', zh: '接受了小于特殊词元数加 256 的 vocab' },
    },
  ],
  naive: [
    { name: 'all pairs and all words searched for every merge', source: searching, fails: 'training keeps up with the reference' },
    {
      name: 'words looked up in a list',
      replace: [
        ['const counts = new Map<string, number>();', 'const seen: string[] = []; const counts = new Map<string, number>();'],
        ['void counts.set(pretoken,', 'void (seen.includes(pretoken) || seen.push(pretoken), 0) || void counts.set(pretoken,'],
      ],
      fails: 'twice the text takes about twice as long',
    },
    {
      name: 'every pre-token kept',
      replace: [
        [
          'const counts = new Map<string, number>();',
          'const all: string[] = []; const counts = { keys: () => all, values: () => all.map(() => 1), size: 0 } as unknown as Map<string, number>;',
        ],
        ['void counts.set(pretoken, (counts.get(pretoken) ?? 0) + 1)', 'void all.push(pretoken)'],
      ],
      fails: 'equal pre-tokens are kept once',
    },
  ],
  survivors: [
    {
      why: 'a text split at undefined is the text',
      mutants: ['condition: border -> true'],
    },
    {
      why: 'UTF-8 has no byte FF, and no byte has a number above it',
      mutants: ['constant: new Int32Array(256) -> new Int32Array(255)', 'constant: new Int32Array(256) -> new Int32Array(257)'],
    },
    {
      why: 'pairs behind the last one there is are never counted',
      mutants: ['constant: 256 * 256 -> 257 * 256', 'constant: 256 * 256 -> 256 * 257'],
    },
    {
      why: 'no word has the number -1 or -2, and none stands behind the last: such a word has no start',
      mutants: [
        'constant: lastWord.fill(-1) -> lastWord.fill(-2)',
        'constant: word = 0 -> word = -1',
        'operator: word < times.length -> word <= times.length',
      ],
    },
    {
      why: 'a word that is listed twice has nothing left to merge when it is visited again; places that were not filled name word 0, which is in its list or has nothing to merge',
      mutants: ['statement: lastWord[pair] = word; -> ;', 'condition: isNew -> true'],
    },
    {
      why: 'a list of a rare pair is made for nothing: #keep leaves it out',
      mutants: ['condition: count[pair]! >= this.#minFreq -> true', 'condition: list -> true'],
    },
    {
      why: 'both are empty and alike',
      mutants: ['order: [this.#before, this.#after] -> [this.#after, this.#before]'],
    },
    {
      why: 'a merged pair never comes back, so it only takes memory that its number is still known',
      mutants: [
        'statement: this.#numbers.delete(this.#key(left, right)); -> ;',
        'call: this.#numbers.delete(this.#key(left, right)) -> this.#numbers',
        'call: this.#key(left, right) -> this',
        'argument: this.#key(left, right) -> this.#key(left)',
      ],
    },
  ],
});
