/**
 * The model that every contender trains, its first weights and its data: written once to a folder, read by TF.js and PyTorch alike.
 * Dims: V vocabulary, D model width, L layers, H query heads, G key/value heads, K = D / H width of a head, F MLP width, T time, B batch.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ModelSize {
  readonly V: number;
  readonly D: number;
  readonly L: number;
  readonly H: number;
  readonly G: number;
  readonly F: number;
  readonly T: number;
  readonly B: number;
}

/** By millions of parameters; 1,024 tokens a step in both. */
export const sizes: Readonly<Record<string, ModelSize>> = {
  '3.43M': { V: 1024, D: 256, L: 4, H: 8, G: 8, F: 688, T: 128, B: 8 },
  '26.7M': { V: 6144, D: 512, L: 8, H: 8, G: 4, F: 1408, T: 256, B: 4 },
};

export const adam = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
export const normEpsilon = 1e-5;
export const ropeBase = 10_000;

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Names and shapes in the order in which they lie in weights.f32; matrices are [in, out]. The embedding is the head too. */
export function parameters({ V, D, L, H, G, F }: ModelSize): Parameter[] {
  const layer = (l: number): Parameter[] => [
    { name: `${l}.attentionNorm`, shape: [D] },
    { name: `${l}.wQ`, shape: [D, D] },
    { name: `${l}.wK`, shape: [D, (G * D) / H] },
    { name: `${l}.wV`, shape: [D, (G * D) / H] },
    { name: `${l}.wOut`, shape: [D, D] },
    { name: `${l}.mlpNorm`, shape: [D] },
    { name: `${l}.wGate`, shape: [D, F] },
    { name: `${l}.wUp`, shape: [D, F] },
    { name: `${l}.wDown`, shape: [F, D] },
  ];
  return [{ name: 'embedding', shape: [V, D] }, ...Array.from({ length: L }, (_, l) => layer(l)).flat(), { name: 'norm', shape: [D] }];
}

export const count = ({ shape }: Parameter): number => shape.reduce((product, dim) => product * dim, 1);

/** Writes spec.json, weights.f32 (normal, deviation 0.02; gains 1) and tokens.i32 ([batches, B, T + 1]); returns the folder. */
export function writeInputs(size: ModelSize, batches: number, seed = 2026): string {
  const folder = mkdtempSync(join(tmpdir(), 'llm-ladder-bench-'));
  const random = generator(seed);
  const list = parameters(size);
  const weights = new Float32Array(list.reduce((sum, parameter) => sum + count(parameter), 0));
  let at = 0;
  for (const parameter of list) {
    for (let i = 0; i < count(parameter); i++) weights[at++] = parameter.shape.length === 1 ? 1 : 0.02 * normal(random);
  }
  // Each token is, three times in four, decided by the one before it, so that there is something to learn.
  const tokens = new Int32Array(batches * size.B * (size.T + 1));
  for (let i = 0; i < tokens.length; i++) {
    const previous = i % (size.T + 1) === 0 ? undefined : tokens[i - 1];
    tokens[i] = previous !== undefined && random() < 0.75 ? (previous * 5 + 17) % size.V : Math.floor(random() * size.V);
  }
  writeFileSync(join(folder, 'weights.f32'), weights);
  writeFileSync(join(folder, 'tokens.i32'), tokens);
  const spec = { ...size, batches, adam, normEpsilon, ropeBase, parameters: list };
  writeFileSync(join(folder, 'spec.json'), JSON.stringify(spec));
  return folder;
}

/** Xorshift, uniform in [0, 1). */
export function generator(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
