/**
 * Scaling laws: what a run costs, how its loss follows from its size and its data, and the best use of a budget.
 *
 * Papers: Kaplan et al. 2020, section 2.1 (C = 6 N D); Hoffmann et al. 2022 ("Chinchilla"), section 3.3, equations 2 to 4, and appendix D.3.
 * - Six FLOPs for each parameter and token: two going forward, four going back. N is the same N everywhere: with or without embeddings, but not both.
 * - 6 N D alone says what a run costs, not how to split it. The split follows from a loss L(N, D) = E + A / N^alpha + B / D^beta that is fitted to runs.
 * - The fit looks at logarithms, so that runs of all sizes count alike, and forgives outliers: Huber's loss grows in a straight line beyond `HUBER`.
 * - E is the loss that no model gets below. A fit without it bends both exponents.
 */
import { UsageError } from '@llm-ladder/backend/errors';

/** One finished run: N parameters, D tokens, and the loss that it reached, in nats per token. */
export interface TrainingRun {
  readonly N: number;
  readonly D: number;
  readonly loss: number;
}

/** L(N, D) = E + A / N^alpha + B / D^beta. */
export interface ScalingLaw {
  readonly E: number;
  readonly A: number;
  readonly B: number;
  readonly alpha: number;
  readonly beta: number;
}

/** In logarithms: beyond this a residual counts linearly. */
const HUBER = 1e-3;
/** Starts of the search: alpha, beta, and the share of the lowest loss that E takes. */
const STARTS = [0.2, 0.5, 0.9].flatMap((exponent) =>
  [0.2, 0.5, 0.9].flatMap((other) => [0.3, 0.9].map((share) => ({ exponent, other, share }))),
);

/** FLOPs of training N parameters on D tokens. */
export function flops(N: number, D: number): number {
  // #region exercise: six for each parameter and token
  return 6 * N * D;
  // #endregion
}

/** The loss that a law foretells. */
export function lossAt({ E, A, B, alpha, beta }: ScalingLaw, N: number, D: number): number {
  // #region exercise: the floor and the two terms that fall
  return E + A / N ** alpha + B / D ** beta;
  // #endregion
}

/** The law that fits the runs best: Huber's loss of the residuals of log loss, from several starts. Throws UsageError for fewer than 5 runs. */
export function fitChinchilla(runs: readonly TrainingRun[]): ScalingLaw {
  if (runs.length < 5 || runs.some(({ N, D, loss }) => !(N > 0 && D > 0 && loss > 0)))
    throw new UsageError('fitChinchilla', 'at least 5 runs with positive N, D and loss', `${runs.length} runs`);
  // #region exercise: the law as five free numbers (logarithms for E, A, B), its log residuals, the best of several searches
  const lawOf = ([a, b, e, alpha, beta]: readonly number[]): ScalingLaw => ({
    ...{ E: Math.exp(e!), A: Math.exp(a!), B: Math.exp(b!) },
    ...{ alpha: alpha!, beta: beta! },
  });
  const residuals = (numbers: readonly number[]): number[] => {
    const law = lawOf(numbers);
    return runs.map(({ N, D, loss }) => Math.log(lossAt(law, N, D) / loss));
  };
  const lowest = Math.min(...runs.map(({ loss }) => loss));
  const middle = (pick: (run: TrainingRun) => number) => Math.exp(runs.reduce((sum, run) => sum + Math.log(pick(run)), 0) / runs.length);
  const [N, D, loss] = [middle((run) => run.N), middle((run) => run.D), middle((run) => run.loss)];
  const fits = STARTS.map(({ exponent, other, share }) => {
    const half = Math.log((loss - share * lowest) / 2); // both terms begin alike in the middle of the runs
    const start = [half + exponent * Math.log(N), half + other * Math.log(D), Math.log(share * lowest), exponent, other];
    return minimise(residuals, start);
  });
  return lawOf(fits.reduce((best, fit) => (fit.cost < best.cost ? fit : best)).at);
  // #endregion
}

/** The size and the data that reach the lowest loss of a law for a budget of C FLOPs: 6 N D = C. */
export function optimal(C: number, law: ScalingLaw): { N: number; D: number; loss: number } {
  if (!(C > 0)) throw new UsageError('optimal', 'C > 0', `${C}`);
  // #region exercise: N from the condition that both terms fall equally fast along 6 N D = C; D is what is left
  const { A, B, alpha, beta } = law;
  const ratio = ((alpha * A) / (beta * B)) ** (1 / (alpha + beta));
  const N = ratio * (C / 6) ** (beta / (alpha + beta));
  const D = C / (6 * N);
  return { N, D, loss: lossAt(law, N, D) };
  // #endregion
}

// --- helpers ---

/** Huber's loss of one residual: a square near 0, a line beyond. */
export function huber(residual: number): number {
  const size = Math.abs(residual);
  return size <= HUBER ? 0.5 * size * size : HUBER * (size - 0.5 * HUBER);
}

/**
 * The numbers at which the sum of Huber's losses of all residuals is least, searched downhill from `start`.
 * Levenberg and Marquardt's steps, with each residual weighted so that the square of a far one counts like Huber's line.
 */
export function minimise(residuals: (numbers: readonly number[]) => number[], start: readonly number[]): { at: number[]; cost: number } {
  const costOf = (found: readonly number[]) => found.reduce((sum, residual) => sum + huber(residual), 0);
  let at = [...start];
  let now = residuals(at);
  let cost = costOf(now);
  let damping = 1e-2;
  for (let step = 0; step < 400 && damping < 1e12; step++) {
    const slopes = at.map((value, j) => {
      const h = 1e-6 * Math.max(1, Math.abs(value));
      const beside = residuals(at.map((other, i) => (i === j ? other + h : other)));
      return now.map((residual, i) => (beside[i]! - residual) / h);
    });
    const weights = now.map((residual) => Math.min(1, HUBER / Math.abs(residual)));
    const products = slopes.map((a) => slopes.map((b) => a.reduce((sum, slope, i) => sum + weights[i]! * slope * b[i]!, 0)));
    const downhill = slopes.map((a) => -a.reduce((sum, slope, i) => sum + weights[i]! * slope * now[i]!, 0));
    const matrix = products.map((row, i) => row.map((value, j) => (i === j ? value * (1 + damping) + 1e-30 : value)));
    const change = solve(matrix, downhill);
    const next = at.map((value, i) => value + change[i]!);
    const found = residuals(next);
    const lower = costOf(found);
    if (!(lower < cost)) {
      damping *= 4;
      continue;
    }
    const settled = cost - lower < 1e-13 * cost;
    [at, now, cost, damping] = [next, found, lower, Math.max(1e-12, damping / 3)];
    if (settled) break;
  }
  return { at, cost };
}

/** x with matrix x = right, by elimination with pivots. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    const pivot = rows
      .slice(column)
      .reduce((best, row, i) => (Math.abs(row[column]!) > Math.abs(rows[best]![column]!) ? column + i : best), column);
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let r = column + 1; r < n; r++) {
      const factor = rows[r]![column]! / rows[column]![column]!;
      for (let c = column; c <= n; c++) rows[r]![c]! -= factor * rows[column]![c]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let r = n - 1; r >= 0; r--) {
    const known = x.reduce((sum, value, c) => (c > r ? sum + rows[r]![c]! * value : sum), 0);
    x[r] = (rows[r]![n]! - known) / rows[r]![r]!;
  }
  return x;
}
