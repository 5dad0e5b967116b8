/** Grades submissions the way the command does: a folder is staged, put in the strongest box of this machine, and judged. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Box, BoxPool, strongestDriver } from '../../src/box/index.ts';
import { type Catalog, type Exercise, loadCatalog, programFor } from '../../src/catalog/catalog.ts';
import { type GradeOneOptions, gradeOne } from '../../src/grading/grade.ts';
import { openReference } from '../../src/judge/judge.ts';
import type { ExerciseReport } from '../../src/report/report.ts';

type Folder = Readonly<Record<string, string>>;
type GradeMore = Pick<GradeOneOptions, 'onlyThreshold' | 'testTimeoutMs'> & {
  readonly strict?: boolean;
  readonly change?: (folder: string) => void;
};

/** Shared by all submissions of one test file: warm boxes, and one box with the reference of each exercise. */
export class Gallery {
  readonly catalog: Catalog;
  /** A toy course whose suite calls the learner's code back. */
  readonly #toy: Catalog;
  readonly #driver;
  readonly #pool: BoxPool;
  readonly #references = new Map<string, Promise<Box>>();
  readonly #tree = mkdtempSync(join(tmpdir(), 'ladder-gallery-'));
  #count = 0;

  private constructor(catalog: Catalog, toy: Catalog, driver: Awaited<ReturnType<typeof strongestDriver>>) {
    this.catalog = catalog;
    this.#toy = toy;
    this.#driver = driver;
    this.#pool = new BoxPool({ driver, size: 2 });
  }

  static async open(): Promise<Gallery> {
    const toy = await loadCatalog(join(import.meta.dirname, '../fixtures/toy-agent'));
    return new Gallery(await loadCatalog(join(import.meta.dirname, '../../..')), toy, await strongestDriver());
  }

  find(slug: string): Exercise {
    return slug === 'tool-loop' ? this.#toy.find(slug) : this.catalog.find(`transformer/${slug}`);
  }

  /** The solution of an exercise, as `ladder` would hand it out. */
  async solution(exercise: Exercise): Promise<string> {
    return (await programFor(exercise, 'reference')).files[exercise.manifest.file]!;
  }

  /** The verdict on a folder with these files. */
  async grade(exercise: Exercise, files: Folder, { change, strict = false, ...more }: GradeMore = {}): Promise<ExerciseReport> {
    const folder = join(this.#tree, String(this.#count++), exercise.module.id, exercise.folder);
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    change?.(folder);
    const { report } = await gradeOne(exercise.module.id === 'toy-agent' ? this.#toy : this.catalog, exercise, {
      folder,
      driver: this.#driver,
      backend: 'wasm',
      seed: `museum ${this.#count}`,
      strict,
      thresholds: more.onlyThreshold !== undefined,
      referenceBox: await this.#reference(exercise),
      open: ({ limits }) => this.#pool.take(limits),
      ...more,
    });
    return report;
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.close(), ...[...this.#references.values()].map(async (box) => (await box).close())]);
    rmSync(this.#tree, { recursive: true, force: true });
  }

  #reference(exercise: Exercise): Promise<Box> {
    const known = this.#references.get(exercise.id);
    if (known) return known;
    const options = {
      driver: this.#driver,
      backend: 'wasm',
      open: ({ limits }: { limits: Parameters<BoxPool['take']>[0] }) => this.#pool.take(limits),
    };
    const opened = openReference(exercise, options).then(({ box }) => box);
    this.#references.set(exercise.id, opened);
    return opened;
  }
}

/** All that a report says about why points are missing. */
export function reasonsOf(report: ExerciseReport): string {
  return [report.rejected?.reason, ...report.tests.filter(({ status }) => status !== 'passed').map(({ message }) => message)]
    .filter(Boolean)
    .join('\n');
}
