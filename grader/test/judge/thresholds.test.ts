import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Exercise } from '../../src/catalog/catalog.ts';
import { setLang } from '../../src/format/words.ts';
import type { JudgeOptions } from '../../src/judge/options.ts';
import { ProgramHost } from '../../src/judge/program-host.ts';
import { ReferenceHost } from '../../src/judge/reference-host.ts';
import { judgeThreshold } from '../../src/judge/thresholds/threshold.ts';
import type { TestReport } from '../../src/report/report.ts';
import { Random } from '../../src/suite/random.ts';
import type { PerformanceOptions } from '../../src/suite/types.ts';
import { type FakeProgram, fakeBoxes } from '../fixtures/fake-box.ts';
import { named, programs, softmax, toyExercise, withSoftmax } from '../fixtures/toy.ts';

let exercise: Exercise;
beforeAll(async () => {
  setLang('en');
  exercise = await toyExercise();
});
afterAll(() => setLang(undefined));

const points = { points: 2, zh: '性能' } as const;
const inputs = (random: Random, n = 8) => [Array.from(random.normal([n]).values)];
const ratio: PerformanceOptions = {
  ...points,
  kind: 'ratio',
  atLeast: 0.7,
  of: 'reference',
  call: 'softmax',
  inputs: (random) => inputs(random),
};
const growth: PerformanceOptions = { ...points, kind: 'growth', atMost: 2.4, call: 'softmax', n: 64, inputs };
const size = (args: readonly unknown[]): number => (args[0] as number[]).length;

interface World {
  readonly report: TestReport;
  readonly calls: string[];
  readonly opened: number;
}

async function threshold(
  options: PerformanceOptions,
  learner: FakeProgram,
  reference: FakeProgram = withSoftmax(softmax, { cost: () => 5 }),
  backend = 'wasm',
): Promise<World> {
  const random = new Random('noise');
  // What the measurements in grading.md 2 found: a process keeps its luck for life, and each call has some noise of its own.
  const world = fakeBoxes(
    { ...programs, reference, learner },
    { luck: () => 1 + 0.2 * random.next(), noise: () => 1 + 0.1 * random.next() },
  );
  const judge: JudgeOptions = { driver: 'plain', backend, open: world.open };
  const hosts = { learner: new ProgramHost(exercise, named('learner'), judge), reference: new ReferenceHost(exercise, judge) };
  const name = 'softmax keeps up with the reference';
  const report = await judgeThreshold(
    { kind: 'performance', name, options },
    { exercise, program: named('learner'), hosts, seed: 'abc', options: judge },
  );
  await Promise.all([hosts.learner.close(), hosts.reference.close()]);
  expect(world.alive()).toBe(0);
  return { report, calls: world.log, opened: world.opened() };
}

