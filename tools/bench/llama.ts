/**
 * A LLaMA-shaped language model: RMSNorm, RoPE, causal attention with grouped queries, SwiGLU, tied head, cross-entropy.
 * `tf` is an argument, because the rival must not load our backend package. Dims as in model-spec.ts; K = D / H width of a head.
 */
import type { tf as Tf } from '@llm-ladder/backend';
import { type ModelSize, normEpsilon, ropeBase } from './model-spec.ts';

export type TensorFlow = typeof Tf;
export type Fused = typeof import('@llm-ladder/backend/fused');
export type Scalar = Tf.Scalar;
export type Tensor1D = Tf.Tensor1D;
export type Variable = Tf.Variable;
export type Weights = Readonly<Record<string, Tf.Variable>>;

export interface Llama {
  /** Scores of the next token at every position: tokens [B, T] -> [B * T, V]. */
  logits(tokens: Tf.Tensor2D): Tf.Tensor2D;
}

/** The four parts of a layer that a library may have as one op. */
export interface Parts {
  rmsNorm(x: Tf.Tensor2D, gain: Tf.Tensor): Tf.Tensor2D;
  /** [B, T, H, K] with each pair turned by the angle of its position. */
  rotate(x: Tf.Tensor4D): Tf.Tensor4D;
  /** Scores [B, H, T, T] -> weights, scaled and causal. */
  attend(scores: Tf.Tensor4D): Tf.Tensor4D;
  swiGlu(gate: Tf.Tensor2D, up: Tf.Tensor2D): Tf.Tensor2D;
}

export function llama(tf: TensorFlow, { D, L, H, G, T, B }: ModelSize, weights: Weights, parts: Parts): Llama {
  const K = D / H;
  const w = (name: string): Tf.Variable => weights[name] as Tf.Variable;

  const project = (x: Tf.Tensor2D, name: string): Tf.Tensor4D => tf.reshape(tf.matMul(x, w(name) as Tf.Tensor2D), [B, T, -1, K]);
  const perHead = (x: Tf.Tensor4D): Tf.Tensor4D => tf.transpose(x, [0, 2, 1, 3]); // [B, T, H, K] <-> [B, H, T, K]

  const attention = (x: Tf.Tensor2D, l: number): Tf.Tensor2D => {
    const q = perHead(parts.rotate(project(x, `${l}.wQ`)));
    const k = perHead(parts.rotate(project(x, `${l}.wK`)));
    const v = perHead(project(x, `${l}.wV`));
    // The H / G queries of a key head stand one after the other: they meet it as rows of one product.
    const scores = tf.matMul(tf.reshape(q, [B, G, (H / G) * T, K]), k, false, true);
    const shares = tf.reshape(parts.attend(tf.reshape(scores, [B, H, T, T])), [B, G, (H / G) * T, T]);
    const mixed = perHead(tf.reshape(tf.matMul(shares, v), [B, H, T, K])); // [B, T, H, K]
    return tf.matMul(tf.reshape(mixed, [B * T, D]) as Tf.Tensor2D, w(`${l}.wOut`) as Tf.Tensor2D);
  };

  const mlp = (x: Tf.Tensor2D, l: number): Tf.Tensor2D => {
    const gate: Tf.Tensor2D = tf.matMul(x, w(`${l}.wGate`) as Tf.Tensor2D);
    const up: Tf.Tensor2D = tf.matMul(x, w(`${l}.wUp`) as Tf.Tensor2D);
    return tf.matMul(parts.swiGlu(gate, up), w(`${l}.wDown`) as Tf.Tensor2D);
  };

  const logits = (tokens: Tf.Tensor2D): Tf.Tensor2D =>
    tf.tidy(() => {
      let x = tf.gather(w('embedding'), tf.reshape(tokens, [B * T])) as Tf.Tensor2D; // [B * T, D]
      for (let l = 0; l < L; l++) {
        x = tf.add(x, attention(parts.rmsNorm(x, w(`${l}.attentionNorm`)), l));
        x = tf.add(x, mlp(parts.rmsNorm(x, w(`${l}.mlpNorm`)), l));
      }
      return tf.matMul(parts.rmsNorm(x, w('norm')), w('embedding') as Tf.Tensor2D, false, true); // [B * T, V]
    });

  return { logits };
}

/** The parts as a learner writes them, of plain ops. */
export function plainParts(tf: TensorFlow, { D, H, T }: ModelSize): Parts {
  const { cos, sin } = angles(tf, T, D / H);
  const [cosine, sine] = [tf.reshape(cos, [T, 1, D / H / 2]), tf.reshape(sin, [T, 1, D / H / 2])]; // the same for every head
  const hidden = Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? -1e9 : 0));
  const mask = tf.tensor2d(hidden, [T, T]);
  return {
    rmsNorm: (x, gain) => tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), normEpsilon))), gain),
    rotate: (x) => {
      const [first, second] = tf.split(x, 2, -1) as [Tf.Tensor4D, Tf.Tensor4D];
      const turned = [tf.sub(tf.mul(first, cosine), tf.mul(second, sine)), tf.add(tf.mul(first, sine), tf.mul(second, cosine))];
      return tf.concat(turned, -1) as Tf.Tensor4D;
    },
    attend: (scores) => tf.softmax(tf.add(tf.mul(scores, 1 / Math.sqrt(D / H)), mask)),
    swiGlu: (gate, up) => tf.mul(tf.mul(gate, tf.sigmoid(gate)), up),
  };
}

/** The parts as one op each, of `@llm-ladder/backend/fused`. */
export function fusedParts(tf: TensorFlow, { D, H, T }: ModelSize, fused: Fused): Parts {
  const { cos, sin } = angles(tf, T, D / H);
  return {
    rmsNorm: (x, gain) => fused.rmsNorm(x, gain, normEpsilon),
    rotate: (x) => fused.rotate(x, cos, sin),
    attend: (scores) => fused.causalSoftmax(scores, 1 / Math.sqrt(D / H)),
    swiGlu: fused.swiGlu,
  };
}

/** Mean cross-entropy with plain ops: [N, V], ids [N] -> []. */
export function crossEntropy(tf: TensorFlow, logits: Tf.Tensor2D, targets: Tf.Tensor1D): Tf.Scalar {
  const [N, V] = logits.shape;
  return tf.tidy(() => tf.div(tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(targets, V)))), N) as Tf.Scalar);
}

/** Cosines and sines of the rotation angles, each [T, K / 2]. */
function angles(tf: TensorFlow, T: number, K: number) {
  const half = K / 2;
  const values = Array.from({ length: T * half }, (_, i) => Math.floor(i / half) / ropeBase ** ((i % half) / half));
  return { cos: tf.tensor2d(values.map(Math.cos), [T, half]), sin: tf.tensor2d(values.map(Math.sin), [T, half]) };
}
