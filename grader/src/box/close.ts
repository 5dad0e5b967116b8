/** One comparison of tensors for every matcher: in the suites, in visible tests and in plain vitest. */
import { say } from '../format/words.ts';

export interface Numbers {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

export interface Tolerance {
  /** Relative to the expected value; 1e-4 without it. */
  readonly rtol?: number | undefined;
  /** Absolute; 1e-5 without it. */
  readonly atol?: number | undefined;
}

export interface Comparison {
  readonly pass: boolean;
  /** For a failure: which element is worst, expected, got and the worst error; for a pass: how close the two are. */
  readonly message: string;
}

/**
 * Compares element by element: |got - expected| <= atol + rtol * |expected|. Shapes must agree first. NaN is never close, not even to NaN;
 * infinities are close to themselves only.
 */
export function compareClose(got: Numbers, expected: Numbers, { rtol = 1e-4, atol = 1e-5 }: Tolerance = {}): Comparison {
  if (!sameShape(got.shape, expected.shape)) {
    const [want, have] = [`[${expected.shape.join(', ')}]`, `[${got.shape.join(', ')}]`];
    return { pass: false, message: say({ en: `expected shape ${want}, got ${have}`, zh: `形状应为 ${want}，实为 ${have}` }) };
  }
  const size = expected.values.length;
  let wrong = 0;
  let worst = -1;
  let worstExcess = Number.NEGATIVE_INFINITY;
  let worstError = 0;
  for (let i = 0; i < size; i++) {
    const g = got.values[i]!;
    const e = expected.values[i]!;
    const error = g === e ? 0 : Math.abs(g - e);
    // Inf - x and NaN have no finite error: the first of them is the worst element there can be.
    const finite = Number.isFinite(error) && !Number.isNaN(e);
    const excess = finite ? error - (atol + rtol * Math.abs(e)) : Number.POSITIVE_INFINITY;
    if (excess > 0) wrong++;
    if (excess > worstExcess) {
      worstExcess = excess;
      worst = i;
      worstError = error;
    }
  }
  const tolerance = `rtol ${short(rtol)}, atol ${short(atol)}`;
  if (size === 0) return { pass: true, message: say({ en: 'both are empty', zh: '两边都是空的' }) };
  const [at, want, have] = [indexOf(worst, expected.shape), short(expected.values[worst]!), short(got.values[worst]!)];
  const isNumber = expected.shape.length === 0; // one number has no worst element
  const where = isNumber
    ? say({ en: `expected ${want}, got ${have}`, zh: `应为 ${want}，实为 ${have}` })
    : say({ en: `worst at ${at}: expected ${want}, got ${have}`, zh: `相差最大处 ${at}：应为 ${want}，实为 ${have}` });
  const error = Number.isFinite(worstError) ? short(worstError) : String(worstError);
  if (isNumber) {
    const pass = wrong === 0;
    const words = pass
      ? {
          en: `the numbers are close (${where}, error ${error}; ${tolerance})`,
          zh: `两数足够接近（${where}，误差 ${error}；${tolerance}）`,
        }
      : { en: `${where}; error ${error} (${tolerance})`, zh: `${where}；误差 ${error}（${tolerance}）` };
    return { pass, message: say(words) };
  }
  const message =
    wrong === 0
      ? {
          en: `all ${size} elements are close (${where}, error ${error}; ${tolerance})`,
          zh: `全部 ${size} 个元素都足够接近（${where}，误差 ${error}；${tolerance}）`,
        }
      : {
          en: `${where}; error ${error} (${tolerance}); ${wrong} of ${size} elements differ`,
          zh: `${where}；误差 ${error}（${tolerance}）；${size} 个元素中有 ${wrong} 个不符`,
        };
  return { pass: wrong === 0, message: say(message) };
}

/** True when two shapes agree in every axis. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, axis) => n === b[axis]);
}

/** Nested arrays (or a number) as shape and values; undefined when it is neither, or ragged. */
export function numbersOf(nested: unknown): Numbers | undefined {
  if (typeof nested === 'number') return { shape: [], values: [nested] };
  if (ArrayBuffer.isView(nested) && !(nested instanceof DataView)) {
    const view = nested as unknown as ArrayLike<number>;
    return { shape: [view.length], values: view };
  }
  const shape: number[] = [];
  for (let level: unknown = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
  if (shape.length === 0) return undefined;
  const values: number[] = [];
  const walk = (node: unknown, axis: number): boolean => {
    if (axis === shape.length) return typeof node === 'number' && values.push(node) > 0;
    return Array.isArray(node) && node.length === shape[axis] && node.every((child) => walk(child, axis + 1));
  };
  return walk(nested, 0) ? { shape, values } : undefined;
}

/** The index of the first element that is NaN or infinite, as text; undefined when all are finite. */
export function firstNotFinite({ shape, values }: Numbers): string | undefined {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return `${indexOf(i, shape)}: ${values[i]}`;
  return undefined;
}

function indexOf(flat: number, shape: readonly number[]): string {
  const index: number[] = [];
  let rest = flat;
  for (const n of [...shape].reverse()) {
    index.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  return `[${index.join(', ')}]`;
}

function short(x: number): string {
  return String(Number(Number(x).toPrecision(6)));
}
