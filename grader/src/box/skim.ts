/** Walks the tokens of a MessagePack text without building anything, so that a small frame cannot become a huge or bottomless value. */

export interface SkimCaps {
  readonly depth: number;
  /** Of the whole frame, by the prices below. */
  readonly cost: number;
  /** Extension types that there are. */
  readonly known: readonly number[];
  /** Extension types whose payload is MessagePack again. */
  readonly nested: readonly number[];
}

/** Bytes that a value takes at most once it is built, its payload aside. Pairs (a new key each) and extensions are priced for their time: 4 to 7 us, measured. */
const prices = { scalar: 32, text: 64, container: 128, pair: 1024, extension: 2048 } as const;

/** Throws RangeError when `bytes` is not exactly one well-formed value within the caps. */
export function skim(bytes: Uint8Array, caps: SkimCaps): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  skimRange(view, 0, bytes.length, caps, 0, { cost: 0 });
}

function skimRange(view: DataView, start: number, end: number, caps: SkimCaps, depth: number, spent: { cost: number }): void {
  const left: number[] = []; // values still to come, per open container
  let at = start;
  let wanted = 1;

  const need = (count: number): void => {
    if (at + count > end) throw new RangeError('a frame that ends too early');
  };
  const pay = (price: number): void => {
    spent.cost += price;
    if (spent.cost > caps.cost) throw new RangeError('more values in one frame than a grader takes');
  };
  const skip = (count: number): void => {
    need(count);
    at += count;
  };
  const size = (width: 1 | 2 | 4): number => {
    need(width);
    const n = width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at) : view.getUint32(at);
    at += width;
    return n;
  };
  const open = (count: number): void => {
    pay(prices.container);
    if (count === 0) return;
    if (depth + left.length + 1 > caps.depth) throw new RangeError(`values nested deeper than ${caps.depth}`);
    if (count > end - at) throw new RangeError('a frame that ends too early');
    left.push(wanted);
    wanted = count;
  };
  const openPairs = (count: number): void => {
    pay(count * prices.pair);
    open(2 * count);
  };
  const text = (length: number): void => {
    pay(prices.text);
    skip(length);
  };
  const binary = (length: number): void => {
    pay(prices.extension);
    skip(length);
  };
  const extension = (length: number): void => {
    pay(prices.extension);
    need(1 + length);
    const type = view.getInt8(at);
    at += 1;
    if (!caps.known.includes(type)) throw new RangeError(`an extension of an unknown kind (${type})`);
    if (caps.nested.includes(type)) {
      if (depth + left.length + 1 > caps.depth) throw new RangeError(`values nested deeper than ${caps.depth}`);
      skimRange(view, at, at + length, caps, depth + left.length + 1, spent);
    }
    at += length;
  };

  for (;;) {
    while (wanted === 0) {
      const outer = left.pop();
      if (outer === undefined) {
        if (at !== end) throw new RangeError('bytes after the end of a frame');
        return;
      }
      wanted = outer;
    }
    wanted--;
    pay(prices.scalar);
    const tag = size(1);
    if (tag <= 0x7f || tag >= 0xe0) continue; // small integers
    if (tag <= 0x8f) openPairs(tag & 0x0f);
    else if (tag <= 0x9f) open(tag & 0x0f);
    else if (tag <= 0xbf) text(tag & 0x1f);
    else if (tag === 0xc0 || tag === 0xc2 || tag === 0xc3) continue;
    else if (tag === 0xd9) text(size(1));
    else if (tag === 0xda) text(size(2));
    else if (tag === 0xdb) text(size(4));
    else if (tag === 0xc4) binary(size(1));
    else if (tag === 0xc5) binary(size(2));
    else if (tag === 0xc6) binary(size(4));
    else if (tag === 0xc7) extension(size(1));
    else if (tag === 0xc8) extension(size(2));
    else if (tag === 0xc9) extension(size(4));
    else if (tag === 0xcc || tag === 0xd0) skip(1);
    else if (tag === 0xcd || tag === 0xd1) skip(2);
    else if (tag === 0xca || tag === 0xce || tag === 0xd2) skip(4);
    else if (tag === 0xcb || tag === 0xcf || tag === 0xd3) skip(8);
    else if (tag >= 0xd4 && tag <= 0xd8) extension(1 << (tag - 0xd4));
    else if (tag === 0xdc) open(size(2));
    else if (tag === 0xdd) open(size(4));
    else if (tag === 0xde) openPairs(size(2));
    else if (tag === 0xdf) openPairs(size(4));
    else throw new RangeError(`a byte that no value starts with (0x${tag.toString(16)})`);
  }
}
