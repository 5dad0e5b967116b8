/** The commands that the modules of a folder add to `ladder`: read only when a line of words may mean one of them, so that no other command starts slower. */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LadderError, UsageError } from '@llm-ladder/backend/errors';
import { z } from 'zod';
import type { ModuleCommand } from '../format/commands.ts';
import { modulePlaces } from './load.ts';
import { moduleFile } from './packages.ts';

/** A command and the package that brings it. */
export interface OwnedCommand {
  readonly command: ModuleCommand;
  readonly packageRoot: string;
}

const words = z.object({ en: z.string().min(1), zh: z.string().min(1) });
const run = z.custom<ModuleCommand['run']>((value) => typeof value === 'function', 'expected a function');
const schema = z.array(
  z.strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]*( [a-z][a-z0-9-]*)?$/, 'expected one or two lower-case words'),
    args: z.string().optional(),
    description: words,
    options: z
      .array(
        z.strictObject({
          flags: z.string().regex(/^(-[a-zA-Z], )?--[a-z][a-z0-9-]*( [<[].+[>\]])?$/, 'expected flags such as --preset <name>'),
          description: words,
          choices: z.array(z.string()).optional(),
          default: z.union([z.string(), z.boolean()]).optional(),
          many: z.boolean().optional(),
        }),
      )
      .optional(),
    mine: z.boolean().optional(),
    run,
  }),
);

/**
 * Every command of the modules that a folder sees; none where there are no modules. UsageError for a file that does not load, a command that does not hold, and
 * a name that is taken: the first word of a command belongs to `builtIn` or to one module. A command of a library that several modules offer is there once.
 */
export async function moduleCommands(from: string, builtIn: readonly string[]): Promise<readonly OwnedCommand[]> {
  let found: ReturnType<typeof modulePlaces>;
  try {
    found = modulePlaces(from);
  } catch (error) {
    if (error instanceof UsageError) return [];
    throw error;
  }
  const owners = new Map(builtIn.map((word) => [word, 'ladder itself']));
  const all: OwnedCommand[] = [];
  for (const place of found.places) {
    const file = moduleFile(place, 'commands');
    if (file === undefined || !existsSync(file)) continue;
    const where = relative(found.root, file).replaceAll('\\', '/');
    for (const command of checkedCommands(await importDefault(file, where), where)) {
      // What a library brings and several modules offer is one command: it shares its `run`.
      if (all.some((one) => one.command.run === command.run && one.packageRoot !== place.root)) continue;
      const [word] = command.name.split(' ') as [string];
      const owner = owners.get(word);
      if (owner !== undefined && owner !== where) {
        throw new UsageError(`${where}: ${command.name}`, 'a first word of its own', `"${word}", a command of ${owner}`);
      }
      if (all.some((one) => one.command.name === command.name)) {
        throw new UsageError(`${where}: ${command.name}`, 'each command once', 'it twice');
      }
      owners.set(word, where);
      all.push({ command, packageRoot: place.root });
    }
  }
  return all;
}

async function importDefault(file: string, where: string): Promise<unknown> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(/* @vite-ignore */ pathToFileURL(file).href);
  } catch (error) {
    if (LadderError.isInstance(error)) throw error;
    const [line = 'an error'] = (error as Error).message.split('\n');
    throw new UsageError(where, 'the commands of a module, as a file that loads', line, { cause: error });
  }
  if (loaded.default === undefined) throw new UsageError(where, 'export default defineCommands([ ... ])', 'no default export');
  return loaded.default;
}

function checkedCommands(value: unknown, where: string): readonly ModuleCommand[] {
  const result = schema.safeParse(value);
  if (result.success) return result.data as readonly ModuleCommand[];
  const { path, message } = result.error.issues[0]!;
  const dotted = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  throw new UsageError(`${where}: ${dotted || 'default export'}`, 'commands as defineCommands describes them', message);
}
