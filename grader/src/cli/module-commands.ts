/** Puts the commands of the modules here beside the built-in ones. */
import { pathToFileURL } from 'node:url';
import { UsageError } from '@llm-ladder/backend/errors';
import { type Command, Option } from 'commander';
import { modulePlaces } from '../catalog/load.ts';
import { moduleCommands, type OwnedCommand } from '../catalog/module-commands.ts';
import { moduleFile, readPackage } from '../catalog/packages.ts';
import type { CommandContext, CommandOption } from '../format/commands.ts';
import { inWords, lang, say } from '../format/words.ts';
import type { ExitCode } from './exit-code.ts';

/** Adds every command of the modules that the working directory sees; `done` gets the exit code of the one that runs. UsageError for a name that is taken. */
export async function addModuleCommands(program: Command, backend: () => Option, done: (exitCode: ExitCode) => void): Promise<void> {
  const builtIn = [...program.commands.map((one) => one.name()), 'help'];
  for (const owned of await moduleCommands(process.cwd(), builtIn)) addCommand(program, owned, backend(), done);
}

function addCommand(program: Command, owned: OwnedCommand, backend: Option, done: (exitCode: ExitCode) => void): void {
  const { name, args = '', description, options = [], mine = false, run } = owned.command;
  const own = parentOf(program, name)
    .command(`${name.split(' ').at(-1)} ${args}`.trim())
    .description(say(description))
    .exitOverride();
  try {
    for (const option of options) own.addOption(asOption(option));
    own.addOption(backend);
    if (mine) {
      own.option('--mine', say({ en: 'with your own files, wherever they pass', zh: '凡已通过的练习，都用你自己的代码' }), false);
      own.option('--from <folder>', say({ en: 'with --mine: another tree than exercises/', zh: '与 --mine 合用：exercises/ 以外的目录' }));
    }
  } catch (cause) {
    throw new UsageError(`${readPackage(owned.packageRoot)?.name}: ${name}`, 'options of its own', (cause as Error).message, { cause });
  }
  own.action(async (...words: unknown[]) => {
    const positional = words.slice(0, -2) as (string | readonly string[] | undefined)[];
    const { backend: device = 'auto', lang: _lang, ...rest } = own.opts();
    if (!mine) return done(await run(positional, rest, contextOf(device, undefined)));
    const { mine: wanted, from, ...given } = rest;
    if (from !== undefined && !wanted) {
      const hint = `ladder ${name} --mine --from ${from}`;
      throw inWords(new UsageError(`${name} --from`, '--mine with it', 'no --mine', { hint }), {
        message: `${name}：--from 要与 --mine 一起用`,
        hint,
      });
    }
    const parts = wanted ? await (await import('../mine/mine.ts')).useMine(owned.packageRoot, from) : undefined;
    done(await run(positional, given, contextOf(device, parts)));
  });
}

/** The command itself, or the group that the first of two words names. */
function parentOf(program: Command, name: string): Command {
  const [group, second] = name.split(' ') as [string, string?];
  if (second === undefined) return program;
  const parent = program.commands.find((one) => one.name() === group) ?? program.command(group).exitOverride();
  return parent.description([...parent.commands.map((one) => one.name()), second].map((word) => `${group} ${word}`).join(', '));
}

function asOption({ flags, description, choices, default: value, many }: CommandOption): Option {
  const option = new Option(flags, say(description));
  if (choices !== undefined) option.choices(choices);
  if (many) {
    const check = option.parseArg as ((word: string, earlier: undefined) => unknown) | undefined;
    option.argParser((word: string, earlier: readonly string[] = []) => {
      check?.(word, undefined);
      return [...earlier, word];
    });
  }
  return value === undefined ? option : option.default(value);
}

function contextOf(backend: CommandContext['backend'], parts: CommandContext['parts']): CommandContext {
  const { root, places } = modulePlaces(process.cwd());
  return {
    root,
    lang: lang(),
    say,
    backend,
    ...(parts === undefined ? {} : { parts }),
    reference: async (specifier) => {
      const place = places.find((one) => specifier.startsWith(`${readPackage(one.root)?.name}/`));
      const name = place === undefined ? '' : `${readPackage(place.root)?.name}/`;
      const file = place === undefined ? undefined : moduleFile(place, specifier.slice(name.length));
      if (file === undefined) throw new UsageError(specifier, 'a subpath of a module here', 'another name');
      if (parts === undefined) return import(/* @vite-ignore */ pathToFileURL(file).href);
      return (await import('../mine/redirect.ts')).importReference(file);
    },
  };
}
