/** What a package on this machine says about itself: its package.json, where it is installed, the files behind its subpaths. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';

interface PackageJson {
  readonly name?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The package.json of a folder, or undefined without one. UsageError when it is no JSON. */
export function readPackage(folder: string): PackageJson | undefined {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PackageJson;
  } catch (error) {
    throw new UsageError(file, 'JSON', (error as Error).message);
  }
}

/** The folder of an installed package, looked for as Node does: in each node_modules from `root` upwards. */
export function findInstalled(root: string, name: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (dirname(folder) === folder) return undefined;
  }
}

/** The file that a package exports as a subpath (`./commands`, by name or through `./*`), there or not; undefined when it exports none of that name. */
export function exportedFile(packageRoot: string, subpath: string): string | undefined {
  const exports = readPackage(packageRoot)?.exports;
  const pattern = exportTarget(exports?.['./*'])?.replaceAll('*', subpath.slice(2));
  const target = exports?.[subpath] === undefined ? pattern : exportTarget(exports[subpath]);
  return target === undefined ? undefined : join(packageRoot, target);
}

/**
 * The file behind a subpath of a module (`commands`, `llama`): its source where it is written, since an author's package exports a build that may be old or not
 * there; what the package exports once it is packed. There or not; undefined when the module has none of that name.
 */
export function moduleFile({ root, packed }: { readonly root: string; readonly packed: boolean }, name: string): string | undefined {
  const source = join(root, 'src', `${name}.ts`);
  return !packed && existsSync(source) ? source : exportedFile(root, `./${name}`);
}

function exportTarget(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { import: esm, default: fallback } = value as Record<string, unknown>;
  return exportTarget(esm ?? fallback);
}
