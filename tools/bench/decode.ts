/**
 * How fast one row is decoded with a key/value cache on a model of SmolLM2-135M's shape with random weights, contenders taking turns in one run.
 * `node tools/bench/decode.ts [--rounds 4] [--steps 16] [--prompt 128] [--only tensorflow,pytorch] [--threads 2]`
 * Every contender reads the same ids and must give the same logits within 1e-3. A contender that cannot start is reported as not run.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

/** Dims: V vocabulary, D model width, L layers, H query heads, G key/value heads, F MLP width. */
const size = { V: 49_152, D: 576, L: 30, H: 9, G: 3, F: 1536, maxLen: 2048, eps: 1e-5, theta: 10_000, style: 'half', tied: true } as const;
const tolerance = 1e-3;

interface Report {
  /** A few logits of each step. */
  readonly logits: readonly number[];
  readonly ms: number;
  readonly cpuMs: number;
}

/** A contender's process: one line of JSON for each question. */
class Runner {
  readonly name: string;
  readonly reports: Report[] = [];
  title = '';
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #error = '';

  constructor(name: string, folder: string, threads: string) {
    this.name = name;
    const script = (file: string) => join(import.meta.dirname, file);
    const [program, words] =
      name === 'pytorch'
        ? ['python3', [script('decode.py'), folder, threads]]
        : [process.execPath, ['--no-warnings', script('decode-contender.ts'), name, folder]];
    const env = { ...process.env, OMP_NUM_THREADS: threads, TF_NUM_INTRAOP_THREADS: threads, TF_CPP_MIN_LOG_LEVEL: '2' };
    this.#child = spawn(program, words, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.on('error', (error) => {
      this.#error = error.message;
    });
    this.#child.stderr?.on('data', (chunk) => {
      this.#error = (this.#error + chunk).slice(-4000);
    });
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  async start(): Promise<void> {
    this.title = (await this.#next<{ ready: string }>()).ready;
  }

  /** Reads the ids in one call if `together`, else one by one. */
  async run(ids: readonly number[], together = false): Promise<void> {
    this.#child.stdin?.write(`${JSON.stringify({ ids, together })}\n`);
    this.reports.push(await this.#next<Report>());
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null && this.#child.pid !== undefined) await once(this.#child, 'exit');
  }

  /** The next line that is a message: libraries print their own lines too. */
  async #next<T>(): Promise<T> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(this.#error.trim().split('\n').at(-1) || 'ended without a word');
      if (value.startsWith('{')) return JSON.parse(value) as T;
    }
  }
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '4' },
    steps: { type: 'string', default: '16' },
    prompt: { type: 'string', default: '128' },
    only: { type: 'string', default: 'tensorflow,tensorflow-exercise,pytorch' },
    threads: { type: 'string', default: '2' },
  },
});
const [rounds, steps, prompt] = [values.rounds, values.steps, values.prompt].map(Number) as [number, number, number];
if (![rounds, steps, prompt].every((n) => Number.isInteger(n) && n >= 1) || prompt + (rounds + 1) * steps > size.maxLen) {
  const got = `${values.rounds}, ${values.steps} and ${values.prompt}`;
  process.stderr.write(`decode: expected whole --rounds, --steps and --prompt from 1, at most ${size.maxLen} places in all, got ${got}\n`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'llm-ladder-decode-'));
const running: Runner[] = [];
try {
  writeModel(folder);
  for (const name of values.only.split(',')) {
    const runner = new Runner(name, folder, values.threads);
    try {
      await runner.start();
      running.push(runner);
    } catch (error) {
      process.stdout.write(`not run: ${name}: ${(error as Error).message}\n`);
      await runner.stop();
    }
  }
  for (const runner of running) {
    await runner.run(idsFrom(0, prompt), true);
    await runner.run(idsFrom(prompt, steps)); // compiles and fills caches: its time does not count
  }
  for (let round = 0; round < rounds; round++) {
    // There and back, so that a machine that slows down favours nobody.
    for (const runner of round % 2 === 0 ? running : running.toReversed()) await runner.run(idsFrom(prompt + (round + 1) * steps, steps));
  }
} finally {
  await Promise.all(running.map((runner) => runner.stop()));
  rmSync(folder, { recursive: true, force: true });
}
print();

function print(): void {
  const line = (text: string) => process.stdout.write(`${text}\n`);
  const last = prompt + (rounds + 1) * steps;
  line(`prompt of ${prompt} ids, then one by one up to ${last}; ${rounds} rounds of ${steps}; medians, ratios within a round`);
  line('| contender | ms a token | CPU ms a token | x pytorch | by CPU time | prompt, CPU ms |');
  line('|---|---|---|---|---|---|');
  for (const runner of running) {
    const timed = runner.reports.slice(2);
    const each = (of: 'ms' | 'cpuMs') => median(timed.map((report) => report[of] / steps)).toFixed(1);
    const cells = [`${runner.name} (${runner.title})`, each('ms'), each('cpuMs'), ratio(runner, 'ms'), ratio(runner, 'cpuMs')];
    line(`| ${cells.join(' | ')} | ${runner.reports[0]?.cpuMs.toFixed(0)} |`);
  }
  const worst = largestDifference(running);
  line(worst <= tolerance ? `logits agree: they differ by ${worst.toExponential(1)} at most` : `logits differ by ${worst}`);
  process.exitCode = worst <= tolerance ? 0 : 1;
}

function ratio(runner: Runner, of: 'ms' | 'cpuMs'): string {
  const rival = running.find(({ name }) => name === 'pytorch');
  if (rival === undefined) return '-';
  return median(runner.reports.slice(2).map((report, round) => rival.reports[round + 2]![of] / report[of])).toFixed(2);
}

function largestDifference([first, ...others]: readonly Runner[]): number {
  if (first === undefined) return Number.NaN;
  const all = (runner: Runner) => runner.reports.flatMap(({ logits }) => logits);
  const expected = all(first);
  return Math.max(0, ...others.flatMap((other) => all(other).map((logit, i) => Math.abs(logit - expected[i]!))));
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((x, y) => x - y);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Ids that both sides read: no id depends on what a contender says. */
function idsFrom(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => ((start + i) * 7919 + 13) % size.V);
}

/** weights.f32: every matrix [in, out], uniform and of the deviation 1 / sqrt(in); gains are 1 and not stored. Order: the table, then layer by layer. */
function writeModel(folder: string): void {
  const { V, D, L, H, G, F } = size;
  const kv = G * (D / H);
  const shapes = [
    [V, D],
    ...Array.from({ length: L }, () => [
      [D, D],
      [D, kv],
      [D, kv],
      [D, D],
      [D, F],
      [F, D],
      [D, F],
    ]).flat(),
  ];
  writeFileSync(join(folder, 'spec.json'), JSON.stringify({ ...size, shapes }));
  const file = openSync(join(folder, 'weights.f32'), 'w');
  let state = 1;
  for (const [i, [rows, columns]] of (shapes as [number, number][]).entries()) {
    const scale = Math.sqrt(3) * (i === 0 ? 0.04 : 1 / Math.sqrt(rows));
    const matrix = new Float32Array(rows * columns);
    for (let at = 0; at < matrix.length; at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      matrix[at] = (state / 2 ** 31) * scale;
    }
    writeSync(file, matrix);
  }
}
