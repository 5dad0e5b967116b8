import { defineMutants } from '@llm-ladder/grader/course';

const gate = 'a row holds start token, document and padding';
const predicted = 'every token of the document is predicted, no padding is';
const padId = 'a pad id that is a token of the text changes nothing';
const stream = 'packed rows are the stream of all documents';
const lost = 'no token is lost or doubled but the tail';
const ends = 'each document ends with its end token, the last one too';
const names = 'docId names the document, positions restart with it and with the row';
const mask = 'mask: y.map((_, at) => (at + 1 < tokens.length ? 1 : 0))';
const join = '[...doc, eos].map((id) => ({ id, docId }))';
const cut = 'stream.slice(n * len, (n + 1) * len)';
const pos = '(resetPos ? at - row.findIndex((first) => first.docId === docId) : at)';
const masks = "return combine(causalMask(T), other.cast('float32').mul(-1e9));";

export default defineMutants({
  mutants: [
    {
      name: 'mask aligned to x',
      replace: [[mask, 'mask: y.map((_, at) => (at < tokens.length ? 1 : 0))']],
      killedBy: [gate, predicted],
      looksLike: { en: 'the mask is aligned to x: the first padding is predicted', zh: '掩码对到了 x 上：第一个填充也被预测了' },
    },
    {
      name: 'last token never predicted',
      replace: [[mask, 'mask: y.map((_, at) => (at + 2 < tokens.length ? 1 : 0))']],
      killedBy: [gate, predicted],
      looksLike: { en: 'the mask ends one early: the last token is never learned', zh: '掩码早了一位：最后一个词元永远学不到' },
    },
    {
      name: 'padding predicted',
      replace: [[mask, 'mask: y.map(() => 1)']],
      killedBy: [gate, predicted],
      looksLike: { en: 'padding is predicted too', zh: '填充也被预测了' },
    },
    {
      name: 'padding known by its id',
      replace: [[mask, 'mask: y.map((id) => (id !== pad ? 1 : 0))']],
      killedBy: padId,
      looksLike: { en: 'the mask looks at ids: a token that equals the pad is lost', zh: '掩码看了编号：和填充编号相同的词元丢了' },
    },
    {
      name: 'y not shifted',
      replace: [['const y = row.slice(1);', 'const y = row.slice(0, -1);']],
      killedBy: [gate, 'y is x one step later'],
      looksLike: { en: 'y equals x: the model learns to copy', zh: 'y 和 x 一样：模型学的是抄写' },
    },
    {
      name: 'shifted the other way',
      replace: [['x: row.slice(0, -1), y,', 'x: y, y: row.slice(0, -1),']],
      killedBy: [gate, 'y is x one step later'],
      looksLike: { en: 'x and y are swapped: the past is predicted from the future', zh: 'x 和 y 反了：用未来预测了过去' },
    },
    {
      name: 'no start token',
      replace: [['[bos, ...ids].slice(0, maxLen)', '[...ids].slice(0, maxLen + 0 * bos)']],
      killedBy: [gate, 'y is x one step later'],
      looksLike: { en: 'the start token is missing', zh: '缺少开始词元' },
    },
    {
      name: 'cut before the start token',
      replace: [['[bos, ...ids].slice(0, maxLen)', '[bos, ...ids.slice(0, maxLen - 2)]']],
      killedBy: gate,
      looksLike: { en: 'a long document loses one token too many', zh: '长文档多丢了一个词元' },
    },
    {
      name: 'padded on the left',
      replace: [['(_, at) => tokens[at] ?? pad', '(_, at) => tokens[at - maxLen + tokens.length] ?? pad']],
      killedBy: [gate, padId],
      looksLike: { en: 'the padding stands on the left', zh: '填充放到了左边' },
    },
    {
      name: 'eos missing',
      replace: [[join, 'doc.map((id) => ({ id: id + 0 * eos, docId }))']],
      killedBy: [stream, ends, lost],
      looksLike: { en: 'no end token between the documents: the model never learns to stop', zh: '文档之间没有结束词元：模型学不会停' },
    },
    {
      name: 'eos only between documents',
      replace: [[join, '[...doc, ...(docId < docs.length - 1 ? [eos] : [])].map((id) => ({ id, docId }))']],
      killedBy: [ends, lost],
      looksLike: { en: 'the last document has no end token', zh: '最后一篇文档没有结束词元' },
    },
    {
      name: 'eos in front',
      replace: [[join, '[eos, ...doc].map((id) => ({ id, docId }))']],
      killedBy: [stream, ends],
      looksLike: { en: 'the end token stands before its document', zh: '结束词元放到了文档前面' },
    },
    {
      name: 'rows overlap by one token',
      replace: [[cut, 'stream.slice(n * (len - 1), n * (len - 1) + len)']],
      killedBy: [stream, lost],
      looksLike: { en: 'the last token of a row comes again as the first of the next', zh: '一行的最后一个词元又成了下一行的第一个' },
    },
    {
      name: 'one token lost at each edge',
      replace: [
        ['Math.floor(stream.length / len)', 'Math.floor(stream.length / (len + 1))'],
        [cut, 'stream.slice(n * (len + 1), n * (len + 1) + len)'],
      ],
      killedBy: [stream, lost],
      looksLike: { en: 'one token is lost between two rows', zh: '两行之间丢了一个词元' },
    },
    {
      name: 'short last row kept',
      replace: [['Math.floor(stream.length / len)', 'Math.ceil(stream.length / len)']],
      killedBy: [stream, lost, 'empty documents and too few tokens give no rows'],
      looksLike: { en: 'the last row is shorter than the others', zh: '最后一行比别的短' },
    },
    {
      name: 'a row for each document',
      replace: [
        [
          'const rows = Array.from({ length: Math.floor(stream.length / len) }, (_, n) => stream.slice(n * len, (n + 1) * len));',
          'const rows = docs.flatMap((_, d) => { const mine = stream.filter(({ docId }) => docId === d); return mine.length >= len ? [mine.slice(0, len)] : []; });',
        ],
      ],
      killedBy: [stream, 'at least 98 % of the tokens are packed, and no place is empty'],
      looksLike: { en: 'every document starts a row of its own: most tokens are lost', zh: '每篇文档单独成行：大部分词元丢了' },
    },
    {
      name: 'eos counted to the next document',
      replace: [[join, '[...doc, eos].map((id, at) => ({ id, docId: at < doc.length ? docId : docId + 1 }))']],
      killedBy: [stream, names],
      looksLike: { en: 'the end token has the docId of the next document', zh: '结束词元用了下一篇的 docId' },
    },
    {
      name: 'docId counted in the row',
      replace: [
        [
          'docId: rows.map((row) => row.map(({ docId }) => docId))',
          'docId: rows.map((row) => row.map(({ docId }) => docId - row[0]!.docId))',
        ],
      ],
      killedBy: [stream, names],
      looksLike: { en: 'docId starts at 0 in every row; it is the index of the document', zh: 'docId 每一行都从 0 开始；应当是文档的下标' },
    },
    {
      name: 'positions never restart',
      replace: [[pos, '(resetPos ? at : at)']],
      killedBy: [stream, names],
      looksLike: { en: 'positions go on from one document to the next', zh: '位置从一篇文档数到了下一篇' },
    },
    {
      name: 'positions go on in the next row',
      replace: [[pos, '(resetPos ? stream.indexOf(row[at]!) - stream.findIndex((first) => first.docId === docId) : at)']],
      killedBy: [stream, names],
      looksLike: { en: 'a document that goes on in the next row does not start at 0 there', zh: '延续到下一行的文档，在那里没有从 0 开始' },
    },
    {
      name: 'resetPos ignored',
      replace: [[pos, 'at - row.findIndex((first) => first.docId === docId) + 0 * Number(resetPos)']],
      killedBy: 'without resetPos every row counts from 0 on',
      looksLike: { en: 'resetPos has no effect', zh: 'resetPos 不起作用' },
    },
    {
      name: 'empty documents leave an eos',
      replace: [['(doc.length > 0 ? ', '(doc.length >= 0 ? ']],
      killedBy: [stream, 'empty documents and too few tokens give no rows'],
      looksLike: { en: 'an empty document leaves an end token', zh: '空文档留下了一个结束词元' },
    },
    {
      name: 'other documents seen',
      replace: [[masks, 'return combine(causalMask(T), other.cast("float32").mul(0));']],
      killedBy: 'a token sees earlier tokens of its own document and nothing else',
      looksLike: { en: 'tokens of other documents in the row are seen', zh: '看得见同一行里别的文档' },
    },
    {
      name: 'later tokens seen',
      replace: [[masks, "return combine(other.cast('float32').mul(-1e9));"]],
      killedBy: 'a token sees earlier tokens of its own document and nothing else',
      looksLike: { en: 'the mask is not causal', zh: '掩码不是因果的' },
    },
    {
      name: 'masks added up',
      replace: [[masks, "return causalMask(T).add(other.cast('float32').mul(-1e9));"]],
      killedBy: 'a token sees earlier tokens of its own document and nothing else',
      looksLike: {
        en: 'the two masks are added, which gives -2e9; combine takes the minimum',
        zh: '两个掩码相加得到 -2e9；combine 取的是最小值',
      },
    },
    {
      name: 'mask of the first row for all',
      replace: [
        [
          'const other = ids.reshape([B, 1, T, 1]).notEqual(ids.reshape([B, 1, 1, T]));',
          'const first = ids.slice([0, 0], [1, T]).tile([B, 1]); const other = first.reshape([B, 1, T, 1]).notEqual(first.reshape([B, 1, 1, T]));',
        ],
      ],
      killedBy: 'a token sees earlier tokens of its own document and nothing else',
      looksLike: { en: 'every row gets the mask of the first', zh: '每一行用的都是第一行的掩码' },
    },
    {
      name: 'any length accepted',
      replace: [['if (!Number.isInteger(length) || length < 2) throw', 'if (length < 0) throw']],
      killedBy: 'lengths below 2 are refused',
      looksLike: { en: 'a length of 1 or 2.5 is accepted', zh: '接受了长度 1 或 2.5' },
    },
    {
      name: 'documentMask without tidy',
      replace: [
        ['return tf.tidy(() => {\n    const ids = tf.tensor2d(docId', '{\n    const ids = tf.tensor2d(docId'],
        ["other.cast('float32').mul(-1e9));\n  });", "other.cast('float32').mul(-1e9));\n  }"],
      ],
      killedBy: 'documentMask: keeps no tensors over 6 calls',
      looksLike: { en: 'tensors are left behind: wrap the body in tf.tidy', zh: '有张量没有释放：用 tf.tidy 包住函数体' },
    },
  ],
  survivors: [
    {
      why: 'the row is cut to maxLen places anyway, and what lies behind them has no place in the mask',
      mutants: [
        'call: [bos, ...ids].slice(0, maxLen) -> [bos, ...ids]',
        'argument: [bos, ...ids].slice(0, maxLen) -> [bos, ...ids].slice(0)',
        'off by one: [bos, ...ids].slice(0, maxLen) -> [bos, ...ids].slice(0, maxLen + 1)',
      ],
    },
    {
      why: 'Array.from cuts off the fraction of a length',
      mutants: ['call: Math.floor(stream.length / len) -> (stream.length / len)'],
    },
    {
      why: 'masks are combined by their minimum, in any order',
      mutants: [
        "arguments: combine(causalMask(T), other.cast('float32').mul(-1e9)) -> combine(other.cast('float32').mul(-1e9), causalMask(T))",
      ],
    },
    {
      why: 'TF.js casts a bool by itself where it meets a number',
      mutants: ["call: other.cast('float32') -> other"],
    },
  ],
});
