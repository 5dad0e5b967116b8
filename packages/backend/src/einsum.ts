/** Einsum as transposes and one matrix product per pair of operands, and its gradient. TF.js has no Einsum on WASM and no gradient for it anywhere. */
import * as tf from '@tensorflow/tfjs-core';
import { ShapeError, UsageError } from './errors.ts';

export interface Equation {
  /** One string of letters per operand. */
  readonly terms: readonly string[];
  readonly output: string;
}

/** 'bqd,bkd->bqk' -> terms and output. Throws UsageError for '...', a repeated letter in a term, or an output letter that no operand has. */
export function decodeEinsum(text: string): Equation {
  const [left = '', output, ...more] = text.replace(/\s/g, '').split('->');
  const terms = left.split(',');
  const refuse = (expected: string): never => {
    throw new UsageError('einsum', expected, `"${text}"`);
  };
  if (output === undefined || more.length > 0) return refuse("one '->' in the equation");
  for (const term of [...terms, output]) {
    if (!/^[A-Za-z]*$/.test(term)) refuse("letters, ',' and one '->'");
    if (new Set(term).size !== term.length) refuse('each letter at most once in an operand');
  }
  for (const letter of output) if (!left.includes(letter)) refuse(`the output letter ${letter} in an operand`);
  return { terms, output };
}

/** Contracts the operands from left to right; float32 or int32. */
export function einsum(equation: Equation, operands: readonly tf.Tensor[]): tf.Tensor {
  checkSizes(equation, operands);
  const { terms, output } = equation;
  return tf.tidy(() => {
    let letters = terms[0]!;
    let result = operands[0]!;
    for (const [k, next] of operands.entries()) {
      if (k === 0) continue;
      const needed = terms.slice(k + 1).join('') + output;
      [letters, result] = contract(letters, result, terms[k]!, next, needed);
    }
    const summed = sumOut(letters, result, output);
    return transposeTo(summed[0], summed[1], output).clone();
  });
}

/** The gradient with respect to operand `k`: an einsum of the upstream and the other operands, spread over the letters that `k` alone had. */
export function einsumGradient({ terms, output }: Equation, k: number, dy: tf.Tensor, operands: readonly tf.Tensor[]): tf.Tensor {
  const others = terms.flatMap((term, i) => (i === k ? [] : [{ term, operand: operands[i]! }]));
  const reachable = output + others.map(({ term }) => term).join('');
  const own = terms[k]!;
  const shared = [...own].filter((letter) => reachable.includes(letter)).join('');
  const partial = tf.einsum(
    `${[output, ...others.map(({ term }) => term)].join(',')}->${shared}`,
    dy,
    ...others.map(({ operand }) => operand),
  );
  if (shared === own) return partial;
  const { shape } = operands[k]!;
  const spread = partial.reshape([...own].map((letter, i) => (shared.includes(letter) ? shape[i]! : 1)));
  return spread.mul(tf.ones(shape));
}

// --- helpers ---

function checkSizes({ terms, output }: Equation, operands: readonly tf.Tensor[]): void {
  const equation = `${terms.join(',')}->${output}`;
  if (terms.length !== operands.length) throw new ShapeError('einsum', `${terms.length} operands for ${equation}`, `${operands.length}`);
  const sizes = new Map<string, number>();
  for (const [k, term] of terms.entries()) {
    const { shape } = operands[k]!;
    if (shape.length !== term.length)
      throw new ShapeError('einsum', `rank ${term.length} for "${term}" in ${equation}`, `shape [${shape}]`);
    for (const [i, letter] of [...term].entries()) {
      const size = sizes.get(letter) ?? shape[i]!;
      if (size !== shape[i]) throw new ShapeError('einsum', `one size for "${letter}" in ${equation}`, `${size} and ${shape[i]}`);
      sizes.set(letter, size);
    }
  }
}

/** Letters of both that are still needed are a batch; letters of both that are not are summed by the product. */
function contract(aLetters: string, a: tf.Tensor, bLetters: string, b: tf.Tensor, needed: string): [string, tf.Tensor] {
  const [A, x] = sumOut(aLetters, a, bLetters + needed);
  const [B, y] = sumOut(bLetters, b, aLetters + needed);
  const both = [...A].filter((letter) => B.includes(letter));
  const batch = both.filter((letter) => needed.includes(letter)).join('');
  const summed = both.filter((letter) => !needed.includes(letter)).join('');
  const freeA = [...A].filter((letter) => !B.includes(letter)).join('');
  const freeB = [...B].filter((letter) => !A.includes(letter)).join('');
  const size = (letters: string) => [...letters].map((l) => (A.includes(l) ? x.shape[A.indexOf(l)]! : y.shape[B.indexOf(l)]!));
  const count = (letters: string) => size(letters).reduce((n, s) => n * s, 1);
  const letters = batch + freeA + freeB;
  if (summed === '') {
    const left = transposeTo(A, x, batch + freeA).reshape([count(batch), count(freeA), 1]);
    const right = transposeTo(B, y, batch + freeB).reshape([count(batch), 1, count(freeB)]);
    return [letters, left.mul(right).reshape(size(letters))];
  }
  // A product reads its operands either way round for free, so a transpose is spent only where neither fits.
  const flipA = A === batch + summed + freeA;
  const flipB = B === batch + freeB + summed;
  const left = flipA ? x : transposeTo(A, x, batch + freeA + summed);
  const right = flipB ? y : transposeTo(B, y, batch + summed + freeB);
  const product = tf.matMul(
    left.reshape(flipA ? [count(batch), count(summed), count(freeA)] : [count(batch), count(freeA), count(summed)]),
    right.reshape(flipB ? [count(batch), count(freeB), count(summed)] : [count(batch), count(summed), count(freeB)]),
    flipA,
    flipB,
  );
  return [letters, product.reshape(size(letters))];
}

function sumOut(letters: string, t: tf.Tensor, needed: string): [string, tf.Tensor] {
  const axes = [...letters].flatMap((letter, i) => (needed.includes(letter) ? [] : [i]));
  if (axes.length === 0) return [letters, t];
  return [[...letters].filter((letter) => needed.includes(letter)).join(''), t.sum(axes)];
}

function transposeTo(letters: string, t: tf.Tensor, order: string): tf.Tensor {
  return letters === order ? t : t.transpose([...order].map((letter) => letters.indexOf(letter)));
}
