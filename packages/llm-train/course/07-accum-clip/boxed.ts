/** Runs in the box beside the learner's code: weights that last from call to call, and losses that are plain functions. */
import { tf } from '@llm-ladder/backend';

type Tree = tf.Tensor | string | number | null | readonly Tree[] | { readonly [name: string]: Tree };

const stored = new Map<string, unknown>();

/** The weights stored under `key`: made of `tree` when one is given. `frozen` names the leaves that are not trainable, `tied` copies the place of one leaf. */
export function params(
  key: string,
  tree?: Tree,
  { frozen = [], tied }: { frozen?: string[]; tied?: [from: string, to: string] } = {},
): unknown {
  if (tree === undefined) return stored.get(key);
  const made = (node: Tree, path: string): unknown => {
    if (node instanceof tf.Tensor) return tf.variable(node, !frozen.includes(path));
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return node.map((child, i) => made(child, `${path}.${i}`));
    return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, made(child, path === '' ? name : `${path}.${name}`)]));
  };
  const root = made(tree, '') as Record<string, unknown>;
  if (tied) root[tied[1]] = root[tied[0]];
  stored.set(key, root);
  return root;
}

/** A batch is { x: [N, D], y: [N], mask: [N] }: the loss of a row is the square of what a small network misses by, where the mask is 1. */
export function regression() {
  return ({ w1, b1, w2 }: Record<'w1' | 'b1' | 'w2', tf.Variable>, { x, y, mask }: Record<'x' | 'y' | 'mask', tf.Tensor>) => {
    const hidden = tf.tanh(tf.add(tf.matMul(x as tf.Tensor2D, w1 as unknown as tf.Tensor2D), b1)); // [N, D] -> [N, F]
    const out = tf.squeeze(tf.matMul(hidden as tf.Tensor2D, w2 as unknown as tf.Tensor2D), [1]);
    return {
      lossSum: tf.sum(tf.mul(tf.square(tf.sub(out, y)), mask)),
      tokens: (mask.dataSync() as Float32Array).reduce((sum, one) => sum + one, 0),
    };
  };
}

/** A batch is { grads: a list as long as the weights, tokens }: a loss whose gradient is that list exactly. Weights without an entry are not used. */
export function dictated() {
  return (weights: Record<string, tf.Variable>, { grads, tokens }: { grads: Record<string, tf.Tensor>; tokens: number }) => {
    const parts = Object.entries(grads).map(([name, grad]) => tf.sum(tf.mul(weights[name] as tf.Variable, grad)));
    return { lossSum: tf.addN(parts), tokens };
  };
}

/** A batch is a number: it scales a loss that reads one large weight. */
export function heavy() {
  return ({ w }: { w: tf.Variable }, batch: number) => ({ lossSum: tf.mul(tf.sum(tf.square(w)), batch) as tf.Scalar, tokens: 1 });
}
