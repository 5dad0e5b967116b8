/**
 * Can noise flip a verdict? Grades the same code again and again against a bound that it misses by 5 %, meets exactly, and beats by 5 %.
 *
 *   node tools/bench/verdicts.ts [--exercise transformer/sdpa] [--runs 40] [--self 100] [--clocks 6]
 *
 * The code is the reference itself, so its true throughput is 1 by construction, and the bound moves: 1 / 0.95, 1, 1 / 1.05. Every other run has a program
 * beside it that keeps a core busy. `--self` more runs take the interval after 24 pairs at least: the reference against itself. `--clocks` runs with and without
 * a learner's file that stops, turns back and speeds up every clock of its process. All through the judge that `grade` calls, in the strongest box there is.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadCatalog, programFor } from '../../grader/src/catalog/catalog.ts';
import { gradingSetup } from '../../grader/src/grading/setup.ts';
import { ProgramHost } from '../../grader/src/judge/program-host.ts';
import { ReferenceHost } from '../../grader/src/judge/reference-host.ts';
import { judgeThreshold } from '../../grader/src/judge/thresholds/threshold.ts';
import { LOOKS } from '../../grader/src/judge/thresholds/verdict.ts';
import { collectSuite } from '../../grader/src/suite/collect.ts';
import type { PerformanceOptions } from '../../grader/src/suite/types.ts';

const { values } = parseArgs({
  options: {
    exercise: { type: 'string', default: 'transformer/sdpa' },
    runs: { type: 'string', default: '40' },
    self: { type: 'string', default: '100' },
    clocks: { type: 'string', default: '6' },
    out: { type: 'string' },
  },
});

interface Run {
  readonly level: string;
  readonly hog: boolean;
  readonly status: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
}

const PATCHED_CLOCKS = `
const real = performance.now.bind(performance);
let calls = 0;
performance.now = () => 1e6 - 10 * calls++ + real() / 1000;
Date.now = () => 0;
if (process.hrtime) { process.hrtime.bigint = () => 0n; }
globalThis.setTimeout = (action) => { queueMicrotask(action); return 0; };
`;

const catalog = await loadCatalog(path.resolve(import.meta.dirname, '..', '..'));
const exercise = catalog.find(values.exercise);
const suite = await collectSuite(exercise.suiteFile);
const threshold = suite.entries.flatMap((entry) => (entry.kind === 'performance' && entry.options.kind === 'ratio' ? [entry] : []))[0];
if (threshold === undefined) throw new Error(`${exercise.id} has no ratio threshold`);
const honest = await programFor(exercise, 'reference');
const setup = await gradingSetup({});
const all: Run[] = [];

async function judgeOnce(level: string, atLeast: number, { hog = false, program = honest } = {}): Promise<Run> {
  // It looks now and then whether its parent is gone: one that was broken off must not leave it behind.
  const busy = 'const parent = process.ppid; for (let n = 1; n % 1e9 || process.ppid === parent; n++);';
  const beside = hog ? spawn(process.execPath, ['-e', busy], { stdio: 'ignore' }) : undefined;
  const hosts = { learner: new ProgramHost(exercise, program, setup), reference: new ReferenceHost(exercise, setup) };
  try {
    const options = { ...threshold!.options, atLeast } as PerformanceOptions;
    const seed = randomBytes(8).toString('hex');
    const report = await judgeThreshold({ ...threshold!, options }, { exercise, program, hosts, seed, options: setup });
    const { median, low, high, pairs } = (report.details ?? {}) as unknown as Run;
    const run = { level, hog, status: report.status, median, low, high, pairs };
    if (report.details === undefined) throw new Error(report.message ?? report.status);
    all.push(run);
    console.log(
      `${level.padEnd(8)} ${hog ? 'hog ' : 'calm'} ${run.status.padEnd(12)} ${run.median.toFixed(3)} [${run.low.toFixed(3)}, ${run.high.toFixed(3)}] ${run.pairs} pairs`,
    );
    if (values.out) await fs.writeFile(values.out, JSON.stringify(all));
    return run;
  } finally {
    beside?.kill('SIGKILL');
    await Promise.all([hosts.learner.close(), hosts.reference.close()]);
  }
}

for (let run = 0; run < Number(values.runs); run++)
  for (const level of [0.95, 1, 1.05]) await judgeOnce(level.toFixed(2), 1 / level, { hog: run % 2 === 1 });
for (let run = 0; run < Number(values.self); run++) await judgeOnce('self', 1);
const [entry] = Object.keys(honest.files);
const patched = { ...honest, files: { ...honest.files, [entry!]: `${PATCHED_CLOCKS}${honest.files[entry!]}` } };
for (let run = 0; run < Number(values.clocks); run++)
  for (const level of [0.6, 1.6])
    for (const [name, program] of [
      ['plain', honest],
      ['patched', patched],
    ] as const)
      await judgeOnce(`${name} ${level}`, 1 / level, { program });

console.log(`\n${exercise.id}, ${setup.driver} box, ${setup.backend}\n`);
console.log(
  '| code at | beside it | passed | failed | inconclusive | median of medians | widest interval |\n|---|---|---|---|---|---|---|',
);
for (const level of new Set(all.map((run) => run.level)))
  for (const hog of [false, true]) {
    const runs = all.filter((run) => run.level === level && run.hog === hog);
    if (runs.length === 0) continue;
    const count = (status: string) => runs.filter((run) => run.status === status).length;
    const middle = runs.map((run) => run.median).sort((a, b) => a - b)[runs.length >> 1]!;
    const widest = runs.reduce((wide, run) => (run.high - run.low > wide.high - wide.low ? run : wide));
    console.log(
      `| ${level}x | ${hog ? 'a busy program' : 'nothing'} | ${count('passed')} | ${count('failed')} | ${count('inconclusive')} | ${middle.toFixed(3)} | ${widest.low.toFixed(2)} to ${widest.high.toFixed(2)} |`,
    );
  }
const long = all.filter(({ pairs, level }) => pairs >= LOOKS[1].pairs && !level.startsWith('patched'));
const near = long.filter(({ median }) => Math.abs(median - 1) <= 0.05);
const calm = long.filter(({ hog }) => !hog);
const calmNear = calm.filter(({ median }) => Math.abs(median - 1) <= 0.05);
console.log(
  `\nthe reference against itself over ${LOOKS[1].pairs} pairs or more: ${near.length} of ${long.length} runs within 1.00 +/- 0.05 (with nothing beside: ${calmNear.length} of ${calm.length})`,
);
for (const level of ['0.95', '1.00', '1.05']) {
  const statuses = new Set(all.filter((run) => run.level === level).map(({ status }) => status));
  if (statuses.has('passed') && statuses.has('failed')) console.log(`CONTRADICTION at ${level}`);
}
