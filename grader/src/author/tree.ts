/** What `exercises/` and `solutions/` should hold, made from the modules of a catalog. */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { readPoints } from '../catalog/derived.ts';
import { visibleTestName } from '../catalog/load.ts';
import type { Catalog, Exercise, ModuleInfo } from '../catalog/types.ts';
import { cutSolution, cutStub } from '../format/regions.ts';

export type TreeName = 'exercises' | 'solutions';

/** Path inside the tree (with `/`) -> text, in the order of the ladder. UsageError for a file that an exercise lacks, `derived.json` included, and for regions that do not pair up. */
export async function generateTree(
  catalog: Catalog,
  tree: TreeName,
  modules: readonly ModuleInfo[] = catalog.modules,
): Promise<Map<string, string>> {
  const files = new Map<string, string>([['tsconfig.json', editorConfig]]);
  for (const module of modules) {
    for (const lang of ['en', 'zh'] as const) files.set(`${module.id}/${readmeName(lang)}`, await moduleIndex(module, lang));
    for (const exercise of module.exercises) {
      for (const [name, text] of await exerciseFiles(exercise, tree, catalog.root))
        files.set(`${module.id}/${exercise.folder}/${name}`, text);
    }
  }
  return files;
}

/** The generated files of one exercise: READMEs, the visible test, and the stub or the solution. */
export async function exerciseFiles(exercise: Exercise, tree: TreeName, shownFrom: string): Promise<Map<string, string>> {
  const { manifest, courseDir, referenceFile, module } = exercise;
  const read = async (file: string): Promise<string> => {
    const where = relative(shownFrom, file).replaceAll('\\', '/');
    try {
      return (await readFile(file, 'utf8')).replaceAll('\r\n', '\n');
    } catch (error) {
      throw new UsageError(where, `the file that ${exercise.id} needs`, 'none', {
        cause: error,
        hint: 'ladder new exercise shows what belongs to one',
      });
    }
  };
  const reference = await read(referenceFile);
  const cut = tree === 'exercises' ? cutStub : cutSolution;
  const options = {
    where: relative(shownFrom, referenceFile).replaceAll('\\', '/'),
    packageName: module.packageName,
    exercise: exercise.id,
  };
  const test = visibleTestName(exercise);
  return new Map([
    ['README.md', await read(join(courseDir, 'README.md'))],
    ['README.zh.md', await read(join(courseDir, 'README.zh.md'))],
    [manifest.file, cut(reference, options)],
    [test, await read(join(courseDir, test))],
  ]);
}

function readmeName(lang: 'en' | 'zh'): string {
  return lang === 'en' ? 'README.md' : 'README.zh.md';
}

async function moduleIndex(module: ModuleInfo, lang: 'en' | 'zh'): Promise<string> {
  const head = lang === 'en' ? ['Exercise', 'File', 'Minutes', 'Points'] : ['练习', '文件', '分钟', '分数'];
  const optional = lang === 'en' ? ' (optional)' : '（选做）';
  const points = await Promise.all(module.exercises.map(readPoints));
  const rows = module.exercises.map(({ folder, order, manifest }, index) => {
    const name = `${String(order).padStart(2, '0')} [${manifest.title[lang]}](${folder}/${readmeName(lang)})${manifest.optional ? optional : ''}`;
    const { tests, performance } = points[index]!;
    return `| ${name} | [${manifest.file}](${folder}/${manifest.file}) | ${manifest.minutes} | ${tests + performance} |`;
  });
  const words =
    lang === 'en'
      ? `Work from top to bottom. \`npx ladder check ${module.id}/<slug>\` grades one exercise, \`npx ladder\` the next one that is not solved.`
      : `从上往下做。\`npx ladder check ${module.id}/<名称>\` 评分一道题，\`npx ladder\` 评分下一道未完成的题。`;
  const table = [`| ${head.join(' | ')} |`, '|---|---|---|---|', ...rows];
  return `# ${module.title[lang]}\n\n${words}\n\n${table.join('\n')}\n`;
}

// A cut leaves names unused, and a learner's editor should not shout about them.
const editorConfig = `${JSON.stringify(
  {
    compilerOptions: {
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noUnusedLocals: false,
      noUnusedParameters: false,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      noEmit: true,
    },
    include: ['**/*.ts'],
  },
  null,
  2,
)}\n`;
