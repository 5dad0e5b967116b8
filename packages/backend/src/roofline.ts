/** How fast this very device is: the two figures that performance thresholds on a GPU are measured against. */
import * as tf from './tf.ts';

export interface Roofline {
  /** The best rate of a square float32 product, in 1e9 floating point operations per second (2 n^3 each). */
  readonly matmulGflops: number;
  readonly matmulSize: number;
  /** The best rate of y = max(x, 0) over a large vector, in 1e9 bytes per second, read and written. */
  readonly copyGbps: number;
  readonly copyBytes: number;
}

export interface MeasureOptions {
  /** Sizes grow until one round takes this long; a device that waits for work at each sync needs no less. */
  readonly roundMs?: number;
  readonly rounds?: number;
}

/** Measures the current backend: about a second on wasm. The result is read back inside every span, so a queue on a GPU does not count as done. */
export async function measureRoofline({ roundMs = 30, rounds = 5 }: MeasureOptions = {}): Promise<Roofline> {
  const matmul = await grow([128, 256, 512, 1024, 2048, 4096, 8192], roundMs, rounds, (n) => {
    const a = tf.randomUniform([n, n], -1, 1, 'float32', 1);
    const b = tf.randomUniform([n, n], -1, 1, 'float32', 2);
    return { inputs: [a, b], run: () => tf.matMul(a, b) };
  });
  const copy = await grow([1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26], roundMs, rounds, (n) => {
    const x = tf.ones([n]);
    return { inputs: [x], run: () => tf.relu(x) };
  });
  const copyBytes = copy.size * 8;
  return {
    matmulGflops: round((2 * matmul.size ** 3) / matmul.ms / 1e6),
    matmulSize: matmul.size,
    copyGbps: round(copyBytes / copy.ms / 1e6),
    copyBytes,
  };
}

// --- helpers ---

interface Work {
  readonly inputs: tf.Tensor[];
  readonly run: () => tf.Tensor;
}

/** Takes the first size whose round is long enough (else the largest) and times it `rounds` times; the fastest counts. */
async function grow(
  sizes: number[],
  roundMs: number,
  rounds: number,
  prepare: (size: number) => Work,
): Promise<{ size: number; ms: number }> {
  for (const size of sizes) {
    const { inputs, run } = prepare(size);
    try {
      await time(run); // the first run compiles shaders and grows memory
      let best = await time(run);
      if (best < roundMs && size !== sizes.at(-1)) continue;
      for (let round = 1; round < rounds; round++) best = Math.min(best, await time(run));
      return { size, ms: best };
    } finally {
      tf.dispose(inputs);
    }
  }
  throw new RangeError('grow: expected at least one size, got none');
}

async function time(run: () => tf.Tensor): Promise<number> {
  const start = performance.now();
  const out = run();
  const corner = tf.tidy(() => out.flatten().slice([0], [1]));
  await corner.data();
  const ms = performance.now() - start;
  tf.dispose([out, corner]);
  return ms;
}

function round(x: number): number {
  return Number(x.toPrecision(3));
}
