/** Shapes that files state, and half-precision numbers as float32. */

/** The product of a shape, or NaN where it is no shape: not whole, negative, or too large to count. */
export function sizeOf(shape: readonly unknown[]): number {
  let size = 1;
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || (length as number) < 0) return Number.NaN;
    size *= length as number;
  }
  return Number.isSafeInteger(size) ? size : Number.NaN;
}

/** bfloat16 is the upper half of a float32. */
export function fromBf16(bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

export function fromF16(bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const table = halfTable();
  const numbers = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) numbers[i] = table[halves[i]!]!;
  return numbers;
}

let halfNumbers: Float32Array | undefined;

/** The number of each of the 65,536 float16 bit patterns (IEEE 754 binary16). */
export function halfTable(): Float32Array {
  halfNumbers ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => {
    const [sign, exponent, fraction] = [bits >> 15 === 1 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  return halfNumbers;
}
