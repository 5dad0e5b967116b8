/**
 * Imports of sealed files, from memory: `sealed:///.../course/01-sdpa/hidden.test.ts?v=...` lies where the file would lie. A relative import is looked for among the
 * sealed files first, then on the disk; a package is found from the place of the file.
 */
import { existsSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SCHEME = 'sealed:';

/** Course folder -> its sealed files: path below the folder -> bytes. */
const served = new Map<string, ReadonlyMap<string, Uint8Array>>();
let hooked = false;

/** Makes the sealed files of a course folder importable and returns the URL of one of them. */
export function serve(course: string, files: ReadonlyMap<string, Uint8Array>, version: string, file: string): string {
  served.set(course, files);
  if (!hooked) hook();
  hooked = true;
  return `${pathToFileURL(file).href.replace(/^file:/, SCHEME)}?v=${version}`;
}

function hook(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith(SCHEME)) return { url: specifier, format: 'module', shortCircuit: true };
      const { parentURL } = context;
      if (!parentURL?.startsWith(SCHEME)) return next(specifier, context);
      const outside = { ...context, parentURL: asFile(parentURL) };
      if (!/^\.\.?\//.test(specifier)) return next(specifier, outside);
      const target = new URL(specifier, parentURL);
      target.search = new URL(parentURL).search;
      if (sealedBytes(target.href)) return { url: target.href, format: 'module', shortCircuit: true };
      return next(onDisk(fileURLToPath(asFile(target.href))), outside);
    },
    load(url, context, next) {
      const bytes = url.startsWith(SCHEME) ? sealedBytes(url) : undefined;
      if (bytes === undefined) return next(url, context);
      const source = new TextDecoder().decode(bytes);
      return { format: 'module', source: /\.ts(\?|$)/.test(url) ? stripped(source) : source, shortCircuit: true };
    },
  });
}

const asFile = (url: string): string => url.replace(SCHEME, 'file:').replace(/\?.*$/, '');

function sealedBytes(url: string): Uint8Array | undefined {
  const file = fileURLToPath(asFile(url));
  for (const [course, files] of served) {
    const bytes = files.get(path.relative(course, file).replaceAll('\\', '/'));
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}

/** A file that is not sealed. In a package it is built: `course/x.ts` is `dist/course/x.js` there, and `src/x.ts` is `dist/x.js`. */
function onDisk(file: string): string {
  const built = file.replace(/\.ts$/, '.js');
  const library = built.replace(/([\\/])dist[\\/]src[\\/]/, '$1dist$1');
  return pathToFileURL([file, built, library].find((one) => existsSync(one)) ?? file).href;
}

function stripped(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {}; // Node calls its stripper experimental, once a process
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}
