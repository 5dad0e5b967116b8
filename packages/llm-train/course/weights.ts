/** Weights for the hidden suites of LLaMA: read from a golden, or drawn at random. */
import type { Random, TensorValue } from '@llm-ladder/grader/suite';

export interface Sizes {
  readonly V: number;
  readonly D: number;
  readonly L: number;
  readonly H: number;
  readonly G: number;
  readonly F: number;
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
      if (i === path.length - 1) node[key] = value;
      else {
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

/** Random weights large enough that every part shows; gains differ from 1. */
export function llamaWeights(random: Random, { V, D, L, H, G, F, tied }: Sizes): Tree {
  const kv = G * (D / H);
  const matrix = (rows: number, columns: number) => random.normal([rows, columns], { std: 1 / Math.sqrt(rows) });
  const gain = () => random.normal([D], { mean: 1, std: 0.3 });
  const layer = () => ({
    attnNorm: gain(),
    attn: { Wq: matrix(D, D), Wk: matrix(D, kv), Wv: matrix(D, kv), Wo: matrix(D, D) },
    ffnNorm: gain(),
    ffn: { w1: matrix(D, F), w2: matrix(F, D), w3: matrix(D, F) },
  });
  const table = (rows: number, columns: number) => random.normal([rows, columns], { std: 0.3 });
  return { embed: table(V, D), layers: Array.from({ length: L }, layer), norm: gain(), ...(!tied && { head: table(D, V) }) };
}
