import { defineMutants } from '@llm-ladder/grader/course';

const gate = "ids equal Hugging Face's";
const allowed = "ids with allowed specials equal Hugging Face's";
const fuzz = '2000 random strings come back as they were';
const rank = 'merges go by rank, not by length or place';
const literal = 'a special literal is text unless it is allowed';
const stream = 'a stream joins to the same text';
const held = 'a stream holds back half a character, and end gives it up';
const together = 'the bytes of all tokens are decoded together';
const pretokens = 'else eachPretoken(this.#normalize ? part.normalize(this.#normalize) : part, addPretoken);';
const decode = "return new TextDecoder('utf-8', UTF8).decode(joined(parts));";
const push = 'return this.#decoder.decode(this.#bytes.of(id), { stream: true });';
const queued = 'if (rank >= 0) queue.push(rank * n + at);';
const taken = 'const rank = (first - at) / n;';

export default defineMutants({
  mutants: [
    {
      name: 'specials in text accepted',
      replace: [['{ allowSpecial = false }', '{ allowSpecial = true }']],
      killedBy: [gate, literal],
      looksLike: { en: 'a special that a user typed becomes the special token', zh: '用户输入的特殊词元字面变成了特殊词元' },
    },
    {
      name: 'specials never read',
      replace: [['allowSpecial && this.#literals', 'allowSpecial && this.#literals && text.length < 0']],
      killedBy: [allowed, literal],
      looksLike: { en: 'allowSpecial has no effect', zh: 'allowSpecial 不起作用' },
    },
    {
      name: 'shortest special first',
      replace: [['b.length - a.length', 'a.length - b.length']],
      killedBy: 'of two specials the longer is found',
      looksLike: { en: 'a shorter special is found inside a longer one', zh: '在较长的特殊词元里先匹配了较短的' },
    },
    {
      name: 'specials written in byte characters',
      replace: [['literal ? ENCODER.encode(token) : Uint8Array', 'literal && token.length < 0 ? ENCODER.encode(token) : Uint8Array']],
      killedBy: 'of two specials the longer is found',
      looksLike: { en: 'the literal of a special is read as byte characters', zh: '把特殊词元的字面当成字节字符来读了' },
    },
    {
      name: 'each id decoded alone',
      replace: [[decode, "return parts.map((part) => new TextDecoder('utf-8', UTF8).decode(part)).join('');"]],
      killedBy: [fuzz, together],
      looksLike: {
        en: 'each token is decoded by itself, so split characters become U+FFFD',
        zh: '逐个词元解码，被拆开的字符变成了 U+FFFD',
      },
    },
    {
      name: 'normalises though not asked',
      replace: [[pretokens, "else eachPretoken(part.normalize('NFKC'), addPretoken);"]],
      killedBy: [gate, 'NFKC only where it is asked for, and not on specials'],
      looksLike: { en: 'the text is normalised although nobody asked', zh: '没有要求就做了规范化' },
    },
    {
      name: 'never normalises',
      replace: [[pretokens, 'else eachPretoken(part, addPretoken);']],
      killedBy: 'NFKC only where it is asked for, and not on specials',
      looksLike: { en: 'normalize has no effect', zh: 'normalize 不起作用' },
    },
    {
      name: 'specials normalised too',
      replace: [
        [
          'text.split(this.#literals) : [text]',
          '(this.#normalize ? text.normalize(this.#normalize) : text).split(this.#literals) : [text]',
        ],
      ],
      killedBy: 'NFKC only where it is asked for, and not on specials',
      looksLike: { en: 'the literals of specials are normalised before they are found', zh: '在查找之前就把特殊词元的字面规范化了' },
    },
    {
      name: 'last learned first',
      replace: [
        [queued, 'if (rank >= 0) queue.push((this.#merged.length - rank) * n + at);'],
        [taken, 'const rank = this.#merged.length - (first - at) / n;'],
      ],
      killedBy: [gate, rank],
      looksLike: { en: 'the pair that was learned last is merged first', zh: '先合并了最晚学到的对' },
    },
    {
      name: 'leftmost pair first, whatever its rank',
      replace: [
        [queued, 'if (rank >= 0) queue.push(at * 1e6 + rank);'],
        ['const at = first % n;', 'const at = Math.floor(first / 1e6);'],
        [taken, 'const rank = first % 1e6;'],
      ],
      killedBy: [gate, rank],
      looksLike: {
        en: 'pairs are merged from left to right, not by the order in which they were learned',
        zh: '按从左到右合并了，没有按学到的次序',
      },
    },
    {
      name: 'rightmost of equals first',
      replace: [
        [queued, 'if (rank >= 0) queue.push(rank * n + n - 1 - at);'],
        ['const at = first % n;', 'const at = n - 1 - (first % n);'],
        [taken, 'const rank = Math.floor(first / n);'],
      ],
      killedBy: rank,
      looksLike: { en: 'of equal pairs the rightmost is merged first', zh: '相同的对先合并了最右的' },
    },
    {
      name: 'outdated pairs merged',
      replace: [['if (ranks[at] !== rank) continue;', 'if (next[at]! >= n) continue;']],
      killedBy: [gate, rank],
      looksLike: { en: 'a pair is merged although one of its two is gone', zh: '一对中的一个已经没了，却还是合并了' },
    },
    {
      name: 'left neighbour not looked at again',
      replace: [['      if (before[at]! >= 0) look(before[at]!);\n', '']],
      killedBy: [gate, rank],
      looksLike: { en: 'after a merge the pair to its left is not looked at again', zh: '合并之后没有重新看左边的对' },
    },
    {
      name: 'one round of merges',
      replace: [['      look(at);\n      if (before', '      if (before']],
      killedBy: gate,
      looksLike: { en: 'a merged token is not merged with what follows it', zh: '合并后的词元没有再和后面的合并' },
    },
    {
      name: 'merges across pre-tokens',
      replace: [[pretokens, 'else addPretoken(part);']],
      killedBy: [gate, 'merges stay inside a pre-token'],
      looksLike: { en: 'the text is not cut into pre-tokens', zh: '没有把文本切成预分词' },
    },
    {
      name: 'UTF-16 units as bytes',
      replace: [['ENCODER.encode(pretoken)', 'Array.from(pretoken, (char) => char.charCodeAt(0) & 255)']],
      killedBy: [gate, fuzz],
      looksLike: { en: 'UTF-16 units are cut to bytes; encode the text as UTF-8', zh: '把 UTF-16 单元截成了字节；应当编码成 UTF-8' },
    },
    {
      name: 'lone surrogates dropped',
      replace: [
        [
          pretokens,
          "else eachPretoken((this.#normalize ? part.normalize(this.#normalize) : part).replace(/\\p{Surrogate}/gu, ''), addPretoken);",
        ],
      ],
      killedBy: 'a lone surrogate becomes U+FFFD, U+FEFF stays',
      looksLike: { en: 'lone surrogates disappear; they become U+FFFD', zh: '单独的代理项消失了；应当变成 U+FFFD' },
    },
    {
      name: 'U+FEFF at the start dropped',
      replace: [['ignoreBOM: true', 'ignoreBOM: false']],
      killedBy: ['a lone surrogate becomes U+FFFD, U+FEFF stays', stream],
      looksLike: { en: 'TextDecoder drops U+FEFF at the start: set ignoreBOM', zh: 'TextDecoder 丢掉了开头的 U+FEFF：请设 ignoreBOM' },
    },
    {
      name: 'skipSpecial ignored',
      replace: [['if (!(skipSpecial && this.#bytes.isSpecial(id)))', 'if (!(skipSpecial && id < 0))']],
      killedBy: literal,
      looksLike: { en: 'skipSpecial has no effect', zh: 'skipSpecial 不起作用' },
    },
    {
      name: 'specials skipped unless told',
      replace: [['{ skipSpecial = false }', '{ skipSpecial = true }']],
      killedBy: literal,
      looksLike: { en: 'decode leaves special tokens out without being asked', zh: '没有要求，decode 就略去了特殊词元' },
    },
    {
      name: 'unknown ids decoded as nothing',
      replace: [['if (bytes === undefined) throw', 'if (bytes === undefined) return new Uint8Array(0);\n    if (bytes.length < 0) throw']],
      killedBy: 'an id that is no token is refused',
      looksLike: { en: 'an id outside the vocabulary is accepted', zh: '接受了词表以外的编号' },
    },
    {
      name: 'stream without memory',
      replace: [[push, 'return this.#decoder.decode(this.#bytes.of(id));']],
      killedBy: [stream, held],
      looksLike: { en: 'the stream gives out half characters as U+FFFD', zh: '流把半个字符当作 U+FFFD 输出了' },
    },
    {
      name: 'stream end says nothing',
      replace: [['return this.#decoder.decode();', "this.#decoder.decode(); return '';"]],
      killedBy: held,
      looksLike: { en: 'what was held back is lost at the end', zh: '留住的字节在结束时丢失了' },
    },
    {
      name: 'one decoder for all streams',
      replace: [
        ['readonly #decoder = new TextDecoder', 'static readonly shared = new TextDecoder'],
        [push, 'return StreamDecoder.shared.decode(this.#bytes.of(id), { stream: true });'],
        ['return this.#decoder.decode();', 'return StreamDecoder.shared.decode();'],
      ],
      killedBy: held,
      looksLike: { en: 'two streams share what they hold back', zh: '两个流共用了留住的字节' },
    },
    {
      name: 'cache forgets the space',
      replace: [
        ['this.#cache.get(pretoken)', 'this.#cache.get(pretoken.trim())'],
        ['this.#cache.set(pretoken, ids)', 'this.#cache.set(pretoken.trim(), ids)'],
      ],
      killedBy: [gate, 'a word that was seen before gives the same ids'],
      looksLike: { en: 'a word with a space before it gets the ids of the word without', zh: '前面带空格的词得到了不带空格时的编号' },
    },
  ],
  naive: [
    {
      name: 'every merge tried in turn, nothing remembered',
      replace: [
        ['if (known) return known;', 'if (known && pretoken.length < 0) return known;'],
        [
          'const n = ids.length;\n',
          'const tokens = [...ids];\n    const pairs = [...this.#byRank];\n    for (const [rank, [left, right]] of pairs.entries()) for (let i = 0; i + 1 < tokens.length; i++) if (tokens[i] === left && tokens[i + 1] === right) tokens.splice(i, 2, this.#merged[rank]!);\n    if (tokens.length > 0) return tokens;\n    const n = ids.length;\n',
        ],
        ['readonly #ranks: PairRanks;', 'readonly #ranks: PairRanks;\n  readonly #byRank: [number, number][] = [];'],
        ['this.#ranks.add(', 'this.#byRank.push([idOf(vocab, left), idOf(vocab, right)]), this.#ranks.add('],
      ],
      fails: 'encoding keeps up with the reference',
    },
    {
      name: 'all pairs looked at after every merge',
      replace: [
        [
          'const n = ids.length;\n',
          'for (;;) {\n      let [best, at] = [Number.POSITIVE_INFINITY, -1];\n      for (let i = 0; i + 1 < ids.length; i++) {\n        const rank = this.#ranks.get(ids[i]!, ids[i + 1]!);\n        if (rank >= 0 && rank < best) [best, at] = [rank, i];\n      }\n      if (at < 0) return ids;\n      ids.splice(at, 2, this.#merged[best]!);\n    }\n    const n = ids.length;\n',
        ],
      ],
      fails: 'one long word takes time in proportion',
    },
  ],
  survivors: [
    {
      why: 'look sets the rank of every place before one is read, and all negative ones mean that there is none',
      mutants: [
        'constant: () => -1 -> () => -2',
        'constant: () => -1 -> () => 0',
        'constant: () => -1 -> () => 1',
        'constant: right < n ? this.#ranks.get(ids[at]!, ids[right]!) : -1 -> right < n ? this.#ranks.get(ids[at]!, ids[right]!) : -2',
        'constant: ranks[right] = -1 -> ranks[right] = -2',
      ],
    },
    {
      why: 'behind the end and before the start there is no id, hence no rank; what is noted there is read by nobody',
      mutants: [
        'condition: right < n -> true',
        'operator: right < n -> right <= n',
        'constant: at = 0 -> at = -1',
        'operator: at < n -> at <= n',
        'condition: next[at]! < n -> true',
        'operator: next[at]! < n -> next[at]! <= n',
        'condition: before[at]! >= 0 -> true',
        'constant: before[at]! >= 0 -> before[at]! >= -1',
      ],
    },
    {
      why: 'the queue itself is no place: it is passed over, and the first number comes next',
      mutants: ['call: queue.pop() -> queue'],
    },
    {
      why: 'the place behind was merged away; its old links say yes wherever those of the place itself do, and a yes too many notes what nobody reads',
      mutants: ['off by one: next[at] -> next[at + 1] #4', 'off by one: before[at] -> before[at + 1]'],
    },
  ],
});
