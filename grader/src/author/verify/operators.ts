/** What a generated mutant changes: one small slip at one place of the syntax tree, of the kinds that people make with tensors and loops. */
import type { AnyNode, CallExpression, Expression, MemberExpression, SpreadElement } from 'acorn';

/** A replacement of text[start, end), and the node that is shown when the mutant is told about. */
export interface Slip {
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly put: string;
  readonly shown: { readonly start: number; readonly end: number };
}

const binarySwaps: Readonly<Record<string, string>> = {
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '**': '*',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '&&': '||',
  '||': '&&',
  '+=': '-=',
  '-=': '+=',
  '*=': '/=',
  '/=': '*=',
};

const methodSwaps: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['add', 'sub'],
    ['mul', 'div'],
    ['greater', 'greaterEqual'],
    ['less', 'lessEqual'],
    ['equal', 'notEqual'],
    ['minimum', 'maximum'],
    ['min', 'max'],
    ['argMin', 'argMax'],
    ['mean', 'sum'],
    ['sin', 'cos'],
    ['exp', 'log'],
    ['sqrt', 'square'],
    ['softmax', 'logSoftmax'],
    ['relu', 'tanh'],
    ['floor', 'ceil'],
    ['ones', 'zeros'],
    ['onesLike', 'zerosLike'],
    ['push', 'unshift'],
    ['every', 'some'],
    ['indexOf', 'lastIndexOf'],
    ['startsWith', 'endsWith'],
  ].flatMap(([one, other]) => [
    [one, other],
    [other, one],
  ]),
);

/** Functions whose arguments are bounds: a variable there is tried one too small and one too large. */
const boundTakers = new Set(['range', 'slice', 'splice', 'subarray', 'at', 'gather', 'split']);

/** The order of their arguments does not matter. */
const commutative = new Set(['add', 'mul', 'min', 'max', 'minimum', 'maximum', 'equal', 'notEqual', 'logicalAnd', 'logicalOr']);

/** A capital at the front, or one of these, is no value on which a method chain could go on. */
const namespaces = new Set(['tf']);

/** Whole numbers from here on are scales, not counts: one more or less means nothing. */
const LARGE = 1000;

