/** `ladder sync`, `verify`, `new`, `build`, `init`, `update`: for those who write modules, and for folders made from installed ones. */

import path from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import pc from 'picocolors';
import { buildModule } from '../author/build.ts';
import { initProject, updateProject } from '../author/init.ts';
import { newExercise, newModule } from '../author/new.ts';
import { type SyncReport, syncWorkspace } from '../author/sync.ts';
import type { GeneratedReport, VerifyExercise, VerifyReport } from '../author/verify/findings.ts';
import { loadCatalog } from '../catalog/catalog.ts';
import { say } from '../format/words.ts';
import { requireKey } from '../seal/course-files.ts';
import type { ExitCode } from './exit-code.ts';

const print = (text: string): boolean => process.stdout.write(`${text}\n`);
const shown = (file: string): string => path.relative(process.cwd(), file) || '.';

export async function syncCommand({ check }: { readonly check: boolean }): Promise<ExitCode> {
  const catalog = await loadCatalog(process.cwd());
  const report = await syncWorkspace(catalog, { check });
  if (check) {
    for (const { path: file, why } of report.drift) print(`${why.padEnd(9)} ${file}`);
    print(
      report.drift.length === 0
        ? 'sync: nothing to do'
        : `sync: ${report.drift.length} files differ from what packages/ say. Run: ladder sync`,
    );
    return report.drift.length === 0 ? 0 : 1;
  }
  printSync(report);
  return 0;
}

function printSync({ written, kept, moved, removed, backups, unchanged }: SyncReport): void {
  for (const { path: file, newText } of kept) {
    if (newText === undefined) continue;
    print(
      say({ en: `kept    ${file} (you edited it); the new text is in ${newText}`, zh: `保留    ${file}（你改过）；新版本在 ${newText}` }),
    );
  }
  for (const { from, to } of moved) print(say({ en: `moved   ${from} -> ${to}`, zh: `移动    ${from} -> ${to}` }));
  for (const file of backups) print(say({ en: `backup  ${file}`, zh: `备份    ${file}` }));
  print(
    say({
      en: `${written.length} files written, ${kept.length} edited files kept, ${removed.length} removed, ${unchanged} unchanged`,
      zh: `写入 ${written.length} 个文件，保留 ${kept.length} 个改过的文件，删除 ${removed.length} 个，${unchanged} 个未变`,
    }),
  );
}

export interface VerifyFlags {
  readonly json: boolean;
  readonly full: boolean;
  readonly write: boolean;
  readonly translated: boolean;
  readonly thresholds: boolean;
  readonly allowMissing: boolean;
  readonly generate: boolean;
  readonly sample?: string;
  readonly seed?: string;
}

export async function verifyCommand(words: readonly string[], flags: VerifyFlags): Promise<ExitCode> {
  const { json, full, write, translated, thresholds, allowMissing, generate, seed } = flags;
  if (translated && !write) throw new UsageError('verify', '--write beside --translated', 'none');
  const sample = sampleSize(flags);
  const { verify } = await import('../author/verify.ts');
  const catalog = await loadCatalog(process.cwd());
  const exercises = catalog.select(words);
  await requireKey(exercises, 'verify');
  const live = !json && process.stderr.isTTY;
  const report = await verify(catalog, {
    filter: (exercise) => exercises.includes(exercise),
    full,
    write,
    translated,
    thresholds,
    allowMissing,
    ...(generate ? { generate: { sample, seed } } : {}),
    onProgress: ({ exercise, step, done, total }) => {
      if (live) process.stderr.write(`\r\u001b[K${pc.dim(`${done}/${total}  ${exercise}  ${step}`)}`);
    },
  });
  if (live) process.stderr.write('\r\u001b[K');
  if (json) print(JSON.stringify(report));
  else printVerify(report);
  return report.ok ? 0 : 1;
}

function sampleSize({ generate, sample, seed }: VerifyFlags): number | undefined {
  if (!generate && (sample ?? seed) !== undefined) throw new UsageError('verify', '--generate beside --sample and --seed', 'none');
  if (sample === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(sample)) throw new UsageError('verify --sample', 'a whole number of at least 1', sample);
  return Number(sample);
}

