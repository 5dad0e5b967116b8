/** `--mine`: finds out which parts are the learner's, says so, and lets every later import have them. */
import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { loadCatalog } from '../catalog/catalog.ts';
import type { Part } from '../format/commands.ts';
import { inWords, say } from '../format/words.ts';
import { isFolder } from '../grading/class-folder.ts';
import { type MinePart, partsOf } from './parts.ts';
import { redirectToMine } from './redirect.ts';

/** The parts of a run of the module in `packageRoot`, with `tree` (default: exercises/) as the learner's. UsageError for a tree that is not there. */
export async function useMine(packageRoot: string, tree: string | undefined): Promise<readonly Part[]> {
  const catalog = await loadCatalog(process.cwd());
  const modules = catalog.modules[0]!.siblings;
  const module = modules.find(({ root }) => root === realpathSync(packageRoot))!;
  const parts = await partsOf(catalog, module, {
    tree: await treeOf(catalog.root, tree),
    onGrade: ({ id }, done, total) =>
      note(say({ en: `checking your files  ${done + 1}/${total}  ${id}`, zh: `检查你的文件  ${done + 1}/${total}  ${id}` })),
  });
  redirectToMine(parts, modules);
  for (const line of summary(parts)) note(line);
  return parts.map(({ from: _from, ...part }) => part);
}

/** A folder from where one stands, else from the root of the course: `--from solutions` means the same in every folder. */
async function treeOf(root: string, words = join(root, 'exercises')): Promise<string> {
  for (const folder of [resolve(words), resolve(root, words)]) if (await isFolder(folder)) return folder;
  throw inWords(new UsageError('--from', 'a folder with the layout of exercises/', JSON.stringify(words)), {
    message: `--from：应为与 exercises/ 同结构的目录，实为 ${JSON.stringify(words)}`,
  });
}

/** Yours and the reference's, each on a line; the reasons with the latter. */
function summary(parts: readonly MinePart[]): string[] {
  const yours = parts.filter(({ whose }) => whose === 'learner').map(({ exercise }) => exercise);
  const others = parts.flatMap(({ exercise, reason }) => (reason === undefined ? [] : [`${exercise} (${say(reason)})`]));
  const line = (words: { en: string; zh: string }, names: readonly string[]) => `${say(words)} ${names.length}: ${names.join(', ')}`;
  return [
    ...(yours.length === 0 ? [] : [line({ en: 'your parts', zh: '你的部分' }, yours)]),
    ...(others.length === 0 ? [] : [line({ en: "the reference's parts", zh: '参考答案的部分' }, others)]),
  ];
}

/** On stderr: what a command prints on stdout may go into a file. */
function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
