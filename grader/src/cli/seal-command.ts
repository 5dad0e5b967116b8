/** `ladder seal` and `ladder unseal`. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '@llm-ladder/backend/errors';
import pc from 'picocolors';
import { type Catalog, type Exercise, loadCatalog } from '../catalog/catalog.ts';
import { inWords, say } from '../format/words.ts';
import { sealedFile } from '../seal/course-files.ts';
import { givenKeys, keyFile, makeKey, readKeyFile, type SealKey } from '../seal/key.ts';
import { type SealReport, sealExercises, unsealExercises } from '../seal/seal.ts';
import type { ExitCode } from './exit-code.ts';

const print = (text: string): boolean => process.stdout.write(`${text}\n`);
const shown = (file: string): string => path.relative(process.cwd(), file) || '.';

export async function sealCommand(words: readonly string[]): Promise<ExitCode> {
  const catalog = await loadCatalog(process.cwd());
  const groups = byModule(catalog.select(words));
  const keys = (await givenOrMade()) ?? [await newKey(catalog, groups)];
  for (const exercises of groups) {
    const report = await sealExercises(catalog.root, exercises, keys);
    if (report.files.length === 0) {
      print(say({ en: `${report.module}: nothing to seal`, zh: `${report.module}：没有可密封的内容` }));
      continue;
    }
    print(
      say({
        en: `${report.module}: sealed into ${shown(report.file)} (exercises: ${report.exercises.length}, files: ${report.files.length})`,
        zh: `${report.module}：${report.exercises.length} 道题的 ${report.files.length} 个文件已放入 ${shown(report.file)}`,
      }),
    );
    await warnOfHistory(report);
  }
  return 0;
}

export async function unsealCommand(words: readonly string[]): Promise<ExitCode> {
  const catalog = await loadCatalog(process.cwd());
  const groups = byModule(catalog.select(words));
  const keys = await givenOrMade();
  if (keys === undefined) throw noKey('unseal');
  for (const exercises of groups) {
    const { module, files, exercises: back, backups } = await unsealExercises(catalog.root, exercises, keys);
    print(
      back.length === 0
        ? say({ en: `${module}: nothing is sealed`, zh: `${module}：没有密封的内容` })
        : say({
            en: `${module}: back from the sealed file (exercises: ${back.length}, files: ${files.length})`,
            zh: `${module}：${back.length} 道题的 ${files.length} 个文件已恢复`,
          }),
    );
    for (const file of backups)
      print(say({ en: `An edited file stood there; it is kept in ${shown(file)}`, zh: `原处有改过的文件，已备份到 ${shown(file)}` }));
  }
  return 0;
}

function byModule(exercises: readonly Exercise[]): Exercise[][] {
  return [...Map.groupBy(exercises, ({ module }) => module).values()];
}

/** The keys that were given, or the one that an earlier `ladder seal` made. */
async function givenOrMade(): Promise<readonly SealKey[] | undefined> {
  const file = keyFile();
  if (process.env.LADDER_SEAL_KEY) return givenKeys();
  return existsSync(file) ? readKeyFile(file) : undefined;
}

function noKey(where: string): UsageError {
  const hint = 'set LADDER_SEAL_KEY_FILE to the file of the key, or LADDER_SEAL_KEY to the key itself (docs/sealing.md)';
  return inWords(new UsageError(where, 'the key of what is sealed', 'none', { hint }), {
    message: `${where}：需要已密封内容的密钥`,
    hint: '把 LADDER_SEAL_KEY_FILE 设为密钥文件，或把 LADDER_SEAL_KEY 设为密钥本身（docs/sealing.md）',
  });
}

/** A key for modules of which nothing is sealed yet; printed is where it lies, never the key. */
async function newKey({ root }: Catalog, groups: readonly (readonly Exercise[])[]): Promise<SealKey> {
  if (groups.some(([one]) => existsSync(sealedFile(one!.courseDir)))) throw noKey('seal');
  const file = keyFile();
  const inside = path.relative(root, file);
  if (!inside.startsWith('..') && !path.isAbsolute(inside) && !inside.startsWith('.ladder')) {
    throw inWords(new UsageError('LADDER_SEAL_KEY_FILE', 'a place outside the repository', file, { hint: 'or below .ladder/' }), {
      message: `LADDER_SEAL_KEY_FILE：密钥应放在仓库之外，实为 ${file}`,
      hint: '或放在 .ladder/ 之下',
    });
  }
  const key = await makeKey(file);
  print(
    say({
      en: `A new key is in ${file}. Keep a copy: without it nobody can read what is sealed.\n  To grade: LADDER_SEAL_KEY_FILE=${file}, or in CI a secret LADDER_SEAL_KEY with its text.`,
      zh: `新密钥在 ${file}。请另存一份：没有它，谁也读不出密封的内容。\n  评分时设 LADDER_SEAL_KEY_FILE=${file}，CI 中则把其内容设为机密变量 LADDER_SEAL_KEY。`,
    }),
  );
  return key;
}

/** What was committed once stays in every clone. */
async function warnOfHistory({ files }: SealReport): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  const git = promisify(execFile)('git', ['log', '--all', '-n', '1', '--format=%H', '--', ...files], {
    cwd: path.dirname(path.dirname(first)),
  });
  const { stdout } = await git.catch(() => ({ stdout: '' })); // no git, or no repository
  if (stdout.trim() === '') return;
  print(
    pc.yellow(
      say({
        en: 'Earlier commits still show these files. Publish a repository without them: see docs/sealing.md, "History".',
        zh: '更早的提交里仍能看到这些文件。请发布一个不含它们的仓库：见 docs/sealing.md 的“History”。',
      }),
    ),
  );
}
