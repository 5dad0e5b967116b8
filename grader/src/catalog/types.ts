/** What the rest of the grader knows about modules and exercises, wherever they come from. */
import type { CheckedManifest } from '../format/manifest.ts';
import type { Words } from '../format/words.ts';

export interface Exercise {
  /** `transformer/sdpa`. */
  readonly id: string;
  readonly module: ModuleInfo;
  readonly slug: string;
  /** Number of its folder, from 1; numbers rise within a module, and may leave gaps. */
  readonly order: number;
  /** `01-sdpa`. */
  readonly folder: string;
  readonly manifest: CheckedManifest;
  /** Absolute path of the reference as TypeScript text; a packed module carries its `src/` too. */
  readonly referenceFile: string;
  /** Absolute path of the folder with the READMEs, the visible test and the fixtures. */
  readonly courseDir: string;
  /** Absolute path of `hidden.test.ts`, or of the built `hidden.test.js`. */
  readonly suiteFile: string;
  readonly mutantsFile: string;
  /** The suite, mutants and fixtures are in the module's sealed file; the paths above say where they would lie. */
  readonly sealed: boolean;
}

export interface ModuleInfo {
  readonly id: string;
  readonly packageName: string;
  /** The package's folder, symlinks resolved. */
  readonly root: string;
  readonly title: Words;
  readonly chapter: number;
  readonly exercises: readonly Exercise[];
  /** Every module that is here, itself included, also those that an author's module only builds on: where what an exercise imports is looked up. */
  readonly siblings: readonly ModuleInfo[];
  /** True for a module that came as a package (built course, sources as text), false for one that is being written here. */
  readonly packed: boolean;
}

export interface Catalog {
  /** The folder that holds `exercises/`. */
  readonly root: string;
  /** `workspace`: a pnpm workspace of modules; `author`: one module's own folder; `project`: a learner's folder. */
  readonly kind: 'workspace' | 'author' | 'project';
  /** True where modules are written (workspace or author), false in a learner's folder. */
  readonly workspace: boolean;
  readonly modules: readonly ModuleInfo[];
  /** `transformer/sdpa`, `sdpa`, a path into `exercises/` or `solutions/`, or a unique order such as `transformer/01`. UsageError with the nearest names. */
  find(words: string): Exercise;
  /** One exercise, a whole module, or (no words) everything. UsageError with the nearest names. */
  select(words: readonly string[]): readonly Exercise[];
}
