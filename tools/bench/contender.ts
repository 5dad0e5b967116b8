/**
 * One TF.js contender in a process of its own (kernels are registered globally): `node contender.ts <name> <folder> <threads>` with the names of
 * train-step.ts.
 * Reads {"steps": n} lines on stdin, answers {"losses": [...], "ms": wall time} lines on stdout; the first line says what it is.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  crossEntropy,
  type Fused,
  fusedParts,
  llama,
  plainParts,
  type Scalar,
  type Tensor1D,
  type TensorFlow,
  type Variable,
} from './llama.ts';
import { adam, count, type ModelSize, type Parameter } from './model-spec.ts';

const [name, folder, threads] = process.argv.slice(2) as [string, string, string];
const spec = JSON.parse(readFileSync(join(folder, 'spec.json'), 'utf8')) as ModelSize & { batches: number; parameters: Parameter[] };
const { tf, version, fused } = name === 'stock-wasm' ? await stockWasm() : await ours(name);
const { step } = train(tf, fused);

say({ ready: version });
for await (const line of createInterface({ input: process.stdin })) {
  const { steps } = JSON.parse(line) as { steps: number };
  const started = performance.now();
  const busy = process.cpuUsage();
  const losses = Array.from({ length: steps }, step);
  const { user, system } = process.cpuUsage(busy);
  say({ losses, ms: performance.now() - started, cpuMs: (user + system) / 1000 });
}

interface Setup {
  readonly tf: TensorFlow;
  readonly version: string;
  /** The training ops of our package; without them, plain ops and TF.js's own Adam. */
  readonly fused?: Fused;
}

/** TF.js WASM as it is installed, with only the kernel added without which it cannot train. */
async function stockWasm(): Promise<Setup> {
  const load = createRequire(new URL('../../packages/backend/package.json', import.meta.url));
  const core = load('@tensorflow/tfjs-core') as TensorFlow & { version_core: string };
  load('@tensorflow/tfjs-backend-wasm');
  await import('../../packages/backend/generated/register.js');
  const { registerUnsortedSegmentSum } = await import('../../packages/backend/src/kernels/unsorted-segment-sum.ts');
  await core.setBackend('wasm');
  registerUnsortedSegmentSum();
  return { tf: core, version: `TF.js ${core.version_core} WASM + UnsortedSegmentSum` };
}

async function ours(contender: string): Promise<Setup> {
  const [backend, ...extras] = contender.split('+') as [string, ...string[]];
  const { tf: own, useBackend } = await import('@llm-ladder/backend');
  await useBackend(backend as 'wasm', { threads: extras.includes('threads') ? Number(threads) : 1 });
  const version = `@llm-ladder/backend, ${backend}, ${extras.includes('fused') ? 'its training ops' : "TF.js's Adam"}`;
  return extras.includes('fused') ? { tf: own, version, fused: await import('@llm-ladder/backend/fused') } : { tf: own, version };
}

function train(tf: TensorFlow, fused: Fused | undefined) {
  const bytes = readFileSync(join(folder, 'weights.f32'));
  const data = readFileSync(join(folder, 'tokens.i32'));
  const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const tokens = new Int32Array(data.buffer, data.byteOffset, data.length / 4);
  let at = 0;
  const weights = Object.fromEntries(
    spec.parameters.map((parameter) => {
      const values = floats.subarray(at, at + count(parameter));
      at += values.length;
      return [parameter.name, tf.tidy(() => tf.variable(tf.tensor(values.slice(), [...parameter.shape]), true, parameter.name))];
    }),
  );
  const parts = fused === undefined ? plainParts(tf, spec) : fusedParts(tf, spec, fused);
  const model = llama(tf, spec, weights, parts);
  const update = fused === undefined ? plainUpdate(tf) : fusedUpdate(tf, fused, Object.values(weights));
  let done = 0;
  const step = (): number =>
    tf.tidy(() => {
      const each = spec.B * (spec.T + 1);
      const batch = tf.tensor2d(
        tokens.slice((done % spec.batches) * each, ((done % spec.batches) + 1) * each),
        [spec.B, spec.T + 1],
        'int32',
      );
      done += 1;
      const inputs = tf.slice(batch, [0, 0], [spec.B, spec.T]);
      const targets = tf.reshape(tf.slice(batch, [0, 1], [spec.B, spec.T]), [spec.B * spec.T]) as Tensor1D;
      return update(() => {
        const logits = model.logits(inputs);
        return fused === undefined ? crossEntropy(tf, logits, targets) : fused.sparseCrossEntropy(logits, targets);
      });
    });
  return { step };
}

/** Takes one step on what `loss` returns; returns its value. */
type Update = (loss: () => Scalar) => number;

function plainUpdate(tf: TensorFlow): Update {
  const optimizer = tf.train.adam(adam.learningRate, adam.beta1, adam.beta2, adam.epsilon);
  return (loss) => (optimizer.minimize(loss, true) as Scalar).dataSync()[0] as number;
}

function fusedUpdate(tf: TensorFlow, { Adam }: Fused, variables: Variable[]): Update {
  const optimizer = new Adam(variables, adam);
  return (loss) => {
    const { value, grads } = tf.variableGrads(loss, variables);
    optimizer.step(grads);
    return value.dataSync()[0] as number;
  };
}

function say(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