describe('ratio', () => {
  test('a program as fast as the reference passes after twelve fresh pairs, its calls interleaved ABBA', async () => {
    const { report, calls, opened } = await threshold(ratio, withSoftmax(softmax, { cost: () => 5 }));
    expect(report).toMatchObject({ status: 'passed', points: 2, details: { pairs: 12 } });
    expect(opened).toBe(1 + 24); // one for calibration
    expect(calls.slice(3 + 4, 3 + 4 + 8).join(' ')).toBe('learner reference reference learner learner reference reference learner');
  });

  test('twins may use the same memory: V8 sizes its heap by it', async () => {
    const memory: number[] = [];
    const world = fakeBoxes({ ...programs, learner: withSoftmax(softmax, { cost: () => 5 }) }, { luck: () => 1, noise: () => 1 });
    const judge: JudgeOptions = {
      driver: 'plain',
      backend: 'wasm',
      open: (options) => {
        memory.push(options.limits.memoryMb);
        return world.open(options);
      },
    };
    const hosts = { learner: new ProgramHost(exercise, named('learner'), judge), reference: new ReferenceHost(exercise, judge) };
    const entry = { kind: 'performance', name: 'twins', options: ratio } as const;
    await judgeThreshold(entry, { exercise, program: named('learner'), hosts, seed: 'abc', options: judge });
    await Promise.all([hosts.learner.close(), hosts.reference.close()]);
    expect(new Set(memory.slice(1))).toEqual(new Set([exercise.manifest.limits.memoryMb])); // the first one only calibrates
    expect(memory.length).toBeGreaterThan(24);
  });

  test('a program at half the speed fails after twelve pairs', async () => {
    const { report } = await threshold(ratio, withSoftmax(softmax, { cost: () => 10 }));
    expect(report).toMatchObject({ status: 'failed', points: 0, details: { pairs: 12 } });
    expect(report.message).toMatch(
      /^0\.\d+ of the reference's throughput, at least 0\.7 is needed \(0\.\d+ to 0\.\d+ over 12 fresh processes\)$/,
    );
  });

  test('a program on the bound is inconclusive, which costs nothing', async () => {
    const { report } = await threshold(ratio, withSoftmax(softmax, { cost: () => 5 / 0.7 }));
    expect(report).toMatchObject({ status: 'inconclusive', points: 0, maxPoints: 2, details: { pairs: 32 } });
  });

  test('a hopeless program is told after three pairs, also when its calls have to be stopped', async () => {
    expect((await threshold(ratio, withSoftmax(softmax, { cost: () => 60 }))).report).toMatchObject({
      status: 'failed',
      details: { pairs: 3 },
    });
    expect((await threshold(ratio, withSoftmax(softmax, { cost: () => 1e6 }))).report).toMatchObject({
      status: 'failed',
      details: { pairs: 3 },
    });
  });

  test('a fast program whose timed outputs are wrong fails at once', async () => {
    let calls = 0;
    const cheat = withSoftmax((scores) => (++calls > 5 ? scores.map(() => 0) : softmax(scores)), { cost: () => 0.1 });
    const { report } = await threshold(ratio, cheat);
    expect(report.status).toBe('failed');
    expect(report.message).toMatch(/worst at \[\d\].*\nrandom seed abc/s);
  });

  test('inputs are new for every call', async () => {
    const seen = new Set<string>();
    let calls = 0;
    const spy = withSoftmax(
      (scores) => {
        calls++;
        seen.add(JSON.stringify(scores));
        return softmax(scores);
      },
      { cost: () => 5 },
    );
    await threshold(ratio, spy);
    expect(seen.size).toBe(calls);
  });

  test('a reference that takes long is called once per pair', async () => {
    const { calls } = await threshold(ratio, withSoftmax(softmax, { cost: () => 200 }), withSoftmax(softmax, { cost: () => 200 }));
    expect(calls.filter((name) => name === 'learner')).toHaveLength(12);
  });
});

describe('growth', () => {
  test('linear time passes a bound of 2.4, quadratic time fails it', async () => {
    const linear = withSoftmax(softmax, { cost: (args) => size(args) / 10 });
    const quadratic = withSoftmax(softmax, { cost: (args) => size(args) ** 2 / 1000 });
    expect((await threshold(growth, linear, linear)).report).toMatchObject({ status: 'passed', details: { pairs: 12 } });
    expect((await threshold(growth, quadratic, linear)).report).toMatchObject({ status: 'failed', details: { pairs: 12 } });
  });

  test('a slow program is measured by fewer calls, and judged by its growth all the same', async () => {
    const linear = withSoftmax(softmax, { cost: (args) => size(args) / 40 });
    const slow = withSoftmax(softmax, { cost: (args) => size(args) * 10 });
    const slowAndQuadratic = withSoftmax(softmax, { cost: (args) => size(args) ** 2 / 10 });
    const counted = async (learner: FakeProgram): Promise<{ status: string; perPair: number }> => {
      const { report, calls } = await threshold(growth, learner, linear);
      return { status: report.status, perPair: calls.filter((name) => name === 'learner').length / 12 };
    };
    expect(await counted(linear)).toEqual({ status: 'passed', perPair: 2 * 2 + 8 * 4 });
    expect(await counted(slow)).toEqual({ status: 'passed', perPair: 2 + 3 * 4 });
    expect(await counted(slowAndQuadratic)).toEqual({ status: 'failed', perPair: 2 + 3 * 4 });
  });

  test('a call that has to be stopped counts by what is known of its growth', async () => {
    const linear = withSoftmax(softmax, { cost: (args) => size(args) / 10 });
    const explodes = withSoftmax(softmax, { cost: (args) => (size(args) > 100 ? 1e6 : 1) });
    const crawls = withSoftmax(softmax, { cost: () => 1e6 });
    expect((await threshold(growth, explodes, linear)).report).toMatchObject({ status: 'failed', details: { pairs: 3 } });
    expect((await threshold(growth, crawls, linear)).report.message).toMatch(/one call took longer than 3 s/);
  });

  test('timed outputs are checked', async () => {
    const wrong = withSoftmax((scores) => scores.map(() => 0), { cost: () => 1 });
    expect((await threshold(growth, wrong)).report.status).toBe('failed');
  });
});

