import { defineMutants } from '@llm-ladder/grader/course';

const later = 'key.sub(query).greater(0)';
const causal = "later.cast('float32').mul(MASKED)";
const beyond = 'key.sub(length).greaterEqual(0)';
const padding = "padded.cast('float32').mul(MASKED)";
const smaller = 'tf.minimum<tf.Tensor4D>(both, mask)';

/** Work of the third power, in place of the second: slow in growth, and slow beside the reference. */
const cubic =
  'const visible = (i: number) => { const list: number[] = []; for (let j = 0; j <= past + i; j++) list.push(j); return list; }; const row = (i: number) => Array.from({ length: Tk }, (_, j) => (visible(i).includes(j) ? 0 : MASKED)); if (Tq > 0) return tf.tensor4d(Array.from({ length: Tq }, (_, i) => row(i)).flat(), [1, 1, Tq, Tk]); const query = tf';

export default defineMutants({
  mutants: [
    {
      name: 'a query does not see itself',
      replace: [[later, 'key.sub(query).greaterEqual(0)']],
      killedBy: 'the causal mask hides every key after its query',
      looksLike: { en: 'the diagonal is hidden: a token may look at itself', zh: '对角线被遮住了：词元可以看自己' },
    },
    {
      name: 'a query sees the next token',
      replace: [[later, 'key.sub(query).greater(1)']],
      killedBy: ['the causal mask hides every key after its query', 'a later token never changes an earlier output'],
      looksLike: { en: 'each token sees the one after it', zh: '每个词元看到了它后面的一个' },
    },
    {
      name: 'rows and columns swapped',
      replace: [[later, 'key.sub(query).less(0)']],
      killedBy: 'a later token never changes an earlier output',
      looksLike: { en: 'the triangle points the wrong way: the past is hidden', zh: '三角形方向反了：遮住的是过去' },
    },
    {
      name: 'past is ignored',
      replace: [['tf.range(past, past + Tq)', 'tf.range(0, Tq)']],
      killedBy: 'with past = p, query i sees p + i + 1 keys',
      looksLike: { en: 'past is not used: the first query stands at position past', zh: '没有用到 past：第一个查询的位置是 past' },
    },
    {
      name: 'past hides the oldest keys',
      replace: [['tf.range(past, past + Tq)', 'tf.range(-past, Tq - past)']],
      killedBy: 'with past = p, query i sees p + i + 1 keys',
      looksLike: { en: 'past moves the triangle the wrong way', zh: 'past 把三角形移到了相反的方向' },
    },
    {
      name: 'past is always Tk - Tq',
      replace: [['const query = tf', 'past = Tk - Tq; const query = tf']],
      killedBy: 'with past = p, query i sees p + i + 1 keys',
      looksLike: { en: 'the triangle always ends at the last key, whatever past says', zh: '三角形总是顶到最后一个键，没有理会 past' },
    },
    {
      name: 'past defaults to 0',
      replace: [['past: number = Tk - Tq', 'past: number = 0']],
      killedBy: 'the defaults put the last query on the last key',
      looksLike: { en: 'without past, the last query stands on the last key', zh: '不给 past 时，最后一个查询应对着最后一个键' },
    },
    {
      name: 'bool sense inverted in the causal mask',
      replace: [[causal, "later.logicalNot().cast('float32').mul(MASKED)"]],
      killedBy: 'the causal mask hides every key after its query',
      looksLike: { en: 'it hides exactly the keys that may be seen', zh: '遮住的恰好是可以看的键' },
    },
    {
      name: '1 and 0 instead of 0 and -1e9',
      replace: [[causal, "later.logicalNot().cast('float32')"]],
      killedBy: ['the causal mask hides every key after its query', 'a later token never changes an earlier output'],
      looksLike: {
        en: 'this is a 0/1 mask; ours is added to the scores: 0 keeps, -1e9 hides',
        zh: '这是 0/1 掩码；这里的掩码要加到分数上：0 保留，-1e9 遮住',
      },
    },
    {
      name: 'bool sense inverted in the padding mask',
      replace: [[padding, "padded.logicalNot().cast('float32').mul(MASKED)"]],
      killedBy: ['the padding mask hides the keys from each length on', 'what stands in the padding is irrelevant'],
      looksLike: { en: 'the padding is seen and the sentence is hidden', zh: '看到的是填充，遮住的是句子' },
    },
    {
      name: 'one key too many',
      replace: [[beyond, 'key.sub(length).greater(0)']],
      killedBy: ['the padding mask hides the keys from each length on', 'what stands in the padding is irrelevant'],
      looksLike: { en: 'the key at index len is padding already', zh: '下标为 len 的键已经是填充' },
    },
    {
      name: 'hides query rows, not keys',
      replace: [[padding, `${padding}.transpose([0, 1, 3, 2])`]],
      killedBy: 'the padding mask hides the keys from each length on',
      looksLike: { en: 'it hides queries (rows); a padding mask hides keys (columns)', zh: '遮住的是查询（行）；填充掩码应当遮住键（列）' },
    },
    {
      name: '-Infinity for -1e9',
      replace: [['const MASKED = -1e9;', 'const MASKED = Number.NEGATIVE_INFINITY;']],
      killedBy: ['the causal mask hides every key after its query', 'a mask that hides every key is finite'],
      looksLike: { en: '-Infinity turns into NaN in a row that sees no key: use -1e9', zh: '整行都遮住时 -Infinity 会变成 NaN：请用 -1e9' },
    },
    {
      name: 'combine adds',
      replace: [[smaller, 'tf.add<tf.Tensor4D>(both, mask)']],
      killedBy: ['combine hides what any mask hides', 'a mask that hides every key is finite'],
      looksLike: {
        en: 'a key hidden twice becomes -2e9: take the minimum, not the sum',
        zh: '被遮住两次的键变成了 -2e9：取最小值，不要相加',
      },
    },
    {
      name: 'combine keeps what any mask keeps',
      replace: [[smaller, 'tf.maximum<tf.Tensor4D>(both, mask)']],
      killedBy: 'combine hides what any mask hides',
      looksLike: {
        en: 'a key is seen as soon as one mask lets it through; it must pass all of them',
        zh: '只要一个掩码放行就能看到；应当全部放行才行',
      },
    },
    {
      name: 'combine takes only two masks',
      replace: [['masks.reduce(', 'masks.slice(0, 2).reduce(']],
      killedBy: 'combine hides what any mask hides',
      looksLike: { en: 'only the first two masks count', zh: '只有前两个掩码起作用' },
    },
    {
      name: 'combine disposes its masks',
      replace: [
        ['return tf.tidy(() => masks', 'const result = tf.tidy(() => masks'],
        [').clone());', ').clone()); masks.forEach((mask) => mask.dispose()); return result;'],
      ],
      killedBy: 'combine: does not change its inputs',
      looksLike: { en: 'the masks belong to the caller: do not dispose them', zh: '掩码属于调用者，不要释放它们' },
    },
    {
      name: 'combine uses the masks of the first sentence',
      replace: [[smaller, 'tf.minimum<tf.Tensor4D>(both, mask.slice([0], [1]))']],
      killedBy: ['combine hides what any mask hides', 'combine: a batch of two equals two singles'],
      looksLike: { en: 'every sentence gets the mask of the first', zh: '每个句子用的都是第一个句子的掩码' },
    },
    {
      name: 'masks without a tidy',
      replace: [
        [
          "const padded = key.sub(length).greaterEqual(0); // [1, 1, 1, T] - [B, 1, 1, 1] -> [B, 1, 1, T]\n    return padded.cast('float32').mul(MASKED);",
          "const padded = key.sub(length).greaterEqual(0);\n    return tf.keep(padded.cast('float32')).mul(MASKED);",
        ],
      ],
      killedBy: 'causalMask and paddingMask keep one tensor each, the mask',
      looksLike: { en: 'a mask leaves tensors behind: compute inside tf.tidy', zh: '掩码留下了多余的张量：把计算放进 tf.tidy' },
    },
  ],
  naive: [
    {
      name: 'lists the visible keys anew for every key',
      replace: [['const query = tf', cubic]],
      fails: 'twice the time costs four times the work, not eight',
    },
    {
      name: 'lists the visible keys anew for every key of a large mask',
      replace: [['const query = tf', cubic]],
      fails: "a large mask takes less than ten times the reference's time",
    },
  ],
  survivors: [
    {
      why: '[Tk] broadcasts to [1, 1, 1, Tk] by itself: the reshape only says so',
      mutants: [
        'call: tf.range(0, Tk).reshape([1, 1, 1, Tk]) -> tf.range(0, Tk)',
        'call: tf.range(0, T).reshape([1, 1, 1, T]) -> tf.range(0, T)',
      ],
    },
    {
      why: 'TF.js multiplies a boolean tensor as zeros and ones: the cast only says so',
      mutants: ["call: later.cast('float32') -> later", "call: padded.cast('float32') -> padded"],
    },
    {
      why: 'a single mask may come back as it is: the exercise does not promise a tensor of its own',
      mutants: [
        'call: masks.reduce((both, mask) => tf.minimum<tf.Tensor4D>(both, mask)).clone() -> masks.reduce((both, mask) => tf.minimum<tf.Tensor4D>(both, mask))',
      ],
    },
  ],
});
