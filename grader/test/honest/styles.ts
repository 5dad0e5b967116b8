/** Odd ways to write any solution down: each takes the solution (honest.ts beside it) and hands it on in another dress. */
import type { Honest } from './solution.ts';

type Dress = (names: readonly string[]) => string;
const each = (names: readonly string[], line: (name: string) => string): string => names.map(line).join('\n');
const all = "import * as honest from './honest.ts';\n";

const dresses: Readonly<Record<string, Dress>> = {
  'a file of its own for the work': (names) => `export { ${names.join(', ')} } from './honest.ts';`,
  'everything exported, and more': (names) =>
    `export * from './honest.ts';\nexport const extra = { notes: ['${names[0]}'], sizes: new Map([[1, 2]]), when: 3n };\nexport class Unused { #x = 1; get x() { return this.#x; } }\nexport default 42;`,
  'words that a careless filter would ban': (names) =>
    `${all}// eval, import('node:fs'), process.exit(0), require, stream, Worker, cuda stream, Proxy, setTimeout, fetch\nconst words = 'eval import process require child_process stream worker_threads ../../solutions hidden.test.ts';\nconst process = { stream: words.length, eval: 1, import: 2 };\n${each(names, (n) => `export const ${n} = (...args: any[]) => { const stream = process.stream > 0; return stream ? (honest as any).${n}(...args) : words; };`)}`,
  'static methods of a class': (names) =>
    `${all}class Model { ${each(names, (n) => `static ${n}(...args: any[]) { return (honest as any).${n}(...args); }`)} }\nexport const { ${names.join(', ')} } = Model;`,
  'methods of an instance, bound': (names) =>
    `${all}abstract class Base { protected readonly parts = honest as any; }\nclass Model extends Base { ${each(names, (n) => `${n}(...args: any[]) { return this.parts.${n}(...args); }`)} }\nconst model = new Model();\n${each(names, (n) => `export const ${n} = model.${n}.bind(model);`)}`,
  'generators that are run to their end': (names) =>
    `${all}const run = <T>(steps: Generator<unknown, T>): T => { for (;;) { const { done, value } = steps.next(); if (done) return value as T; } };\n${each(names, (n) => `export const ${n} = (...args: any[]) => run((function* () { yield 'start'; const y = (honest as any).${n}(...args); yield* [1, 2]; return y; })());`)}`,
  'curried functions': (names) =>
    `${all}const curry = (fn: any) => (...a: any[]) => ((...b: any[]) => fn(...b))(...a);\n${each(names, (n) => `export const ${n} = curry(honest.${n});`)}`,
  'functions that are assigned again': (names) =>
    `${all}${each(names, (n) => `let ${n}: any = () => { throw new Error('too early'); };\n${n} = honest.${n};`)}\nexport { ${names.join(', ')} };`,
  'symbols as keys': (names) =>
    `${all}const key = Symbol('solution');\nconst box = { [key]: honest as any };\n${each(names, (n) => `export function ${n}(...args: any[]) { return box[key].${n}(...args); }`)}`,
  'a Proxy around the function': (names) =>
    `${all}${each(names, (n) => `export const ${n} = new Proxy((honest as any).${n}, { apply: (target, self, args) => Reflect.apply(target, self, args) });`)}`,
  'getters of a configuration': (names) =>
    `${all}const config = { get solution() { return honest as any; }, __proto__: { deeper: { toString: () => 'config' } } };\n${each(names, (n) => `export const ${n} = (...args: any[]) => config.solution.${n}(...args);`)}`,
  'identifiers of many alphabets': (names) =>
    `${all}const 注意力 = honest as any, π = Math.PI, größe = π > 3, $_ = 1, naïve\u0301 = 2;\nvoid [größe, $_, naïve\u0301];\n${each(names, (n) => `export const ${n} = (...аргументы: any[]) => 注意力.${n}(...аргументы);`)}`,
  'prints on the way': (names) =>
    `${all}console.log('loaded', { names: '${names.join()}' });\n${each(names, (n) => `export const ${n} = (...args: any[]) => { console.debug('${n}', args.length); console.table([{ a: 1 }]); process.stdout.write('.'); return (honest as any).${n}(...args); };`)}`,
  'eval and Function of harmless text': (names) =>
    `${all}const half = eval('1 / 2'), identity = new Function('x', 'return x');\n${each(names, (n) => `export const ${n} = (...args: any[]) => (half === 0.5 ? identity((honest as any).${n}(...args)) : undefined);`)}`,
  'using, and symbols of disposal': (names) =>
    `${all}const closed: string[] = [];\n${each(names, (n) => `export const ${n} = (...args: any[]) => { using scope = { name: '${n}', [Symbol.dispose]() { closed.push(this.name); closed.length = 0; } }; return scope.name === '${n}' ? (honest as any).${n}(...args) : undefined; };`)}`,
  'commas, labels and a switch': (names) =>
    `${all}${each(names, (n) => `export function ${n}(...args: any[]): any { let y: any; outer: for (const turn of [0, 1, 2]) { switch (true) { case turn < 1: continue outer; case turn === 1: y = (void 0, (honest as any).${n}(...args)); break outer; default: debugger; } } return y; }`)}`,
  'timers and microtasks that do nothing': (names) =>
    `${all}let ticks = 0;\nsetInterval(() => ticks++, 50);\nqueueMicrotask(() => ticks++);\n${each(names, (n) => `export const ${n} = (...args: any[]) => { setTimeout(() => ticks++, 1); void Promise.resolve(1).then(() => ticks++); return (honest as any).${n}(...args); };`)}`,
  'a settings file and a type-heavy wrapper': (names) =>
    `${all}import settings from './settings.json' with { type: 'json' };\ntype Fn<A extends readonly unknown[] = readonly any[], R = any> = (...args: A) => R;\ninterface Table { readonly [name: string]: Fn }\ndeclare const never: never;\nconst table = honest as unknown as Table satisfies Table;\nfunction pick(name: string): Fn;\nfunction pick(name: string, strict: true): Fn;\nfunction pick(name: string, strict?: boolean): Fn { return settings.strict === (strict ?? true) ? table[name]! : (() => never); }\n${each(names, (n) => `export const ${n}: Fn = <T extends any[]>(...args: T) => pick('${n}')(...args) as ReturnType<Fn>;`)}`,
  'methods added to arrays and numbers': (names) =>
    `${all}Object.defineProperty(Array.prototype, 'last', { value() { return this.at(-1); }, configurable: true });\n(Number.prototype as any).twice = function () { return 2 * this; };\n${each(names, (n) => `export const ${n} = (...args: any[]) => { [1].last(); (2).twice(); return (honest as any).${n}(...args); };`)}`,
  'errors caught and thrown again': (names) =>
    `${all}${each(names, (n) => `export const ${n} = (...args: any[]) => { try { try { return (honest as any).${n}(...args); } catch (error) { if (error instanceof Error) error.message += ''; throw error; } } finally { Error.captureStackTrace({}); } };`)}`,
  'default parameters, spreads and call': (names) =>
    `${all}${each(names, (n) => `export function ${n}(this: any, first?: any, ...rest: any[]) { const args = arguments.length === 0 ? [] : [first, ...rest]; return Function.prototype.call.call((honest as any).${n}, this, ...args); }`)}`,
};

/** One exercise in every dress. */
export function dressed(exercise: string, file: string, names: readonly string[]): Honest[] {
  return Object.entries(dresses).map(([name, dress]) => ({
    name,
    exercise,
    files: { [file]: dress(names), 'settings.json': '{"strict": true}' },
  }));
}