function printVerify(report: VerifyReport): void {
  for (const exercise of report.exercises) {
    const killed = exercise.mutants.filter(({ killedBy }) => killedBy.length > 0).length;
    const ok = exercise.problems.length === 0 && exercise.survivors.length === 0 && exercise.controls.every(({ score }) => score === 0);
    print(
      `${ok ? pc.green('✓') : pc.red('✗')} ${exercise.id.padEnd(28)} solution ${exercise.solution}, mutants ${killed}/${exercise.mutants.length}`,
    );
    for (const problem of exercise.problems) print(`    ${problem}`);
    for (const { name } of exercise.mutants.filter(({ killedBy }) => killedBy.length === 0))
      print(`    no test catches the mutant '${name}'`);
    for (const { name, score } of exercise.controls.filter((control) => control.score > 0))
      print(`    the control '${name}' earns ${score} points`);
    if (exercise.missing.length > 0) print(pc.dim(`    not here, so not proved: ${exercise.missing.join(', ')}`));
    for (const line of exercise.inconclusive) print(pc.dim(`    open: ${line}`));
    if (exercise.generated) printGenerated(exercise.generated);
    if (exercise.idleTests.length > 0) print(pc.dim(`    tests that kill no mutant: ${exercise.idleTests.join('; ')}`));
  }
  const seconds = ({ ms }: VerifyExercise): number => Math.round((ms.tests + ms.thresholds) / 1000);
  const longest = report.exercises.toSorted((a, b) => seconds(b) - seconds(a)).slice(0, 5);
  print(pc.dim(`longest: ${longest.map((exercise) => `${exercise.id} ${seconds(exercise)} s`).join(', ')}`));
  print(report.ok ? `verify: ok, ${report.exercises.length} exercises` : 'verify: the problems above are for the author');
}

/** `generated mutants: 229 of 230 killed (99.6 %), 16 more excused`, and who lives by which reason; the others are problems. */
function printGenerated({ made, ran, killed, excused, rate, survivors }: GeneratedReport): void {
  const drawn = ran < made ? `, drawn from ${made}` : '';
  print(`    generated mutants: ${killed} of ${ran - excused} killed (${(100 * rate).toFixed(1)} %), ${excused} more excused${drawn}`);
  for (const { key, line, reason } of survivors) if (reason !== null) print(pc.dim(`      line ${line}: ${key}\n        ${reason}`));
}

export async function newModuleCommand(name: string, { folder }: { readonly folder?: string }): Promise<ExitCode> {
  const report = await newModule(name, folder === undefined ? {} : { folder });
  print(`${say({ en: 'Made', zh: '已创建' })} ${shown(report.folder)}`);
  for (const file of report.written) print(pc.dim(`  ${file}`));
  print(say({ en: 'Next: edit its first exercise, then: ladder verify', zh: '下一步：修改第一道练习，然后运行 ladder verify' }));
  return 0;
}

export async function newExerciseCommand(id: string): Promise<ExitCode> {
  const report = await newExercise(id);
  for (const file of report.written) print(pc.dim(`  ${file}`));
  print(
    say({
      en: 'Next: write the reference in src/, then: ladder verify, ladder sync',
      zh: '下一步：在 src/ 写参考实现，然后运行 ladder verify 与 ladder sync',
    }),
  );
  return 0;
}

export async function initCommand(folder: string, modules: readonly string[]): Promise<ExitCode> {
  const steps = {
    installing: { en: 'Installing with npm ...', zh: '正在用 npm 安装……' },
    writing: { en: 'Writing the exercises ...', zh: '正在写出练习……' },
  };
  const report = await initProject(folder, modules, { onProgress: (step) => process.stderr.write(`${say(steps[step])}\n`) });
  printSync(report.sync);
  print(
    say({
      en: `Ready. Next: cd ${shown(report.folder)}, then: npx ladder`,
      zh: `完成。下一步：cd ${shown(report.folder)}，然后运行 npx ladder`,
    }),
  );
  return 0;
}

export async function updateCommand(folder = '.'): Promise<ExitCode> {
  printSync(await updateProject(folder));
  return 0;
}

export async function buildCommand(folder = '.'): Promise<ExitCode> {
  const { module, courseFiles } = await buildModule(folder);
  print(
    say({
      en: `${module}: dist/, with ${courseFiles.length} files of the course`,
      zh: `${module}：dist/，其中课程文件 ${courseFiles.length} 个`,
    }),
  );
  return 0;
}
