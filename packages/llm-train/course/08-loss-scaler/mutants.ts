import { defineMutants } from '@llm-ladder/grader/course';

const torch = 'both roundings match PyTorch, bit for bit';
const tie = 'a tie goes to the even neighbour';
const subnormal = 'float16 has subnormals, and below them 0';
const over = 'float16 overflows at 65520, bfloat16 does not';
const special = 'infinity and NaN stay what they are';
const once = 'rounding twice is rounding once, and the input stays';
const back = 'the scaled loss gives the gradients back';
const small = 'a gradient too small for float16 survives, thanks to the factor';
const skips = 'an overflow skips the update and halves the factor';
const trying = 'the factor itself may overflow: it is found by trying';
const doubles = 'after enough good updates in a row the factor doubles';
const bfloat = 'bfloat16 is not scaled';
const master = 'updates of 1e-4 add up in the master weights';
const forward = 'the forward pass sees rounded weights, the clip true gradients';

const half = 'const half = 0x7fff + ((b >>> 16) & 1);';
const rounded = 'const rounded = Math.abs(x[i]!) + push - push;';
const size = 'const size = rounded > 65504 ? Number.POSITIVE_INFINITY : rounded;';
const step = 'const step = 2 ** (exponent - 10);';
const norm = 'const norm = Math.sqrt(grads.reduce(';
const gate = "if (this.#precision !== 'fp16') return;";

