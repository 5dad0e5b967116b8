/**
 * Commands that a module adds to `ladder`: the default export of its subpath `./commands`.
 *
 * That file is read to list the commands, so it imports no library code: each `run` imports what it needs when it is called. With `--mine` the learner's files
 * take the place of the reference's before that import.
 */
import type { Words } from './words.ts';

export interface CommandOption {
  /** As commander reads it: `--preset <name>`, `-q, --quiet`. */
  readonly flags: string;
  readonly description: Words;
  readonly choices?: readonly string[];
  readonly default?: string | boolean;
  /** May be given more than once; the command gets a list. */
  readonly many?: boolean;
}

/** Whose code a part of the course is in this run. */
export interface Part {
  /** `llm-train/llama`. */
  readonly exercise: string;
  readonly whose: 'learner' | 'reference';
  /** Why it is the reference's: not written yet, failing. */
  readonly reason?: Words;
  readonly file: string;
}

export interface CommandContext {
  /** The folder that holds `exercises/`. */
  readonly root: string;
  readonly lang: 'en' | 'zh';
  readonly say: (words: Words) => string;
  /** What `--backend` or LADDER_BACKEND says, else 'auto'. */
  readonly backend: 'auto' | 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';
  /** With `--mine`, every part that the command may use, in the order of the course; else undefined. */
  readonly parts?: readonly Part[];
  /**
   * The reference's module behind a subpath of a course package (`@llm-ladder/llm-train/llama`), whoever's file `--mine` puts in its place: what it imports is
   * the reference's too, so that both sides of a parity check can be loaded at once. UsageError for a subpath that no module here has.
   */
  readonly reference: (specifier: string) => Promise<unknown>;
}

export interface ModuleCommand {
  /** `train`, or two words: `data add`. */
  readonly name: string;
  /** Positional words as commander reads them: `[folder]`, `<names...>`. */
  readonly args?: string;
  readonly description: Words;
  readonly options?: readonly CommandOption[];
  /** Takes `--mine` and `--from <folder>`. */
  readonly mine?: boolean;
  /** The exit code: 0 done, 1 the result is not good enough, 2 usage, 3 our fault. A list argument comes as one array, as with commander. */
  readonly run: (
    args: readonly (string | readonly string[] | undefined)[],
    options: Readonly<Record<string, unknown>>,
    context: CommandContext,
  ) => Promise<0 | 1 | 2 | 3>;
}

/** The commands as given; for the types alone. */
export function defineCommands(commands: readonly ModuleCommand[]): readonly ModuleCommand[] {
  return commands;
}
