/** `ladder hint`, `solution`, `reset`: what a learner asks for beside a verdict. */
import path from 'node:path';
import pc from 'picocolors';
import { loadCatalog } from '../catalog/catalog.ts';
import { say } from '../format/words.ts';
import { nextHint } from '../learner/hint.ts';
import { resetExercise } from '../learner/reset.ts';
import { applySolution, solutionOf } from '../learner/solution.ts';
import type { ExitCode } from './exit-code.ts';

const print = (text: string): boolean => process.stdout.write(`${text}\n`);
const shown = (file: string): string => path.relative(process.cwd(), file) || file;

export async function hintCommand(word: string, options: { readonly level?: string }): Promise<ExitCode> {
  const catalog = await loadCatalog(process.cwd());
  const exercise = catalog.find(word);
  const level = options.level === undefined ? undefined : Number(options.level);
  const hint = await nextHint(catalog, exercise, level);
  print(`${pc.bold(say({ en: `Hint ${hint.level} of ${hint.of}`, zh: `提示 ${hint.level}/${hint.of}` }))}  ${say(hint.words)}`);
  if (hint.notKept !== undefined) {
    const next = `ladder hint ${exercise.id} --level ${hint.level + 1}`;
    process.stderr.write(`${hint.notKept.message}\n`);
    if (hint.level < hint.of) process.stderr.write(`  ${say({ en: `The next hint: ${next}`, zh: `下一条提示：${next}` })}\n`);
  }
  if (hint.level === hint.of)
    print(
      pc.dim(
        say({
          en: `That was the last one. The solution: ladder solution ${exercise.id}`,
          zh: `这是最后一条。参考答案：ladder solution ${exercise.id}`,
        }),
      ),
    );
  return 0;
}

export async function solutionCommand(word: string, { apply }: { readonly apply: boolean }): Promise<ExitCode> {
  const catalog = await loadCatalog(process.cwd());
  const exercise = catalog.find(word);
  if (!apply) {
    process.stdout.write(await solutionOf(catalog, exercise));
    return 0;
  }
  const { file, backup } = await applySolution(catalog, exercise);
  print(say({ en: `The solution is in ${shown(file)}.`, zh: `参考答案已写入 ${shown(file)}。` }));
  if (backup !== undefined) print(say({ en: `Your file is kept in ${shown(backup)}.`, zh: `你原来的文件保存在 ${shown(backup)}。` }));
  return 0;
}

export async function resetCommand(word: string): Promise<ExitCode> {
  const catalog = await loadCatalog(process.cwd());
  const exercise = catalog.find(word);
  const { restored, backups } = await resetExercise(catalog, exercise);
  for (const file of restored) print(say({ en: `Reset: ${shown(file)}`, zh: `已重置：${shown(file)}` }));
  for (const { to } of backups) print(say({ en: `Your file is kept in ${shown(to)}.`, zh: `你原来的文件保存在 ${shown(to)}。` }));
  if (restored.length === 0) print(say({ en: 'Nothing to reset: the exercise is as it was given.', zh: '无需重置：练习还是最初的样子。' }));
  return 0;
}
