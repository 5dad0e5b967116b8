/** The reference in a box of its own, opened when a test first asks for it. */
import { readFile } from 'node:fs/promises';
import type { Box, ExportKind } from '../box/types.ts';
import { programFor } from '../catalog/program.ts';
import type { Exercise } from '../catalog/types.ts';
import { exportedNames } from '../format/exports.ts';
import { type JudgeOptions, openWith, REFERENCE_LIMITS } from './options.ts';
import type { SubjectHost } from './subject.ts';

const REFERENCE_CALL_MS = 60_000;

export class ReferenceHost implements SubjectHost {
  readonly who = 'reference';
  readonly entry: string;
  readonly asyncExports: readonly string[];
  readonly #exercise: Exercise;
  readonly #options: JudgeOptions;
  #given: Promise<{ box: Box; exports: Record<string, ExportKind> }> | undefined;
  #opened: Promise<{ box: Box; exports: Record<string, ExportKind> }> | undefined;

  constructor(exercise: Exercise, options: JudgeOptions) {
    this.entry = exercise.manifest.file;
    this.asyncExports = exercise.manifest.async ?? [];
    this.#exercise = exercise;
    this.#options = options;
  }

  open(): Promise<{ box: Box; exports: Record<string, ExportKind> }> {
    const given = this.#options.referenceBox;
    if (given) {
      this.#given ??= exportsOf(this.#exercise).then((exports) => ({ box: given, exports }));
      return this.#given;
    }
    this.#opened ??= openReference(this.#exercise, this.#options);
    return this.#opened;
  }

  timeLeft(): number {
    return REFERENCE_CALL_MS;
  }

  spent(): void {}

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.box.close();
    this.#opened = undefined;
  }
}

async function exportsOf({ referenceFile }: Exercise): Promise<Record<string, ExportKind>> {
  const names = exportedNames(await readFile(referenceFile, 'utf8'));
  return Object.fromEntries([...names].map((name) => [name, 'function' as const]));
}

/** A box with the reference of an exercise loaded. */
export async function openReference(
  exercise: Exercise,
  options: Pick<JudgeOptions, 'driver' | 'backend' | 'open'>,
): Promise<{ box: Box; exports: Record<string, ExportKind> }> {
  const [program, box] = await Promise.all([programFor(exercise, 'reference'), openWith(options, REFERENCE_LIMITS)]);
  return { box, exports: await box.load(program) };
}
