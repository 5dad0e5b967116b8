/**
 * A model that learns to reverse: the Transformer of this module, trained from nothing in a few seconds.
 *
 * Papers: Vaswani et al. 2017, sections 5.1 to 5.3 (training); Kingma and Ba 2015, "Adam", algorithm 1.
 * - The data is endless: random strings of 3 to 6 symbols. A fifth of all strings is held out by a rule and never trained on.
 * - Training is teacher forced: the decoder reads the right answer, one step late, and is scored at every position at once.
 * - Translating is greedy: the decoder reads its own answer so far and adds the likeliest token, until it says EOS.
 * - Training stops early, once 99 % of a development set (held out, and not the grader's) comes back right.
 */
import { tf } from '@llm-ladder/backend';
import { ceLoss, forward, IGNORE, initParams, type Seq2SeqConfig, type Seq2SeqWeights, shiftRight } from '@llm-ladder/transformer/seq2seq';

/** Dims: B batch, S source time, T target time, V vocabulary. The rate rises to `lr` over `warmup` steps and falls to 0 at `steps`. */
export interface ReverseConfig extends Seq2SeqConfig {
  readonly steps: number;
  readonly batch: number;
  readonly lr: number;
  readonly warmup: number;
}

/** A trained model. Strings are ids of symbols, without PAD, BOS and EOS, on the way in and on the way out. */
export interface Reverser {
  translate(strings: readonly (readonly number[])[]): number[][];
  dispose(): void;
}

/** One training batch: src [B, S], tgtIn [B, T] and labels [B, T] with T = S + 1, all int32. */
export interface ReverseBatch {
  readonly src: tf.Tensor2D;
  readonly tgtIn: tf.Tensor2D;
  readonly labels: tf.Tensor2D;
}

const MIN_LENGTH = 3;
const MAX_LENGTH = 6;
const DEV_STRINGS = 256;
const STEPS_BETWEEN_CHECKS = 20;
const GOOD_ENOUGH = 0.99;

/** Trains a model to reverse strings: at most cfg.steps steps of cfg.batch strings. The caller disposes of the result. */
export async function trainReverse(cfg: ReverseConfig, rng: () => number): Promise<Reverser> {
  const { weights, variables } = toVariables(initParams(cfg, rng));
  const optimizer = adam(variables);
  const dev = drawStrings(cfg, DEV_STRINGS, rng, 'held out');

  for (let step = 1; step <= cfg.steps; step++) {
    tf.tidy(() => {
      const { src, tgtIn, labels } = makeBatch(drawStrings(cfg, cfg.batch, rng, 'train'), cfg);
      const { grads } = tf.variableGrads(() => ceLoss(forward(src, tgtIn, weights, cfg), labels), variables);
      optimizer.step(grads, learningRate(step, cfg));
    });
    if (step % STEPS_BETWEEN_CHECKS !== 0 || step === cfg.steps) continue;
    const answers = greedyDecode(dev, weights, cfg);
    if (shareRight(dev, answers) >= GOOD_ENOUGH) break;
    await pause(); // let the rest of the process breathe
  }

  optimizer.dispose();
  return {
    translate: (strings) => greedyDecode(strings, weights, cfg),
    dispose: () => tf.dispose(variables),
  };
}

/** Strings to tensors: the source padded to the longest, the reversed target with EOS, and its shifted copy; labels are -100 on padding. */
export function makeBatch(strings: readonly (readonly number[])[], cfg: Seq2SeqConfig): ReverseBatch {
  return tf.tidy(() => {
    const S = Math.max(...strings.map((string) => string.length));
    const targets = strings.map((string) => [...string].reverse().concat(cfg.eosId));
    return {
      src: rectangle(strings, S, cfg.padId),
      tgtIn: shiftRight(rectangle(targets, S + 1, cfg.padId), cfg.bosId),
      labels: rectangle(targets, S + 1, IGNORE),
    };
  });
}

/** The likeliest answer, token by token, for all strings at once; rows come back in the order in which they came, without BOS and EOS. */
export function greedyDecode(strings: readonly (readonly number[])[], weights: Seq2SeqWeights, cfg: Seq2SeqConfig): number[][] {
  if (strings.length === 0) return [];
  const S = Math.max(1, ...strings.map((string) => string.length));
  const src = rectangle(strings, S, cfg.padId);
  const rows = strings.map(() => [cfg.bosId]);
  while (rows[0]!.length <= S + 1 && !rows.every((row) => row.includes(cfg.eosId))) {
    const likeliest = tf.tidy(() => {
      const T = rows[0]!.length;
      const logits = forward(src, rectangle(rows, T, cfg.padId), weights, cfg); // [N, T, V]
      return logits
        .slice([0, T - 1, 0], [-1, 1, -1])
        .argMax(-1)
        .dataSync(); // the last position speaks: [N, 1]
    });
    for (const [n, row] of rows.entries()) row.push(likeliest[n]!);
  }
  src.dispose();
  return rows.map((row) => {
    const end = row.indexOf(cfg.eosId);
    return row.slice(1, end === -1 ? undefined : end);
  });
}

