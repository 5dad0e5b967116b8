/** Nothing beyond the files of an exercise's `needs` can be imported, whatever the way to it. */
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Box, openBox, strongestDriver } from '../../src/box/index.ts';
import { type Exercise, loadCatalog, programFor } from '../../src/catalog/catalog.ts';
import { limits } from '../box/helpers.ts';

/** Ways to a module, as an expression of its name. */
const routes: Readonly<Record<string, (name: string) => string>> = {
  'import()': (name) => `import(${name})`,
  'import() with attributes': (name) => `import(${name}, { with: { type: 'json' } })`,
  'import() of a String object': (name) => `import(new String(${name}))`,
  'import() of an object that turns into the name': (name) => `import({ toString: () => ${name} })`,
  eval: (name) => `eval('(name) => import(name)')(${name})`,
  'indirect eval': (name) => `(0, eval)('(name) => import(name)')(${name})`,
  'new Function': (name) => `new Function('name', 'return import(name)')(${name})`,
  'an async Function': (name) => `new (async () => {}).constructor('name', 'return import(name)')(${name})`,
  'a timer': (name) => `new Promise((yes, no) => setTimeout(() => import(${name}).then(yes, no)))`,
  'a module from a data: URL': (name) => `import('data:text/javascript,export * from ' + encodeURIComponent(JSON.stringify(${name})))`,
  'a module from a blob: URL': (name) =>
    `import(URL.createObjectURL(new Blob(['export * from ' + JSON.stringify(${name})], { type: 'text/javascript' })))`,
  'import.meta.resolve': (name) => `import.meta.resolve(${name})`,
  require: (name) => `require(${name})`,
  createRequire: (name) => `import('node:module').then((m) => m.createRequire(import.meta.url)(${name}))`,
  'process.getBuiltinModule': (name) => `process.getBuiltinModule(${name}).constructor.name`,
  'process.binding': (name) => `process.binding(${name}).constructor.name`,
  'process.dlopen': (name) => `process.dlopen({ exports: {} }, ${name})`,
  'process.mainModule': (name) => `process.mainModule.require(${name})`,
  'a worker': (name) => `new Worker(${name})`,
  importScripts: (name) => `importScripts(${name})`,
  fetch: (name) => `fetch(${name})`,
  'a stack of call sites': (name) =>
    `(Error.prepareStackTrace = (_, sites) => sites.map((s) => s.getThis() ?? s.getFunction()).find(Boolean), new Error().stack.require(${name}))`,
};

/** What is not among the needs of mha. */
const targets = (exercise: Exercise): readonly string[] => [
  ...[
    'node:fs',
    'fs',
    'fs/promises',
    'node:module',
    'node:net',
    'node:worker_threads',
    'node:v8',
    'node:test',
    'node:process',
    'node:wasi',
  ],
  ...['@llm-ladder/transformer', '@llm-ladder/transformer/mha', '@llm-ladder/transformer/encoder', '@llm-ladder/transformer/masks'],
  ...['@llm-ladder/transformer/course', '@llm-ladder/transformer/package.json', '@llm-ladder/transformer/./attention'],
  ...['@llm-ladder/grader', '@llm-ladder/grader/suite', '@llm-ladder/grader/matchers', '@llm-ladder/backend/tf', 'vitest', 'esbuild'],
  ...['@tensorflow/tfjs-core', 'webgpu', '#internal', 'constructor', '__proto__', 'toString'],
  ...[
    './hidden.test.ts',
    './mha.test.ts',
    '../03-mha/hidden.test.ts',
    '../../../solutions/transformer/03-mha/mha.ts',
    './fixtures/mha.safetensors',
  ],
  ...[
    '/etc/passwd',
    '/box/runtime/box.mjs',
    '/proc/self/environ',
    'file:///box/runtime/box.mjs',
    'file:///box/exercise/../runtime/box.mjs',
  ],
  ...[
    'file:///box/warm/../modules/',
    'file:///box/boxed/boxed.ts',
    'file:///box/vitest',
    'http://127.0.0.1/x.js',
    'https://example.org/x.js',
  ],
  ...[exercise.referenceFile, pathToFileURL(exercise.referenceFile).href, exercise.suiteFile, pathToFileURL(exercise.suiteFile).href],
];

/** Before anything is tried, the methods that a lock might use are made to say yes to this one name. */
const tampering = `
for (const owner of [Map.prototype, Set.prototype, WeakMap.prototype]) {
  const { get, has } = owner;
  if (get) owner.get = function (key) { return key === wanted ? key : Reflect.apply(get, this, [key]); };
  owner.has = function (key) { return key === wanted || Reflect.apply(has, this, [key]); };
}
for (const [owner, name] of [[String.prototype, 'startsWith'], [String.prototype, 'endsWith'], [Array.prototype, 'includes'], [RegExp.prototype, 'test']]) {
  const method = owner[name];
  owner[name] = function (...args) { return this == wanted || args[0] === wanted || Reflect.apply(method, this, args); };
}
`;

let exercise: Exercise;
const boxes: Box[] = [];
beforeAll(async () => {
  exercise = (await loadCatalog(import.meta.dirname)).find('transformer/mha');
});
afterAll(async () => {
  await Promise.all(boxes.map((box) => box.close()));
});

/** A box with one file of mha that exports `reach(name)`. */
async function boxWith(text: string): Promise<Box> {
  const box = await openBox({ driver: await strongestDriver(), limits });
  boxes.push(box);
  await box.load(await programFor(exercise, { files: { 'mha.ts': text, 'own.ts': 'export const mine = 1;', 'own.json': '{"mine": 1}' } }));
  return box;
}

const reaching = (expression: (name: string) => string): string =>
  `let wanted = '';\nexport const reach = (name: string) => Promise.resolve((wanted = name)).then(() => ${expression('name')}).then((found: any) => 'GOT IN: ' + Object.keys(Object(found)), (error: any) => 'no: ' + error?.message);`;

test.each(Object.keys(routes))('nothing is reached by %s', async (route) => {
  for (const head of ['', tampering]) {
    const box = await boxWith(`${reaching(routes[route]!)}\nexport const tamper = () => { ${head} };`);
    await box.call({ export: 'tamper' }, []);
    for (const target of targets(exercise)) {
      const { value } = await box.call({ export: 'reach' }, [target]).catch((error: Error) => ({ value: `no: ${error.message}` }));
      expect.soft(`${target}: ${value}`).not.toContain('GOT IN');
      if (!box.alive) break;
    }
  }
});

test('a static import of each is refused by name', async () => {
  for (const [i, target] of targets(exercise).entries()) {
    if (i % 3 !== 0) continue; // the same lock as above: a sample will do
    const text = `${i % 2 ? 'export * from' : 'import'} ${JSON.stringify(target)};`;
    await expect.soft(boxWith(text), text).rejects.toMatchObject({ code: 'import' });
  }
});

test('what is needed, the backend and the own files can be imported by every honest way', async () => {
  for (const route of ['import()', 'eval', 'a timer']) {
    const box = await boxWith(reaching(routes[route]!));
    for (const name of ['@llm-ladder/transformer/attention', '@llm-ladder/backend', '@llm-ladder/backend/errors', './own.ts'])
      expect.soft((await box.call({ export: 'reach' }, [name])).value, `${route} of ${name}`).toContain('GOT IN');
  }
  const box = await boxWith(reaching(routes['import() with attributes']!));
  expect((await box.call({ export: 'reach' }, ['./own.json'])).value).toContain('GOT IN');
});
