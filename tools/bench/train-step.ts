/**
 * How fast each backend trains: forward, backward and Adam on a LLaMA-shaped model, contenders taking turns in one run.
 * `node tools/bench/train-step.ts [--model 3.43M|26.7M] [--rounds 3] [--only wasm,pytorch] [--threads 2] [--json]`
 * The rival is TF.js WASM with only its missing kernel added. A contender that cannot start is reported as not run.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { count, parameters, sizes, writeInputs } from './model-spec.ts';

interface Contender {
  readonly name: string;
  readonly steps: number; // steps in a round, so that no round is too short to time
  readonly command: (folder: string, threads: string) => [string, string[]];
}

const node =
  (name: string): Contender['command'] =>
  (folder, threads) => [process.execPath, ['--no-warnings', join(import.meta.dirname, 'contender.ts'), name, folder, threads]];
const python =
  (...words: string[]): Contender['command'] =>
  (folder, threads) => ['python3', [join(import.meta.dirname, 'train_step.py'), folder, threads, ...words]];
const contenders: readonly Contender[] = [
  { name: 'stock-wasm', steps: 1, command: node('stock-wasm') },
  { name: 'wasm', steps: 5, command: node('wasm') },
  { name: 'wasm+fused', steps: 5, command: node('wasm+fused') },
  { name: 'wasm+fused+threads', steps: 5, command: node('wasm+fused+threads') },
  { name: 'tensorflow', steps: 15, command: node('tensorflow') },
  { name: 'tensorflow+fused', steps: 15, command: node('tensorflow+fused') },
  { name: 'pytorch', steps: 15, command: python() },
  { name: 'pytorch+sdpa', steps: 15, command: python('sdpa') },
];

/** Losses of two contenders may drift apart by rounding; a wrong gradient is seen in the second step. */
const lossTolerance = 5e-3;

class Runner {
  readonly name: string;
  readonly steps: number;
  readonly losses: number[] = [];
  readonly speeds: number[] = []; // tokens a second, one per round
  readonly busy: number[] = []; // CPU milliseconds a step, one per round
  title = '';
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #error = '';

  constructor({ name, steps, command }: Contender, folder: string, threads: string) {
    this.name = name;
    this.steps = steps;
    const [program, words] = command(folder, threads);
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
    await this.run(1); // compiles, fills caches; its loss counts, its time does not
    this.speeds.length = 0;
    this.busy.length = 0;
  }

  async run(steps: number): Promise<void> {
    this.#child.stdin?.write(`${JSON.stringify({ steps })}\n`);
    const { losses, ms, cpuMs } = await this.#next<{ losses: number[]; ms: number; cpuMs: number }>();
    this.losses.push(...losses);
    this.speeds.push((steps * size.B * size.T * 1000) / ms);
    this.busy.push(cpuMs / steps);
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null && this.#child.pid !== undefined) await once(this.#child, 'exit');
  }

  /** The next line that is a message: libraries print their own lines too. */
  async #next<T>(): Promise<T> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(lastLine(this.#error) ?? 'ended without a word');
      if (value.startsWith('{')) return JSON.parse(value) as T;
    }
  }
}

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: '3.43M' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    threads: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const size = sizes[values.model]!;
if (!size) {
  process.stderr.write(`train-step: expected --model ${Object.keys(sizes).join(' or ')}, got ${values.model}\n`);
  process.exit(2);
}
if (!Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(`train-step: expected --rounds to be a whole number from 1, got ${values.rounds}\n`);
  process.exit(2);
}
const asked = values.only?.split(',') ?? contenders.map(({ name }) => name);
const folder = writeInputs(size, 64);
const absent: { name: string; reason: string }[] = [];
const running: Runner[] = [];
try {
  for (const contender of contenders.filter(({ name }) => asked.includes(name))) {
    const runner = new Runner(contender, folder, values.threads);
    try {
      await runner.start();
      running.push(runner);
    } catch (error) {
      absent.push({ name: contender.name, reason: (error as Error).message });
      await runner.stop();
    }
  }
  for (let round = 0; round < rounds; round++) {
    // There and back, so that a machine that slows down favours nobody.
    for (const runner of round % 2 === 0 ? running : [...running].reverse()) await runner.run(runner.steps);
    if (process.stderr.isTTY) process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
} finally {
  await Promise.all(running.map((runner) => runner.stop()));
  rmSync(folder, { recursive: true, force: true });
}

const disagreements = compareLosses(running);
const weights = parameters(size).reduce((sum, parameter) => sum + count(parameter), 0);
if (values.json) {
  const results = running.map(({ name, title, speeds, busy, losses }) => ({ name, title, speeds, busy, losses }));
  process.stdout.write(`${JSON.stringify({ weights, size, rounds, results, absent, disagreements })}\n`);
} else print();
process.exitCode = disagreements.length > 0 ? 1 : 0;

function print(): void {
  const line = (text: string) => process.stdout.write(`${text}\n`);
  line(`${(weights / 1e6).toFixed(2)}M parameters, ${size.B * size.T} tokens a step, ${rounds} rounds; medians, ratios within a round`);
  line(`| contender | tokens/s | CPU ms a step | x stock-wasm | by CPU time | x pytorch | loss, first -> step ${shortest(running)} |`);
  line('|---|---|---|---|---|---|---|');
  for (const runner of running) {
    const cells = [`${runner.name} (${runner.title})`, ...figures(runner)];
    line(`| ${cells.join(' | ')} | ${runner.losses[0]?.toFixed(4)} -> ${runner.losses[shortest(running) - 1]?.toFixed(4)} |`);
  }
  for (const { name, reason } of absent) line(`not run: ${name}: ${reason}`);
  line(
    disagreements.length === 0
      ? `losses agree within ${lossTolerance} of each other over ${shortest(running)} steps`
      : disagreements.join('\n'),
  );
}

/** CPU time tells more than wall time where other programs share the cores; it favours one thread over two, so read both. */
function figures(runner: Runner): string[] {
  const rival = running.find(({ name }) => name === 'stock-wasm');
  const byCpu = rival === undefined ? '-' : median(runner.busy.map((ms, round) => (rival.busy[round] as number) / ms)).toFixed(2);
  return [median(runner.speeds).toFixed(0), median(runner.busy).toFixed(0), ratio(runner, 'stock-wasm'), byCpu, ratio(runner, 'pytorch')];
}

function ratio(runner: Runner, name: string): string {
  const other = running.find((candidate) => candidate.name === name);
  if (other === undefined) return '-';
  return median(runner.speeds.map((speed, round) => speed / (other.speeds[round] as number))).toFixed(2);
}

function compareLosses(runners: readonly Runner[]): string[] {
  const [first, ...others] = runners;
  if (first === undefined) return ['nothing ran'];
  return others.flatMap((other) => {
    const steps = Math.min(first.losses.length, other.losses.length);
    const at = first.losses
      .slice(0, steps)
      .findIndex((loss, i) => !(Math.abs(loss - (other.losses[i] as number)) <= lossTolerance * Math.abs(loss)));
    return at === -1 ? [] : [`losses differ at step ${at + 1}: ${first.name} ${first.losses[at]}, ${other.name} ${other.losses[at]}`];
  });
}

function shortest(runners: readonly Runner[]): number {
  return Math.min(...runners.map(({ losses }) => losses.length));
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((x, y) => x - y);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** The last line of a stack trace says where, the first "Error:" line says what. */
function lastLine(text: string): string | undefined {
  const lines = text.trim().split('\n');
  return lines.find((line) => /Error\b.*:/.test(line)) ?? lines.at(-1);
}