// --- helpers ---

/** Random strings of 3 to 6 symbols (every id but PAD, BOS and EOS). Held out: those whose ids add up to a multiple of 5. */
export function drawStrings(cfg: Seq2SeqConfig, count: number, rng: () => number, split: 'train' | 'held out'): number[][] {
  const special = [cfg.padId, cfg.bosId, cfg.eosId];
  const symbols = Array.from({ length: cfg.V }, (_, id) => id).filter((id) => !special.includes(id));
  const below = (n: number) => Math.floor(rng() * n);
  const strings: number[][] = [];
  while (strings.length < count) {
    const string = Array.from({ length: MIN_LENGTH + below(MAX_LENGTH - MIN_LENGTH + 1) }, () => symbols[below(symbols.length)]!);
    const heldOut = string.reduce((sum, id) => sum + id, 0) % 5 === 0;
    if (heldOut === (split === 'held out')) strings.push(string);
  }
  return strings;
}

/** Rows of unequal length to an int32 tensor: -> [N, T], filled up with `fill` on the right. */
export function rectangle(rows: readonly (readonly number[])[], T: number, fill: number): tf.Tensor2D {
  const padded = rows.map((row) => Array.from({ length: T }, (_, t) => row[t] ?? fill));
  return tf.tensor2d(padded, [rows.length, T], 'int32');
}

/** The share of answers that are their string, reversed. */
export function shareRight(strings: readonly (readonly number[])[], answers: readonly (readonly number[])[]): number {
  const right = strings.filter((string, n) => [...string].reverse().join() === answers[n]?.join());
  return right.length / strings.length;
}

/** The same tree of weights with a trainable variable for every tensor, and the list of those variables. Disposes of the tensors. */
function toVariables(weights: Seq2SeqWeights): { weights: Seq2SeqWeights; variables: tf.Variable[] } {
  const variables: tf.Variable[] = [];
  const convert = (node: unknown): unknown => {
    if (node instanceof tf.Tensor) {
      const variable = tf.variable(node);
      node.dispose();
      variables.push(variable);
      return variable;
    }
    if (Array.isArray(node)) return node.map(convert);
    return Object.fromEntries(Object.entries(node as object).map(([name, child]) => [name, convert(child)]));
  };
  return { weights: convert(weights) as Seq2SeqWeights, variables };
}

/** Up from 0 to lr over the warm-up, then down in a straight line that would reach 0 just after the last step. Steps count from 1. */
function learningRate(step: number, { steps, lr, warmup }: ReverseConfig): number {
  const left = (1 + steps - step) / Math.max(1, 1 + steps - warmup);
  return lr * Math.min(1, step / Math.max(1, warmup), left);
}

/** Adam with the paper's betas (section 5.3). All weights are treated as one long vector: a dozen kernels a step instead of a dozen for each. */
function adam(variables: readonly tf.Variable[], beta1 = 0.9, beta2 = 0.98, eps = 1e-9) {
  const sizes = variables.map((variable) => variable.size);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const zeros = () => tf.tidy(() => tf.variable(tf.zeros([total]), false)); // variables survive a tidy
  const m = zeros(); // mean of the gradient
  const v = zeros(); // mean of its square
  let t = 0;
  return {
    step(grads: tf.NamedTensorMap, lr: number): void {
      t += 1;
      tf.tidy(() => {
        const g = tf.concat(variables.map((variable) => grads[variable.name]!.flatten()));
        m.assign(m.mul(beta1).add(g.mul(1 - beta1)));
        v.assign(v.mul(beta2).add(g.square().mul(1 - beta2)));
        const size = v
          .div(1 - beta2 ** t)
          .sqrt()
          .add(eps); // both means start at 0: undo that
        const change = tf.split(m.mul(lr / (1 - beta1 ** t)).div(size), sizes);
        for (const [i, variable] of variables.entries()) variable.assign(variable.sub(change[i]!.reshape(variable.shape)));
      });
    },
    dispose: () => tf.dispose([m, v]),
  };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
