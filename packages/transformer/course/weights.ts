/** Weights for the hidden suites of the encoder, the decoder and the whole model: read from a golden, or drawn at random. */
import type { Random, TensorValue } from '@llm-ladder/grader/suite';

/** Dims: V vocabulary, D model width, F MLP width, L layers. */
export interface Sizes {
  readonly D: number;
  readonly F: number;
}

export interface ModelSizes extends Sizes {
  readonly V: number;
  readonly L: number;
  readonly norm: 'pre' | 'post';
  readonly tied: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: a tree of tensors, whose form the exercise tells
export type Tree = any;

/** The tree under a golden's names: `w.layers.0.attn.Wq` becomes `.layers[0].attn.Wq`. */
export function treeOf(golden: Readonly<Record<string, TensorValue>>, prefix = 'w'): Tree {
  const tree: Tree = {};
  for (const [name, value] of Object.entries(golden)) {
    const [first, ...path] = name.split('.');
    if (first !== prefix || path.length === 0) continue;
    let node = tree;
    for (const [i, key] of path.entries()) {
      if (i === path.length - 1) {
        node[key] = value;
      } else {
        node[key] ??= /^\d+$/.test(path[i + 1]!) ? [] : {};
        node = node[key];
      }
    }
  }
  return tree;
}

/** Every tensor of a tree with its path, such as `layers.0.attn.Wq`. */
export function leavesOf(tree: Tree, path: readonly string[] = []): [path: string, tensor: TensorValue][] {
  if (Array.isArray(tree?.shape)) return [[path.join('.'), tree]];
  return Object.entries(tree as object).flatMap(([key, child]) => leavesOf(child, [...path, key]));
}

/** Random weights of about the size that a fresh model has; gains and biases differ from 1 and 0, so that they show. */
export function encoderLayerWeights(random: Random, { D, F }: Sizes): Tree {
  return { attn: heads(random, D), ffn: feedForward(random, D, F), ln1: norm(random, D), ln2: norm(random, D) };
}

export function decoderLayerWeights(random: Random, { D, F }: Sizes): Tree {
  const norms = { ln1: norm(random, D), ln2: norm(random, D), ln3: norm(random, D) };
  return { self: heads(random, D), cross: heads(random, D), ffn: feedForward(random, D, F), ...norms };
}

export function modelWeights(random: Random, sizes: ModelSizes): Tree {
  const { V, D, L, norm: form, tied } = sizes;
  const table = (rows: number, columns: number) => random.normal([rows, columns], { std: 0.3 });
  const stack = (layer: (random: Random, sizes: Sizes) => Tree) => ({
    layers: Array.from({ length: L }, () => layer(random, sizes)),
    ...(form === 'pre' && { ln: norm(random, D) }),
  });
  return {
    embed: table(V, D),
    ...(!tied && { tgtEmbed: table(V, D), head: table(D, V) }),
    encoder: stack(encoderLayerWeights),
    decoder: stack(decoderLayerWeights),
  };
}

export function norm(random: Random, D: number): Tree {
  return { g: random.normal([D], { mean: 1, std: 0.3 }), b: random.normal([D], { std: 0.3 }) };
}

/** The same layer with sub-layers that say nothing: what is left is the residual road. `named` picks those to silence. */
export function silenced(layer: Tree, named: readonly ('attn' | 'self' | 'cross' | 'ffn')[]): Tree {
  const zero = (x: TensorValue) => x.map(() => 0);
  const quiet = { ...layer };
  for (const name of named) {
    const part = layer[name];
    quiet[name] = name === 'ffn' ? { ...part, W2: zero(part.W2), b2: zero(part.b2) } : { ...part, Wo: zero(part.Wo) };
  }
  return quiet;
}

// --- helpers ---

function matrix(random: Random, rows: number, columns: number): TensorValue {
  return random.normal([rows, columns], { std: 1 / Math.sqrt(rows) });
}

function heads(random: Random, D: number): Tree {
  return { Wq: matrix(random, D, D), Wk: matrix(random, D, D), Wv: matrix(random, D, D), Wo: matrix(random, D, D) };
}

function feedForward(random: Random, D: number, F: number): Tree {
  const bias = (n: number) => random.normal([n], { std: 0.3 });
  return { W1: matrix(random, D, F), b1: bias(F), W2: matrix(random, F, D), b2: bias(D) };
}