describe('memory', () => {
  const memory: PerformanceOptions = {
    ...points,
    kind: 'memory',
    atMost: 0.7,
    of: 'naive',
    call: 'softmax',
    inputs: (random) => inputs(random),
  };

  test('peaks are compared with those of the naive control', async () => {
    // The fake box knows programs by a marker, which the naive text lacks: it runs as the reference.
    const naive = withSoftmax(softmax, { bytes: () => 100e6 });
    expect((await threshold(memory, withSoftmax(softmax, { bytes: () => 50e6 }), naive)).report).toMatchObject({ status: 'passed' });
    expect((await threshold(memory, withSoftmax(softmax, { bytes: () => 90e6 }), naive)).report).toMatchObject({ status: 'failed' });
  });

  test('a naive control that needs no memory to speak of is our fault', async () => {
    const tiny = withSoftmax(softmax, { bytes: () => 1e6 });
    await expect(threshold(memory, tiny, tiny)).rejects.toThrow(/naive control used/);
  });
});

describe('counts', () => {
  const calls: PerformanceOptions = {
    ...points,
    kind: 'calls',
    atMost: 2,
    count: async ({ learner }) => (await learner.softmax([1, 2, 3])).length,
  };
  const kernels: PerformanceOptions = {
    zh: '内核',
    points: 1,
    kind: 'kernels',
    atMost: { BatchMatMul: 2 },
    call: 'softmax',
    inputs: (random) => inputs(random),
  };

  test('what the grader counts decides', async () => {
    expect((await threshold(calls, withSoftmax(softmax))).report).toMatchObject({ status: 'failed', details: { count: 3 } });
    expect((await threshold({ ...calls, atMost: 3 }, withSoftmax(softmax))).report).toMatchObject({ status: 'passed' });
  });

  test('kernels are what the box says of itself', async () => {
    const with3 = withSoftmax(softmax, { stats: { kernels: { BatchMatMul: 3 } } });
    const { report } = await threshold(kernels, with3);
    expect(report).toMatchObject({ status: 'failed', message: '3 BatchMatMul kernels, at most 2 is allowed' });
    expect((await threshold(kernels, withSoftmax(softmax))).report.status).toBe('passed');
  });
});

describe('gpu', () => {
  const gpu = { ...ratio, on: 'gpu' } as const;
  const device = (info: object): FakeProgram => ({ exports: { ...programs.reference.exports, device: () => info } });

  test('without a GPU nothing is run, by name', async () => {
    const { report, calls } = await threshold(gpu, withSoftmax(softmax));
    expect(report).toMatchObject({ status: 'not-run', message: 'not run: no GPU', points: 0 });
    expect(calls).toEqual([]);
    expect((await threshold(gpu, withSoftmax(softmax), device({ gpu: false }), 'tensorflow')).report.status).toBe('not-run');
  });

  test('a GPU backend with a GPU behind it is measured', async () => {
    const { report } = await threshold(gpu, withSoftmax(softmax), device({ gpu: true, device: 'H100', memoryBytes: 80e9 }), 'tensorflow');
    expect(report.status).toBe('passed');
  });

  test('a roofline is a part of what the device reaches on a large matmul', async () => {
    const flops = 5e9; // of one call, which costs 1 ms here, on a device that reaches 5 TFLOP/s
    const probe: FakeProgram = {
      exports: { ...programs.reference.exports, device: () => ({ gpu: true }), roof: () => ({ matmulGflops: 5000, copyGbps: 100 }) },
    };
    const roofline = (part: number): PerformanceOptions => ({
      ...points,
      kind: 'roofline',
      on: 'gpu',
      atLeast: 0.25,
      of: 'matmul',
      call: 'softmax',
      inputs: (random) => inputs(random),
      work: () => flops * part,
    });
    expect((await threshold(roofline(0.8), withSoftmax(softmax), probe, 'tensorflow')).report.status).toBe('passed');
    expect((await threshold(roofline(0.1), withSoftmax(softmax), probe, 'tensorflow')).report.status).toBe('failed');
    const { report } = await threshold(roofline(4), withSoftmax(softmax), probe, 'tensorflow');
    expect(report).toMatchObject({ status: 'failed', points: 0 });
    expect(report.message).toMatch(/^expected a time that this GPU can reach, got \d(\.\d)? times its own best rate/);
  });
});
