/**
 * Matrix products of the WASM backend, stock kernel against ours, calls taking turns: `node tools/bench/matmul.ts [--rounds 9]`.
 * The shapes are those of a training step of train-step.ts, of decoding one token, and two square ones.
 */
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { tf, useBackend } from '@llm-ladder/backend';
import { gemmFlavour } from '../../packages/backend/src/gemm/module.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(`matmul: expected --rounds to be a whole number from 1, got ${values.rounds}\n`);
  process.exit(2);
}

createRequire(new URL('../../packages/backend/package.json', import.meta.url))('@tensorflow/tfjs-backend-wasm');
const stock = tf.getKernel(tf.BatchMatMul, 'wasm'); // before useBackend replaces it
await useBackend('wasm');
const ours = tf.getKernel(tf.BatchMatMul, 'wasm');
if (stock === ours) throw new Error('matmul: expected two kernels to compare, got one');

const cases: [what: string, a: number[], b: number[], transposeA: boolean, transposeB: boolean][] = [
  ['MLP, forward', [1024, 256], [256, 688], false, false],
  ['MLP, gradient of x', [1024, 688], [256, 688], false, true],
  ['MLP, gradient of w', [1024, 256], [1024, 688], true, false],
  ['scores', [8, 8, 128, 32], [8, 8, 128, 32], false, true],
  ['weights x values', [8, 8, 128, 128], [8, 8, 128, 32], false, false],
  ['gradient of values', [8, 8, 128, 128], [8, 8, 128, 32], true, false],
  ['[B, T, D] x [D, F]', [8, 128, 256], [256, 688], false, false],
  ['one token, MLP', [1, 256], [256, 688], false, false],
  ['one token, tied head', [1, 256], [1024, 256], false, true],
  ['square 128', [128, 128], [128, 128], false, false],
  ['square 512', [512, 512], [512, 512], false, false],
];

process.stdout.write(`one thread, ${gemmFlavour()} build, ${rounds} rounds; GFLOP/s of the median round, ratio within a round\n`);
process.stdout.write('| product | shapes | stock | ours | x stock |\n|---|---|---|---|---|\n');
for (const [what, aShape, bShape, transposeA, transposeB] of cases) {
  const a = tf.randomUniform(aShape, -1, 1, 'float32', 1);
  const b = tf.randomUniform(bShape, -1, 1, 'float32', 2);
  const flops = (2 * a.size * (transposeB ? bShape.at(-2) : bShape.at(-1))!) as number;
  const repeats = Math.max(1, Math.round(4e7 / flops));
  const time = (kernel: typeof stock): number => {
    const started = performance.now();
    for (let i = 0; i < repeats; i++) {
      const out = kernel.kernelFunc({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend: tf.backend() }) as tf.TensorInfo;
      tf.backend().disposeData(out.dataId);
    }
    return (performance.now() - started) / repeats;
  };
  time(stock);
  time(ours);
  const pairs = Array.from({ length: rounds }, (_, i) => {
    if (i % 2 === 0) return [time(stock), time(ours)] as const;
    const mine = time(ours);
    return [time(stock), mine] as const;
  });
  const speed = (ms: number) => (flops / ms / 1e6).toFixed(1);
  const cells = [
    speed(median(pairs.map(([s]) => s))),
    speed(median(pairs.map(([, o]) => o))),
    median(pairs.map(([s, o]) => s / o)).toFixed(1),
  ];
  const shapes = `[${aShape}]${transposeA ? "'" : ''} x [${bShape}]${transposeB ? "'" : ''}`;
  process.stdout.write(`| ${what} | ${shapes} | ${cells.join(' | ')} |\n`);
  tf.dispose([a, b]);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((x, y) => x - y)[numbers.length >> 1] as number;
}