/** Every slip at this one node (not below it); `above` are the nodes that hold it, the nearest first. */
export function slipsAt(node: AnyNode, above: readonly AnyNode[], text: string): Slip[] {
  // A bare number tells nobody which one it is: what it belongs to is shown with it.
  const owner = above.find(({ type }) => type !== 'ArrayExpression' && type !== 'UnaryExpression') ?? node;
  const number = (value: number): Slip[] => otherNumbers(value).map((put) => slip('constant', put, node, owner));
  const slip = (operator: string, put: string, at: Span = node, shown: Span = node): Slip => ({
    operator,
    start: at.start,
    end: at.end,
    put,
    shown: { start: shown.start, end: shown.end },
  });
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
    case 'AssignmentExpression': {
      if (node.operator === '??') {
        return [slip('nullish', `(${sourceOf(node.left, text)})`), slip('nullish', `(${sourceOf(node.right, text)})`)];
      }
      const put = binarySwaps[node.operator];
      if (put === undefined) return [];
      const at = text.indexOf(node.operator, node.left.end);
      return [slip('operator', put, { start: at, end: at + node.operator.length })];
    }
    case 'UpdateExpression': {
      const start = node.prefix ? node.start : node.argument.end;
      return [slip('operator', node.operator === '++' ? '--' : '++', { start, end: start + 2 })];
    }
    case 'UnaryExpression':
      if (node.operator === '!') return [slip('negation', sourceOf(node.argument, text))];
      if (node.operator !== '-') return [];
      if (isNumber(node.argument)) return number(-node.argument.value);
      return [slip('sign', sourceOf(node.argument, text))];
    case 'Literal':
      if (typeof node.value === 'boolean') return [slip('constant', String(!node.value), node, owner)];
      if (!isNumber(node) || above[0]?.type === 'UnaryExpression') return [];
      return number(node.value);
    case 'IfStatement':
    case 'ConditionalExpression':
    case 'WhileStatement':
    case 'DoWhileStatement':
      return ['true', 'false'].map((put) => slip('condition', put, node.test, node.test));
    case 'ForStatement':
      return node.test ? ['true', 'false'].map((put) => slip('condition', put, node.test!, node.test!)) : [];
    case 'ExpressionStatement':
      return [slip('statement', ';')];
    case 'BreakStatement':
    case 'ContinueStatement':
      return [slip('statement', ';')];
    case 'ArrayExpression':
      return swaps(node.elements, text).map(({ put, span }) => slip('order', put, span));
    case 'MemberExpression':
      return indexSlips(node, text).map((put) => slip('off by one', put, node.property));
    case 'CallExpression':
      return [
        ...(commutative.has(methodName(node)) ? [] : swaps(node.arguments, text)).map(({ put, span }) => slip('arguments', put, span)),
        ...droppedArgument(node, text).map(({ put, span }) => slip('argument', put, span)),
        ...droppedCall(node, text).map(({ put, span }) => slip('call', put, span)),
        ...otherMethod(node).map(({ put, span }) => slip('method', put, span)),
        ...boundSlips(node, text).map(({ put, span }) => slip('off by one', put, span)),
      ];
    default:
      return [];
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Put {
  readonly put: string;
  readonly span: Span;
}

function isNumber(node: AnyNode): node is Extract<AnyNode, { type: 'Literal' }> & { value: number } {
  return node.type === 'Literal' && typeof node.value === 'number';
}

/** What a number may be mistaken for: its neighbours, 0, the other sign; for a fraction 0 and its double. */
function otherNumbers(value: number): string[] {
  const scale = !Number.isInteger(value) || Math.abs(value) >= LARGE;
  const others = scale ? [0, ...(Math.abs(value) < 1 ? [2 * value] : [-value])] : [value - 1, value + 1, 0, ...(value < 0 ? [-value] : [])];
  return [...new Set(others)].filter((other) => other !== value).map(String);
}

/** Neighbours exchanged, where both are values of the same sort. */
function swaps(items: readonly (Expression | SpreadElement | null)[], text: string): Put[] {
  return items.flatMap((left, i) => {
    const right = items[i + 1];
    if (!left || !right || !alike(left, right)) return [];
    const [a, b] = [text.slice(left.start, left.end), text.slice(right.start, right.end)];
    if (a === b) return [];
    return [{ put: b + text.slice(left.end, right.start) + a, span: { start: left.start, end: right.end } }];
  });
}

function alike(left: AnyNode, right: AnyNode): boolean {
  const value = new Set(['Identifier', 'MemberExpression', 'CallExpression', 'BinaryExpression', 'UnaryExpression']);
  if (value.has(left.type) && value.has(right.type)) return true;
  const number = (node: AnyNode): boolean => isNumber(node) || value.has(node.type);
  return (number(left) && number(right)) || (left.type === 'ArrayExpression' && right.type === 'ArrayExpression');
}

/** `f(x, mask)` becomes `f(x)`. */
function droppedArgument({ arguments: args }: CallExpression, text: string): Put[] {
  const [before, last] = args.slice(-2);
  if (!before || !last || !(isVariable(last) || last.type === 'Literal')) return [];
  // From the end of the argument before, casts included, to the end of the last.
  return [{ put: '', span: { start: text.slice(0, last.start).lastIndexOf(','), end: last.end } }];
}

/** `x.f(a)` becomes `x`; `f(x, a)` becomes `x`; `tf.tidy(() => y)` becomes `(() => y)()`. */
function droppedCall(node: CallExpression, text: string): Put[] {
  const { callee } = node;
  if (callee.type === 'MemberExpression' && !isNamespace(callee.object)) {
    const dot = text.slice(0, callee.property.start).search(/\??\.\s*$/);
    return callee.computed || dot < 0 ? [] : [{ put: '', span: { start: dot, end: node.end } }];
  }
  const first = node.arguments[0];
  if (!first || first.type === 'SpreadElement') return [];
  const called = first.type === 'ArrowFunctionExpression' && node.arguments.length === 1 ? '()' : '';
  return [{ put: `(${text.slice(first.start, first.end)})${called}`, span: node }];
}

function isNamespace(node: AnyNode): boolean {
  return node.type === 'Super' || (node.type === 'Identifier' && (namespaces.has(node.name) || /^[A-Z][a-z]/.test(node.name)));
}

/** 'mul' of `x.mul(y)` and of `tf.mul(x, y)`; '' for a plain function. */
function methodName({ callee }: CallExpression): string {
  return callee.type === 'MemberExpression' && !callee.computed && callee.property.type === 'Identifier' ? callee.property.name : '';
}

function otherMethod(node: CallExpression): Put[] {
  const name = methodName(node);
  if (!Object.hasOwn(methodSwaps, name)) return [];
  return [{ put: methodSwaps[name]!, span: (node.callee as MemberExpression).property }];
}

/** `a[i]` becomes `a[i + 1]` and `a[i - 1]`; numbers are constants, and have their own slips. */
function indexSlips(node: MemberExpression, text: string): string[] {
  if (!node.computed || !isVariable(node.property)) return [];
  const index = text.slice(node.property.start, node.property.end);
  return [`${index} + 1`, `${index} - 1`];
}

function boundSlips(node: CallExpression, text: string): Put[] {
  if (!boundTakers.has(methodName(node))) return [];
  const bounds = node.arguments.flatMap((arg) => (arg.type === 'ArrayExpression' ? arg.elements : [arg])).filter((arg) => arg !== null);
  return bounds.filter(isVariable).flatMap((bound) => {
    const value = text.slice(bound.start, bound.end);
    return [`${value} + 1`, `${value} - 1`].map((put) => ({ put, span: bound }));
  });
}

/** A name that may stand for a number: neither a capital matrix nor a tensor of ids can be told apart, and adding 1 to those fails at once. */
function isVariable(node: AnyNode): boolean {
  return node.type === 'Identifier' || (node.type === 'MemberExpression' && !node.computed);
}

function sourceOf(node: AnyNode, text: string): string {
  return text.slice(node.start, node.end);
}
