/**
 * A long short-term memory: a state that a network can keep, for as long as it chooses.
 *
 * Papers: Hochreiter and Schmidhuber 1997, "Long Short-Term Memory"; the forget gate is Gers, Schmidhuber and Cummins 2000.
 * - One matrix serves all four gates. Its rows are [x; h], its columns four blocks of D in PyTorch's order: i input, f forget, g candidate, o output.
 * - i, f and o are sigmoids (how much), g is a tanh (what). The memory c is only scaled and added to, so its gradient survives many steps.
 * - PyTorch has two bias vectors. One is enough: b = b_ih + b_hh.
 * - A masked step is no step: h and c stay as they are. A row that is shorter than the batch ends with its own last state.
 */
import { tf } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';

/** Dims: B batch, T time, E width of the input, D width of the state. */
export interface LstmWeights {
  readonly W: tf.Tensor2D; // [E + D, 4D]
  readonly b: tf.Tensor1D; // [4D]
}

/** What an LSTM carries from step to step: h is what others read, c is its memory. */
export interface LstmState {
  readonly h: tf.Tensor2D; // [B, D]
  readonly c: tf.Tensor2D; // [B, D]
}

/** One step: x [B, E], h [B, D], c [B, D], W [E + D, 4D], b [4D] -> h [B, D], c [B, D]. */
export function lstmStep(x: tf.Tensor2D, h: tf.Tensor2D, c: tf.Tensor2D, W: tf.Tensor2D, b: tf.Tensor1D): LstmState {
  checkStep(x, h, c, W, b);

  return tf.tidy(() => {
    const gates = tf.concat([x, h], 1).matMul(W).add<tf.Tensor2D>(b); // [B, E + D] x [E + D, 4D] -> [B, 4D]
    const [i, f, g, o] = tf.split(gates, 4, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]; // each [B, D]
    const kept = f.sigmoid().mul(c);
    const written = i.sigmoid().mul(g.tanh());
    const memory = kept.add<tf.Tensor2D>(written);
    return { h: o.sigmoid().mul<tf.Tensor2D>(memory.tanh()), c: memory };
  });
}

/**
 * A whole sequence from the state 0: x [B, T, E], mask [B, T] (1 for a token, 0 for padding), W [E + D, 4D], b [4D] -> every h as out [B, T, D], and the last h and c, [B, D].
 * Where the mask is 0 the state is held, so out repeats the h before.
 */
export function lstmSeq(
  x: tf.Tensor3D,
  mask: tf.Tensor2D,
  W: tf.Tensor2D,
  b: tf.Tensor1D,
): { readonly out: tf.Tensor3D; readonly h: tf.Tensor2D; readonly c: tf.Tensor2D } {
  checkSequence(x, mask, W, b);

  return tf.tidy(() => {
    const [B] = x.shape;
    const D = b.shape[0] / 4;
    const steps = tf.unstack(x, 1) as tf.Tensor2D[]; // T times [B, E]
    const tokens = tf.split(mask.greater<tf.Tensor2D>(0), steps.length, 1); // T times [B, 1]

    let h = tf.zeros<tf.Rank.R2>([B, D]);
    let c = tf.zeros<tf.Rank.R2>([B, D]);
    const out = steps.map((step, t) => {
      const next = lstmStep(step, h, c, W, b);
      h = tf.where(tokens[t]!, next.h, h);
      c = tf.where(tokens[t]!, next.c, c);
      return h;
    });
    return { out: tf.stack(out, 1) as tf.Tensor3D, h, c };
  });
}

// --- helpers ---

function checkStep(x: tf.Tensor2D, h: tf.Tensor2D, c: tf.Tensor2D, W: tf.Tensor2D, b: tf.Tensor1D): void {
  const fits =
    x.rank === 2 && `${h.shape}` === `${c.shape}` && fitsWeights(x.shape[1], W, b) && `${h.shape}` === `${[x.shape[0], b.shape[0] / 4]}`;
  if (fits) return;
  const got = `x [${x.shape}], h [${h.shape}], c [${c.shape}], W [${W.shape}], b [${b.shape}]`;
  throw new ShapeError('lstmStep', 'x [B, E], h [B, D], c [B, D], W [E + D, 4D], b [4D]', got);
}

function checkSequence(x: tf.Tensor3D, mask: tf.Tensor2D, W: tf.Tensor2D, b: tf.Tensor1D): void {
  const fits = x.rank === 3 && `${mask.shape}` === `${x.shape.slice(0, 2)}` && x.shape[1] > 0 && fitsWeights(x.shape[2], W, b);
  if (fits) return;
  const got = `x [${x.shape}], mask [${mask.shape}], W [${W.shape}], b [${b.shape}]`;
  throw new ShapeError('lstmSeq', 'x [B, T, E] with T >= 1, mask [B, T], W [E + D, 4D], b [4D]', got);
}

function fitsWeights(E: number, W: tf.Tensor2D, b: tf.Tensor1D): boolean {
  const D = (b.shape[0] ?? 0) / 4;
  return b.rank === 1 && Number.isInteger(D) && `${W.shape}` === `${[E + D, 4 * D]}`;
}
