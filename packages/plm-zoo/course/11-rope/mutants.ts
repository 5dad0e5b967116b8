import { defineMutants } from '@llm-ladder/grader/course';

const angles =
  'const angles = Float64Array.from({ length: T * half }, (_, at) => Math.floor(at / half) * theta ** ((-2 * (at % half)) / K));';
const turnB = 'const turnedB = a.mul<tf.Tensor4D>(s).add<tf.Tensor4D>(b.mul(c));';
const turnA = 'const turnedA = a.mul<tf.Tensor4D>(c).sub<tf.Tensor4D>(b.mul(s));';
const rows = 'const c = tf.gather(cos, pos).reshape<tf.Tensor4D>([B, T, 1, K / 2]);';
const sines = 'const s = tf.gather(sin, pos).reshape<tf.Tensor4D>([B, T, 1, K / 2]);';
const choose = 'const [a, b] = pairs(x, style);';

const fromZero = 'tf.range(0, T, 1, "int32").reshape<tf.Tensor2D>([1, T]).tile<tf.Tensor2D>([B, 1])';

export default defineMutants({
  mutants: [
    {
      name: 'always interleaved',
      replace: [
        ["if (style === 'half') return tf.split", "if (style === ('none' as string)) return tf.split"],
        ["if (style === 'half') return tf.concat", "if (style === ('none' as string)) return tf.concat"],
      ],
      killedBy: [
        'both styles match Meta and Hugging Face',
        '1, 2, 3, 4 at position 1',
        'with the features in another order the styles are one',
      ],
      looksLike: { en: "'half' is treated as 'interleaved'", zh: "'half' 被当成了 'interleaved'" },
    },
    {
      name: 'styles swapped',
      replace: [
        ["if (style === 'half') return tf.split", "if (style !== 'half') return tf.split"],
        ["if (style === 'half') return tf.concat", "if (style !== 'half') return tf.concat"],
      ],
      killedBy: ['both styles match Meta and Hugging Face', '1, 2, 3, 4 at position 1'],
      looksLike: {
        en: "the two styles are swapped: 'interleaved' pairs neighbours, 'half' pairs i with i + K/2",
        zh: "两种风格反了：'interleaved' 是相邻两个成对，'half' 是 i 和 i + K/2 成对",
      },
    },
    {
      name: 'splits in one style, joins in the other',
      replace: [["if (style === 'half') return tf.concat([turnedA, turnedB], -1);", 'return tf.concat([turnedA, turnedB], -1);']],
      killedBy: ['both styles match Meta and Hugging Face', 'position 0 turns nothing, every other one does'],
      looksLike: {
        en: 'the pairs are taken apart in one style and put together in the other',
        zh: '按一种风格拆开，却按另一种风格拼回去',
      },
    },
    {
      name: 'sine with the other sign',
      replace: [
        [turnA, 'const turnedA = a.mul<tf.Tensor4D>(c).add<tf.Tensor4D>(b.mul(s));'],
        [turnB, 'const turnedB = b.mul<tf.Tensor4D>(c).sub<tf.Tensor4D>(a.mul(s));'],
      ],
      killedBy: ['both styles match Meta and Hugging Face', '1, 2, 3, 4 at position 1'],
      looksLike: { en: 'the pairs turn the wrong way: the sign of the sine is swapped', zh: '旋转方向反了：正弦的符号写反了' },
    },
    {
      name: 'no turn but a mirror',
      replace: [[turnB, 'const turnedB = a.mul<tf.Tensor4D>(s).sub<tf.Tensor4D>(b.mul(c));']],
      killedBy: ['both styles match Meta and Hugging Face', 'position 0 turns nothing, every other one does'],
      looksLike: { en: 'the second feature of a pair has the wrong sign', zh: '一对中第二个特征的符号错了' },
    },
    {
      name: 'one feature turned with the new value of the other',
      replace: [[turnB, 'const turnedB = turnedA.mul<tf.Tensor4D>(s).add<tf.Tensor4D>(b.mul(c));']],
      killedBy: ['both styles match Meta and Hugging Face', 'a turn keeps the length of every pair'],
      looksLike: {
        en: 'the second feature is computed from the first one after its turn; both need the old values',
        zh: '第二个特征用了第一个旋转之后的值；两者都要用旧值',
      },
    },
    {
      name: 'cosine and sine swapped',
      replace: [
        [rows, rows.replace('cos, pos', 'sin, pos')],
        [sines, sines.replace('sin, pos', 'cos, pos')],
      ],
      killedBy: ['both styles match Meta and Hugging Face', 'position 0 turns nothing, every other one does'],
      looksLike: { en: 'cosine and sine are swapped', zh: '余弦和正弦用反了' },
    },
    {
      name: 'position restarts at 0',
      replace: [[rows, `pos = ${fromZero}; ${rows}`]],
      killedBy: ['both styles match Meta and Hugging Face', 'one token alone turns as it does among the others'],
      looksLike: {
        en: 'the positions are counted from 0 in every call; use pos, a decoded token stands late',
        zh: '每次调用都从 0 数位置；应当用 pos，解码时的词元位置靠后',
      },
    },
    {
      name: 'positions of the first sentence for all',
      replace: [[rows, `pos = pos.slice([0], [1]).tile<tf.Tensor2D>([B, 1]); ${rows}`]],
      killedBy: ['both styles match Meta and Hugging Face', 'applyRope: a batch of two equals two singles'],
      looksLike: { en: 'every sentence gets the positions of the first', zh: '每个句子用的都是第一个句子的位置' },
    },
    {
      name: 'turns along the heads',
      replace: [
        [rows, 'const c = tf.gather(cos, tf.range(0, H, 1, "int32")).reshape<tf.Tensor4D>([1, 1, H, K / 2]);'],
        [sines, 'const s = tf.gather(sin, tf.range(0, H, 1, "int32")).reshape<tf.Tensor4D>([1, 1, H, K / 2]);'],
      ],
      killedBy: ['both styles match Meta and Hugging Face', 'position 0 turns nothing, every other one does'],
      looksLike: { en: 'the angle grows with the head, not with the position', zh: '角度随头变化了，应当随位置变化' },
    },
    {
      name: 'only the first half of the pairs turns',
      replace: [
        [choose, `${choose} const keep = tf.range(0, K / 2).less(Math.ceil(K / 4)).cast("float32");`],
        [turnA, turnA.replace('b.mul(s)', 'b.mul(s.mul(keep))').replace('(c)', '(c.mul(keep).add(tf.sub(1, keep)))')],
        [turnB, turnB.replace('(s)', '(s.mul(keep))').replace('b.mul(c)', 'b.mul(c.mul(keep).add(tf.sub(1, keep)))')],
      ],
      killedBy: ['both styles match Meta and Hugging Face', '1, 2, 3, 4 at position 1'],
      looksLike: { en: 'some pairs are not turned', zh: '有些特征对没有旋转' },
    },
    {
      name: 'frequencies from twice the width',
      replace: [[angles, angles.replace('/ K)', '/ (2 * K))')]],
      killedBy: ['the cache matches PyTorch', 'theta and the width set the frequencies'],
      looksLike: {
        en: 'the exponent is divided by more than the width of one head (the model width?)',
        zh: '指数除的不是一个头的宽度（用了模型宽度？）',
      },
    },
    {
      name: 'exponent without the 2',
      replace: [[angles, angles.replace('-2 * ', '-1 * ')]],
      killedBy: ['the cache matches PyTorch', 'theta and the width set the frequencies'],
      looksLike: { en: 'the exponent is -i / K; it is -2i / K', zh: '指数写成了 -i / K；应当是 -2i / K' },
    },
    {
      name: 'theta is always 10000',
      replace: [[angles, angles.replace('theta **', '10_000 **')]],
      killedBy: 'theta and the width set the frequencies',
      looksLike: { en: 'theta is not used', zh: '没有使用 theta' },
    },
    {
      name: 'positions counted from 1',
      replace: [[angles, angles.replace('Math.floor(at / half) *', '(1 + Math.floor(at / half)) *')]],
      killedBy: ['the cache matches PyTorch', 'theta and the width set the frequencies'],
      looksLike: { en: 'the first row of the cache is position 1; it is position 0', zh: '缓存的第一行是位置 1；应当是位置 0' },
    },
    {
      name: 'slow frequencies first',
      replace: [[angles, angles.replace('(at % half)', '(half - 1 - (at % half))')]],
      killedBy: ['the cache matches PyTorch', 'theta and the width set the frequencies'],
      looksLike: { en: 'the frequencies run the wrong way: the first pair turns fastest', zh: '频率的次序反了：第一对转得最快' },
    },
    {
      name: 'angles in float32',
      replace: [
        [
          angles,
          'const angles = Float32Array.from({ length: T * half }, (_, at) => Math.fround(Math.floor(at / half) * Math.fround(theta ** ((-2 * (at % half)) / K))));',
        ],
      ],
      killedBy: 'late positions keep their digits',
      looksLike: {
        en: 'the angles are rounded to float32 before cos and sin: late positions lose digits',
        zh: '角度在取 cos 和 sin 之前就舍入成了 float32：位置靠后时丢失精度',
      },
    },
    {
      name: 'odd widths accepted',
      replace: [['if (!Number.isInteger(K) || K < 2 || K % 2 !== 0)', 'if (false)']],
      killedBy: 'an odd width is refused',
      looksLike: {
        en: 'a width that has no pairs is accepted, or fails without a UsageError',
        zh: '接受了不能成对的宽度，或者报的不是 UsageError',
      },
    },
    {
      name: "the first sentence's angles in the half style",
      replace: [
        [choose, `if (style === 'half') [c, s] = [c.slice([0], [1]), s.slice([0], [1])]; ${choose}`],
        [rows, rows.replace('const c', 'let c')],
        [sines, sines.replace('const s', 'let s')],
      ],
      killedBy: "applyRope: a batch of two and T = 1 in the 'half' style",
      looksLike: { en: "in the 'half' style every sentence turns as the first does", zh: "'half' 风格下每个句子都按第一个句子旋转" },
    },
  ],
  naive: [
    {
      name: 'one token at a time',
      replace: [
        [
          rows,
          `if (B > 1) return tf.concat(tf.split(x, B).map((y, b) => applyRope(y, cos, sin, pos.slice([b, 0], [1, T]), style)));
           if (T > 1) return tf.concat(tf.split(x, T, 1).map((y, t) => applyRope(y, cos, sin, pos.slice([0, t], [1, 1]), style)), 1);
           ${rows}`,
        ],
      ],
      fails: 'rope keeps up with the reference',
    },
  ],
  survivors: [
    {
      why: 'no fraction, infinity or NaN is even, and 1 is odd: K % 2 refuses them anyway',
      mutants: ['call: Number.isInteger(K) -> (K)', 'constant: K < 2 -> K < 1'],
    },
  ],
});