export default defineMutants({
  mutants: [
    {
      name: 'bfloat16 truncates',
      replace: [[half, 'const half = 0;']],
      killedBy: [torch, tie],
      looksLike: { en: 'toBf16 cuts the lower bits off; it rounds to the nearest', zh: 'toBf16 直接截掉了低位；应当舍入到最近的数' },
    },
    {
      name: 'float16 truncates',
      replace: [[rounded, `${step} const rounded = Math.floor(Math.abs(x[i]!) / step) * step;`]],
      killedBy: [torch, tie],
      looksLike: { en: 'toFp16 cuts the lower bits off; it rounds to the nearest', zh: 'toFp16 直接截掉了低位；应当舍入到最近的数' },
    },
    {
      name: 'bfloat16 rounds ties up',
      replace: [[half, 'const half = 0x8000;']],
      killedBy: [torch, tie],
      looksLike: { en: 'toBf16 rounds a tie away from 0; it goes to the even neighbour', zh: 'toBf16 把恰好一半的数进了位；应当取偶数' },
    },
    {
      name: 'float16 rounds ties up',
      replace: [[rounded, `${step} const rounded = Math.round(Math.abs(x[i]!) / step) * step;`]],
      killedBy: [torch, tie],
      looksLike: { en: 'toFp16 rounds a tie away from 0; it goes to the even neighbour', zh: 'toFp16 把恰好一半的数进了位；应当取偶数' },
    },
    {
      name: 'bfloat16 keeps a bit too many',
      replace: [['(b + half) & 0xffff0000', '(b + (half >> 1)) & 0xffff8000']],
      killedBy: [torch, tie],
      looksLike: { en: 'toBf16 keeps 8 bits after the point; bfloat16 has 7', zh: 'toBf16 保留了 8 位尾数；bfloat16 只有 7 位' },
    },
    {
      name: 'subnormals of float16 are flushed to 0',
      replace: [[size, 'const size = rounded > 65504 ? Number.POSITIVE_INFINITY : rounded < 2 ** -14 ? 0 : rounded;']],
      killedBy: [torch, subnormal],
      looksLike: { en: 'below 2^-14 toFp16 gives 0; the steps of 2^-24 go on', zh: '小于 2^-14 时 toFp16 给出 0；2^-24 的间隔应当继续' },
    },
    {
      name: 'float16 with the exponents of float32',
      replace: [['Math.max(-14, ', 'Math.max(-126, ']],
      killedBy: [torch, subnormal],
      looksLike: { en: 'toFp16 keeps numbers that are too small for float16', zh: 'toFp16 保留了 float16 装不下的小数' },
    },
    {
      name: 'float16 stops at 65504',
      replace: [[size, 'const size = Math.min(65504, rounded);']],
      killedBy: [torch, over],
      looksLike: { en: 'numbers beyond 65504 are held there; they overflow to infinity', zh: '超过 65504 的数被压住了；应当溢出为无穷' },
    },
    {
      name: 'float16 overflows one step late',
      replace: [['rounded > 65504 ?', 'rounded > 65536 ?']],
      killedBy: [torch, over],
      looksLike: { en: '65520 rounds to 65536, which float16 does not have', zh: '65520 会舍入到 65536，而 float16 没有这个数' },
    },
    {
      name: 'NaN becomes a number',
      replace: [['notANumber ? 0x7fc00000 : (b + half)', '(b + half)']],
      killedBy: [torch, special],
      looksLike: { en: 'the carry turns some NaN into -0 or infinity', zh: '进位把某些 NaN 变成了 -0 或无穷' },
    },
    {
      name: 'the sign of 0 is lost',
      replace: [['bits[i]! >>> 31 ? -size : size', 'x[i]! < 0 && size > 0 ? -size : size']],
      killedBy: [torch, subnormal],
      looksLike: { en: 'negative numbers that round to 0 lose their sign', zh: '舍入到 0 的负数丢了符号' },
    },
    {
      name: 'rounds in place',
      replace: [
        ['const bits = new Uint32Array(x.length);', 'const bits = new Uint32Array(x.buffer, x.byteOffset, x.length);'],
        ['return new Float32Array(bits.buffer);', 'return x;'],
      ],
      killedBy: once,
      looksLike: { en: 'the input is changed; give a copy', zh: '输入被改动了；应当返回副本' },
    },
    {
      name: 'scaled for bfloat16 too',
      replace: [["this.factor = precision === 'fp16' ? initial : 1;", 'this.factor = initial;']],
      killedBy: bfloat,
      looksLike: { en: 'the loss is scaled for bfloat16 too', zh: 'bfloat16 也做了放大' },
    },
    {
      name: 'the factor moves for bfloat16',
      replace: [[gate, '']],
      killedBy: bfloat,
      looksLike: { en: 'for bfloat16 the factor stays 1', zh: 'bfloat16 的系数应当一直是 1' },
    },
    {
      name: 'updates although a gradient overflowed',
      replace: [['if (this.overflowed) return false;', '']],
      killedBy: [skips, trying],
      looksLike: { en: 'an infinite gradient goes into the weights', zh: '无穷大的梯度进入了权重' },
    },
    {
      name: 'the factor never falls',
      replace: [['if (this.overflowed) this.factor /= 2;', '']],
      killedBy: [skips, trying, doubles],
      looksLike: { en: 'after an overflow the factor stays: the next one overflows again', zh: '溢出之后系数没变：下一次还会溢出' },
    },
    {
      name: 'an overflow does not break the row',
      replace: [['this.good = this.overflowed ? 0 : this.good + 1;', 'this.good += this.overflowed ? 0 : 1;']],
      killedBy: doubles,
      looksLike: { en: 'good updates before an overflow still count', zh: '溢出之前的成功次数仍然计入' },
    },
    {
      name: 'doubles after every good update from then on',
      replace: [
        ['if (this.good === this.#interval)', 'if (this.good >= this.#interval)'],
        ['      this.good = 0;\n', ''],
      ],
      killedBy: doubles,
      looksLike: { en: 'the count does not begin anew after doubling', zh: '加倍之后没有重新计数' },
    },
    {
      name: 'never doubles',
      replace: [['      this.factor *= 2;\n', '']],
      killedBy: doubles,
      looksLike: { en: 'the factor never grows again', zh: '系数再也不会变大' },
    },
    {
      name: 'only NaN counts as an overflow',
      replace: [['!grad.every(Number.isFinite)', 'grad.some(Number.isNaN)']],
      killedBy: [skips, trying],
      looksLike: { en: 'an infinity is not seen as an overflow', zh: '没有把无穷当作溢出' },
    },
    {
      name: 'only the first gradient is looked at',
      replace: [['grads.some((grad) => !grad.every(Number.isFinite))', '!grads[0]!.every(Number.isFinite)']],
      killedBy: skips,
      looksLike: { en: 'only the first weight is checked for overflow', zh: '只检查了第一个权重是否溢出' },
    },
    {
      name: 'gradients stay scaled',
      replace: [['grad.map((x) => x / this.factor)', 'grad.slice()']],
      killedBy: [back, small, forward],
      looksLike: { en: 'the gradients are not divided by the factor', zh: '梯度没有除以系数' },
    },
    {
      name: 'the update is made in low precision',
      replace: [['  scaler.update();', '  for (const weight of master) weight.set(round(weight));\n  scaler.update();']],
      killedBy: [master, forward],
      looksLike: {
        en: 'the master weights are rounded: small updates are lost',
        zh: '主权重被舍入了：小的更新会丢失',
      },
    },
    {
      name: 'clips before it unscales',
      replace: [[norm, 'const norm = Math.sqrt(scaled.reduce(']],
      killedBy: forward,
      looksLike: { en: 'the scaled gradients are measured: clip after unscale', zh: '量的是放大后的梯度：应当先 unscale 再裁剪' },
    },
    {
      name: 'the forward pass sees the master weights',
      replace: [['gradsOf(master.map(round), ', 'gradsOf([...master], ']],
      killedBy: forward,
      looksLike: { en: 'the weights are not rounded for the forward pass', zh: '前向时没有对权重做舍入' },
    },
    {
      name: 'gradients in full precision',
      replace: [['scaler.scale(1)).map(round)', 'scaler.scale(1))']],
      killedBy: small,
      looksLike: { en: 'the gradients are not rounded: nothing can underflow', zh: '梯度没有舍入：也就不会下溢' },
    },
    {
      name: 'the factor is not used',
      replace: [['gradsOf(master.map(round), scaler.scale(1))', 'gradsOf(master.map(round), 1)']],
      killedBy: [small, forward],
      looksLike: { en: 'the loss is not scaled before the gradients', zh: '求梯度之前没有放大损失' },
    },
    {
      name: 'goes uphill',
      replace: [['-rate * x', 'rate * x']],
      killedBy: [small, forward],
      looksLike: { en: 'the update has the wrong sign', zh: '更新的符号反了' },
    },
    {
      name: 'never clips',
      replace: [['const rate = lr * Math.min(1, clip / (norm + 1e-6));', 'const rate = lr;']],
      killedBy: forward,
      looksLike: { en: 'the gradient is not clipped', zh: '没有裁剪梯度' },
    },
  ],
  survivors: [
    {
      why: 'a typed array has no place -1 and none behind its end: what is written there is lost',
      mutants: [
        'constant: i = 0 -> i = -1',
        'operator: i < bits.length -> i <= bits.length',
        'constant: i = 0 -> i = -1 #2',
        'operator: i < x.length -> i <= x.length',
        'constant: j = 0 -> j = -1',
        'operator: j < weight.length -> j <= weight.length',
      ],
    },
    {
      why: 'the sum has the same step on the other side of 0, and its ties are as even',
      mutants: ['constant: 1.5 * 2 ** (exponent - 10 + 52) -> -1.5 * 2 ** (exponent - 10 + 52)'],
    },
  ],
});
