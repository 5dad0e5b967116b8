/**
 * Wrong solutions that come with the common checks, for any exercise: the reference with one export wrapped, so that what it returns is right but for one fault.
 * Each must die by the check that it belongs to, and has the words for a learner who makes the same mistake.
 */
import { UsageError } from '@llm-ladder/backend/errors';
import type { Mutant } from '../format/mutants.ts';
import type { Words } from '../format/words.ts';
import type { CommonCheck, Suite } from '../suite/types.ts';

interface Fault {
  /** Follows the name of the export. */
  readonly name: string;
  readonly looksLike: Words;
  /** The body of `wrapped(f, args, { output, axis })`: calls `f(...args)` and does one thing wrong. */
  readonly body: string;
}

const FAULTS: Readonly<Record<CommonCheck, Fault>> = {
  tensors: {
    name: 'leaves a tensor behind',
    looksLike: { en: 'tensors pile up: compute inside tf.tidy', zh: '张量越积越多：请在 tf.tidy 里计算' },
    body: 'tf.zeros([1]); return f(...args);',
  },
  inputs: {
    name: 'changes its inputs',
    looksLike: { en: 'the inputs belong to the caller: do not change or dispose them', zh: '输入属于调用者：不要改动或释放它们' },
    body: 'return then(f(...args), (result) => { spoil(args); return result; });',
  },
  rows: {
    name: 'one row for the whole batch',
    looksLike: { en: 'one row of the batch gets the result of another', zh: '批中的一行用了另一行的结果' },
    body: `return then(f(...args), (result) => pick(result, output, (t) => {
      if (t.shape[axis] !== 2) return t;
      const first = t.slice(t.shape.map(() => 0), t.shape.map((n, i) => (i === axis ? 1 : n)));
      return tf.concat([first, first], axis);
    }));`,
  },
  step: {
    name: 'squeezes axes of size 1',
    looksLike: { en: 'axes of size 1 disappear', zh: '大小为 1 的维度消失了' },
    body: `const lone = args.some(hasLoneAxis);
    return then(f(...args), (result) => pick(result, output, (t) => (t.shape.includes(1) ? t.squeeze() : lone ? t.mul(NaN) : t)));`,
  },
  gradients: {
    name: 'copied out of the graph',
    looksLike: { en: 'dataSync cuts the gradient: stay with tensor operations', zh: 'dataSync 会切断梯度：请只用张量运算' },
    body: 'return then(f(...args), (result) => pick(result, output, (t) => tf.tensor(t.dataSync(), t.shape, t.dtype)));',
  },
  twice: {
    name: 'another answer every second time',
    looksLike: {
      en: 'the answer changes from call to call: no Math.random, no clock, no counter',
      zh: '每次调用的结果都不同：不要使用 Math.random、时钟或计数器',
    },
    body: 'return then(f(...args), (result) => (count++ % 2 === 0 ? result : other(result)));',
  },
  state: {
    name: 'the first answer for ever',
    looksLike: { en: 'something is kept from an earlier call: start afresh in each', zh: '保留了之前调用的内容：每次调用都应从头开始' },
    body: 'if (count++ === 0) kept = f(...args); return kept;',
  },
};

/** Keeps the names of a reference free: everything of ours lies inside one function. */
const HELPERS = `
  const isTensor = (value) => value instanceof tf.Tensor;
  const then = (value, next) => (value && !isTensor(value) && typeof value.then === 'function' ? value.then(next) : next(value));
  // Leaves no tensor behind: that is a fault of its own.
  const swap = (t, change) => { const next = tf.tidy(() => change(t)); if (next !== t) t.dispose(); return next; };
  const pick = (result, output, change) =>
    isTensor(result) ? swap(result, change) : output === null ? result : { ...result, [output]: swap(result[output], change) };
  const hasLoneAxis = (value) => (isTensor(value) ? value.shape.includes(1) : Array.isArray(value) && (value.length === 1 || value.some(hasLoneAxis)));
  /** Changes the first thing in the value that can be changed; true when there is one. */
  const spoil = (value) => {
    if (typeof value !== 'object' || value === null) return false;
    if (isTensor(value)) { value.dispose(); return true; }
    if (ArrayBuffer.isView(value)) { if (value.length > 0) value[0]++; return value.length > 0; }
    if (value instanceof Map) return [...value.values()].some(spoil) || !!value.set('more', 0);
    if (value instanceof Set) return !!value.add('more');
    if (Array.isArray(value) && value !== given) return value.some(spoil) || value.push(0) > 0;
    if (Array.isArray(value)) return value.some(spoil);
    if (Object.getPrototypeOf(value) !== Object.prototype) return false;
    return Object.values(value).some(spoil) || !!(value.more = 1);
  };
  const other = (value) => {
    if (typeof value === 'string') return value + '.';
    if (typeof value === 'number') return value + 1;
    if (typeof value === 'bigint') return value + 1n;
    if (typeof value === 'boolean') return !value;
    if (typeof value !== 'object' || value === null) return 0;
    if (isTensor(value)) return value.add(1);
    if (ArrayBuffer.isView(value)) return value.map((x) => (typeof x === 'bigint' ? x + 1n : x + 1));
    if (value instanceof Map) return new Map([...value, ['more', 0]]);
    if (value instanceof Set) return new Set([...value, 'more']);
    if (Array.isArray(value)) return value.length === 0 ? [0] : [other(value[0]), ...value.slice(1)];
    const [key = 'more'] = Object.keys(value);
    return { ...value, [key]: other(value[key]) };
  };
  let given;
  let count = 0;
  let kept;`;

/** The mutants that the common checks of a suite bring. UsageError where a checked export is not declared in the reference. */
export function madeMutants({ entries }: Suite, reference: string, file: string): Mutant[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== 'test' || entry.common === undefined || !entry.common.canFail()) return [];
    const { check, export: name, output = null, axis = 0 } = entry.common;
    const fault = FAULTS[check];
    const declared = new RegExp(`^export (?=(?:async )?(?:function\\*?|const|let) ${name}\\b)`, 'm');
    if (!declared.test(reference)) throw new UsageError(`common('${name}')`, `a function declared in ${file}`, 'none');
    const source = `${reference.replace(declared, '')}
import { tf as made$tf } from '@llm-ladder/backend';
const made$ = ((tf, f, { output, axis }) => {${HELPERS}
  return (...args) => { given = args; ${fault.body} };
})(made$tf, ${name}, ${JSON.stringify({ output, axis })});
export { made$ as ${name} };
`;
    return [{ name: `${name}: ${fault.name}`, source, killedBy: entry.name, looksLike: fault.looksLike }];
  });
}
