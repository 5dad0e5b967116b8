/** Serves the program's sources from memory and refuses every other import by name: built-ins, packages, files, URLs. */
import { type ModuleHooks, registerHooks } from 'node:module';
import { say } from '../../format/words.ts';
import type { LoadMessage } from '../protocol.ts';
import { Refusal, root } from './errors.ts';

const exercise = `${root}exercise/`;
const modules = `${root}modules/`;
const boxedUrl = `${root}boxed/boxed.ts`;
/** An empty module, to make the first import of a real one quick. */
export const warmUrl = `${root}warm`;

export interface Loader {
  /** Makes the sources importable. */
  add(program: LoadMessage): void;
  /** Makes test files importable, and `vitest` for them. */
  addTests(files: Readonly<Record<string, string>>, shim: string): void;
  /** Runs one synchronous step of the runtime's own with imports allowed. */
  unlocked<T>(step: () => T): T;
  entryUrl(): string;
  boxedUrl(): string | undefined;
  testUrl(file: string): string;
}

/**
 * From here on only the program's own modules and `runtime` (names to URLs) resolve, whoever imports. `parts` are the files of the runtime, by name: they may
 * import each other by './name', and get what was loaded before; what was not is refused all the same.
 * The learner's code may replace any method of any prototype: what decides is looked up in objects without one.
 */
export function lockModules(runtime: Readonly<Record<string, string>>, parts: Readonly<Record<string, string>>): Loader {
  const sources = dictionary({ [warmUrl]: 'export {};' });
  const names = dictionary(runtime);
  const own = dictionary(Object.fromEntries(Object.values(runtime).map((url) => [url, url])));
  const partUrls = dictionary(Object.fromEntries(Object.entries(parts).map(([name, url]) => [`./${name}`, url])));
  const partNames = dictionary(Object.fromEntries(Object.entries(parts).map(([name, url]) => [url, name])));
  let program: LoadMessage | undefined;
  let open = false;

  const resolve: NonNullable<Parameters<typeof registerHooks>[0]['resolve']> = (specifier, context, next) => {
    const parent = context.parentURL ?? '';
    if (open && sources[parent] === undefined) return next(specifier, context);
    const named = names[specifier];
    if (named !== undefined) return { url: named, shortCircuit: true };
    const part = partNames[parent] === undefined ? undefined : partUrls[specifier];
    if (part !== undefined) return { url: part, shortCircuit: true };
    const url = /^\.{0,2}\//.test(specifier) && parent.startsWith(root) ? new URL(specifier, parent).href : specifier;
    if (sources[url] !== undefined) return { url, shortCircuit: true };
    throw refuse(specifier, parent, url);
  };

  const load: NonNullable<Parameters<typeof registerHooks>[0]['load']> = (url, context, next) => {
    const source = sources[url];
    if (source !== undefined) return { format: url.endsWith('.json') ? 'json' : 'module', source, shortCircuit: true };
    if (open || own[url] !== undefined) return next(url, context);
    throw new Refusal('import', say({ en: `${url} is not part of this exercise`, zh: `${url} 不属于本题` }));
  };

  const refuse = (specifier: string, parent: string, url: string): Refusal => {
    const who = parent.startsWith(root)
      ? parent.slice(root.length).replace(/^(exercise|modules)\//, '')
      : (program?.entry ?? say({ en: 'the program', zh: '程序' }));
    if (url.startsWith(exercise) || url.startsWith(modules)) {
      const near = ['.ts', '/index.ts'].map((ending) => url + ending).find((candidate) => sources[candidate] !== undefined);
      const folder = url.startsWith(exercise)
        ? { en: "the exercise's folder", zh: '本题的目录' }
        : { en: 'what this exercise needs', zh: '本题所需的部分' };
      const message = {
        en: `${who} imports '${specifier}', which is not in ${folder.en}`,
        zh: `${who} 导入了 '${specifier}'，但${folder.zh}里没有它`,
      };
      const full = near === undefined ? '' : `'${specifier}${near.slice(url.length)}'`;
      return new Refusal('import', say(message), full === '' ? undefined : say({ en: `write ${full}`, zh: `请写成 ${full}` }));
    }
    const allowed = Object.keys(names)
      .filter((name) => name !== 'vitest' && !name.endsWith('/matchers'))
      .map((name) => `'${name}'`);
    const message = {
      en: `${who} imports '${specifier}', which this exercise may not use; allowed: ${allowed.join(', ')}`,
      zh: `${who} 导入了 '${specifier}'，本题不允许使用；可用的有：${allowed.join('、')}`,
    };
    return new Refusal('import', say(message));
  };

  const hooks: ModuleHooks = registerHooks({ resolve, load });
  void hooks;

  return {
    add(added) {
      program = added;
      for (const [path, source] of Object.entries(added.files)) sources[new URL(encodePath(path), exercise).href] = source;
      for (const [name, source] of Object.entries(added.modules)) {
        const url = new URL(`${encodePath(name)}.ts`, modules).href;
        names[name] = url;
        sources[url] = source;
      }
      if (added.boxed !== null) sources[boxedUrl] = added.boxed;
    },
    addTests(files, shim) {
      for (const [path, source] of Object.entries(files)) sources[new URL(encodePath(path), exercise).href] = source;
      names.vitest = `${root}vitest`;
      sources[`${root}vitest`] = shim;
      names['@llm-ladder/grader/matchers'] = `${root}matchers`;
      sources[`${root}matchers`] = 'export {};';
    },
    unlocked(step) {
      open = true;
      try {
        return step();
      } finally {
        open = false;
      }
    },
    entryUrl: () => new URL(encodePath(program?.entry ?? ''), exercise).href,
    boxedUrl: () => (sources[boxedUrl] === undefined ? undefined : boxedUrl),
    testUrl: (file) => new URL(encodePath(file), exercise).href,
  };
}

function dictionary(entries: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return Object.assign(Object.create(null) as Record<string, string | undefined>, entries);
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/').replaceAll('%40', '@');
}
