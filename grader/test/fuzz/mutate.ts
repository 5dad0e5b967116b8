/** Small changes to bytes, drawn from a seed that is printed: LADDER_FUZZ_SEED repeats a run, LADDER_FUZZ_MS gives it more time. */

export const seed = Number(process.env.LADDER_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
export const budgetMs = Number(process.env.LADDER_FUZZ_MS ?? 3000);

export type Draw = (below: number) => number;

/** Whole numbers below a bound (mulberry32). */
export function drawFrom(start: number): Draw {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Bytes that mean much: containers, texts and extensions of every width, and the ends of each range of lengths. */
const telling = [0x00, 0x7f, 0x80, 0x81, 0x8f, 0x90, 0x91, 0x9f, 0xa1, 0xbf, ...Array.from({ length: 64 }, (_, i) => 0xc0 + i)];

/** One to eight changes: a byte, a bit, a cut, a piece twice, a piece of another, a length made huge. */
export function mutate(source: Uint8Array, others: readonly Uint8Array[], draw: Draw): Uint8Array {
  let bytes = [...source];
  for (let left = 1 + draw(8); left > 0; left--) {
    const at = draw(bytes.length + 1);
    const length = draw(16);
    const kind = draw(7);
    if (kind === 0) bytes[Math.min(at, bytes.length - 1)] = telling[draw(telling.length)]!;
    else if (kind === 1) bytes[Math.min(at, bytes.length - 1)]! ^= 1 << draw(8);
    else if (kind === 2) bytes.splice(at, length);
    else if (kind === 3) bytes.splice(at, 0, ...bytes.slice(at, at + length));
    else if (kind === 4) bytes.splice(at, 0, ...others[draw(others.length)]!.slice(0, 200));
    else if (kind === 5) bytes.splice(at, 4, 0xff, 0xff, draw(256), draw(256));
    else bytes = bytes.slice(0, at);
    if (bytes.length === 0) bytes = [telling[draw(telling.length)]!];
    // Splicing grows exponentially otherwise.
    if (bytes.length > 100_000) bytes.length = 100_000;
  }
  return Uint8Array.from(bytes, (byte) => byte & 255);
}

/** Calls `step` until the time is over; says the seed, and which round failed. Returns how many rounds there were. */
export async function rounds(name: string, step: (draw: Draw) => void | Promise<void>): Promise<number> {
  const ends = performance.now() + budgetMs;
  let round = 0;
  for (; performance.now() < ends; round++) {
    try {
      await step(drawFrom(seed + round));
    } catch (error) {
      throw new Error(`${name}: round ${round}; LADDER_FUZZ_SEED=${seed + round} makes it the first`, { cause: error });
    }
  }
  console.info(`${name}: ${round} rounds in ${budgetMs} ms, seed ${seed}`);
  return round;
}
