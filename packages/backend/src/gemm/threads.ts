/**
 * Matrix products on several threads: each computes some rows of the output in the shared memory of the WASM backend, so nothing is copied.
 * The calling thread does its part and then waits (Node allows `Atomics.wait` on the main thread; a browser's page does not, so it has none).
 */
import type { GemmExports, Memory, Module } from './module.ts';

/** Slots of the control block: Atomics.wait needs int32. Addresses above 2 GB wrap around and WASM reads them right. */
const ROUND = 0;
const LEFT = 1;
const JOBS = 2;
const WORDS_PER_JOB = 14; // the arguments of gemm

/** A worker's whole program, as text: a bundle may move files around. A job without rows still counts as done. */
const program = `
const { workerData } = require('node:worker_threads');
const { memory, module, control, job } = workerData;
const { gemm } = new WebAssembly.Instance(module, { env: { memory }, training: { ln: Math.log } }).exports;
for (let round = 0; ; ) {
  Atomics.wait(control, ${ROUND}, round);
  const now = Atomics.load(control, ${ROUND});
  if (now === round) continue;
  round = now;
  const words = control.subarray(job, job + ${WORDS_PER_JOB});
  if (words[1] > 0) gemm(...words);
  if (Atomics.sub(control, ${LEFT}, 1) === 1) Atomics.notify(control, ${LEFT});
}`;

/** Below this many multiply-adds a product is done before another thread is awake. */
const WORTH_SPLITTING = 1 << 20;

type Job = Parameters<GemmExports['gemm']>;

export class GemmThreads {
  readonly count: number;
  readonly #functions: GemmExports;
  readonly #control: Int32Array;

  private constructor(functions: GemmExports, control: Int32Array, count: number) {
    this.#functions = functions;
    this.#control = control;
    this.count = count;
  }

  /** Starts `count - 1` threads; they sleep when there is no work and end with the process. */
  static async start(functions: GemmExports, module: Module, memory: Memory, count: number): Promise<GemmThreads> {
    const { Worker } = await import('node:worker_threads');
    const control = new Int32Array(new SharedArrayBuffer(4 * (JOBS + WORDS_PER_JOB * count)));
    await Promise.all(
      Array.from({ length: count - 1 }, (_, i) => {
        const workerData = { memory, module, control, job: JOBS + WORDS_PER_JOB * i };
        const worker = new Worker(program, { eval: true, workerData, execArgv: [] });
        return new Promise<void>((ready, fail) => {
          worker.once('error', fail);
          worker.once('online', () => {
            worker.unref(); // not before: nothing else may keep the process alive until now
            ready();
          });
        });
      }),
    );
    return new GemmThreads(functions, control, count);
  }

  /** How many parts a product is worth, each with scratch of its own: 1 for a small one. */
  parts(batch: number, m: number, n: number, k: number): number {
    return batch * m * n * k < WORTH_SPLITTING ? 1 : Math.min(this.count, Math.max(batch, Math.floor(m / 8)));
  }

  /** The product in `parts` parts: whole matrices where there are enough of them, else rows of A. `scratch` holds `scratchBytes` for each part. */
  gemm(parts: number, scratchBytes: number, ...product: Job): void {
    const mine = part(product, 0, parts, scratchBytes);
    for (let i = 1; i < this.count; i++) {
      const at = JOBS + WORDS_PER_JOB * (i - 1);
      if (i < parts) this.#control.set(part(product, i, parts, scratchBytes), at);
      else this.#control[at + 1] = 0; // no rows
    }
    Atomics.store(this.#control, LEFT, this.count - 1);
    Atomics.add(this.#control, ROUND, 1);
    Atomics.notify(this.#control, ROUND);
    this.#functions.gemm(...mine);
    for (let left = 1; left > 0; ) {
      left = Atomics.load(this.#control, LEFT);
      if (left > 0) Atomics.wait(this.#control, LEFT, left);
    }
  }
}

// --- helpers ---

/** Part i of p: a range of the batch, or of the rows of the only matrix. Every row is computed as it would be alone, so a split changes no bit. */
function part(product: Job, i: number, p: number, scratchBytes: number): Job {
  const [batch, m, n, k, a, aBatch, aRow, aColumn, b, bBatch, bRow, bColumn, out, scratch] = product;
  const [from, to] = [Math.floor(((batch > 1 ? batch : m) * i) / p), Math.floor(((batch > 1 ? batch : m) * (i + 1)) / p)];
  const own = scratch + i * scratchBytes;
  if (batch > 1) {
    const [aFrom, bFrom, outFrom] = [a + 4 * from * aBatch, b + 4 * from * bBatch, out + 4 * from * m * n];
    return [to - from, m, n, k, aFrom, aBatch, aRow, aColumn, bFrom, bBatch, bRow, bColumn, outFrom, own];
  }
  return [1, to - from, n, k, a + 4 * from * aRow, 0, aRow, aColumn, b, 0, bRow, bColumn, out + 4 * from * n, own];
}
