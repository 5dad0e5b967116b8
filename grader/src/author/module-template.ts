/** The files of a new module's package around its first exercise. */
import { functionName } from './exercise-template.ts';

export interface ModuleNames {
  /** `@me/my-module`. */
  readonly packageName: string;
  /** `my-module`. */
  readonly id: string;
  readonly firstSlug: string;
  /** Inside the workspace: versions come from it, and the base tsconfig is shared. */
  readonly inWorkspace: boolean;
  /** What the grader that makes this module has: `0.1.0`. */
  readonly graderVersion: string;
  readonly backendVersion: string;
}

/** Path from the package's folder -> text. */
export function moduleTemplate(names: ModuleNames): Map<string, string> {
  const { id, packageName, firstSlug, inWorkspace } = names;
  const name = functionName(firstSlug);
  const files = new Map([
    ['package.json', packageJson(names)],
    [
      'tsconfig.json',
      json(
        inWorkspace
          ? { extends: '../../tsconfig.base.json', compilerOptions: { noEmit: true }, include: included }
          : { compilerOptions, include: included },
      ),
    ],
    [
      'tsconfig.build.json',
      json({ extends: './tsconfig.json', compilerOptions: { noEmit: false, rootDir: 'src', outDir: 'dist' }, include: ['src'] }),
    ],
    [
      'src/index.ts',
      `/** ${packageName}: the exercises' references, which are the library. */\nexport { ${name} } from './${firstSlug}.ts';\n`,
    ],
    [
      'course/module.ts',
      `import { defineModule } from '@llm-ladder/grader/course';

export default defineModule({
  format: 1,
  id: '${id}',
  title: { en: '${titleOf(id)}', zh: '${titleOf(id)}' },
  chapter: 0,
});
`,
    ],
    ['README.md', readme(names)],
  ]);
  if (!inWorkspace) files.set('.gitignore', 'node_modules/\ndist/\n.ladder/\n*.tgz\n');
  return files;
}

// Visible tests import a learner's file that lies beside them only in exercises/, so the types of `course/` are those of everything else.
const included = ['src', 'test', 'course/*.ts', 'course/*/exercise.ts', 'course/*/hidden.test.ts', 'course/*/mutants.ts'];

const compilerOptions = {
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
  skipLibCheck: true,
  declaration: true,
  noEmit: true,
};

/** Versions that the grader of this release was tested with. */
export const toolVersions = { '@types/node': '^24', typescript: '^7.0.2', vitest: '^5.1.1' } as const;

function packageJson({ packageName, inWorkspace, graderVersion, backendVersion }: ModuleNames): string {
  const built = {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './course': { types: './dist/course/module.d.ts', default: './dist/course/module.js' },
    './package.json': './package.json',
    './*': { types: './dist/*.d.ts', default: './dist/*.js' },
  };
  const sources = { '.': './src/index.ts', './course': './course/module.ts', './package.json': './package.json', './*': './src/*.ts' };
  const grader = inWorkspace ? 'workspace:^' : `^${graderVersion}`;
  const build = inWorkspace ? 'node ../../grader/scripts/build-module.mjs' : 'ladder build';
  return json({
    name: packageName,
    version: '0.1.0',
    description: 'A course module of LLM Ladder.',
    license: 'MIT',
    type: 'module',
    engines: { node: '>=20' },
    exports: inWorkspace ? sources : built,
    ...(inWorkspace ? { publishConfig: { exports: built } } : {}),
    files: ['dist', 'src', 'CHANGELOG.md'],
    sideEffects: false,
    scripts: inWorkspace
      ? { build, typecheck: 'tsc -p .' }
      : { sync: 'ladder sync', verify: 'ladder verify', typecheck: 'tsc -p .', build, prepack: build },
    dependencies: { '@llm-ladder/backend': inWorkspace ? 'workspace:^' : `^${backendVersion}` },
    peerDependencies: { '@llm-ladder/grader': grader },
    peerDependenciesMeta: { '@llm-ladder/grader': { optional: true } },
    devDependencies: { '@llm-ladder/grader': grader, ...(inWorkspace ? {} : toolVersions) },
  });
}

function readme({ packageName, id, inWorkspace }: ModuleNames): string {
  const steps = inWorkspace
    ? `1. \`npm start -- verify ${id}\` proves the exercises: solutions pass, stubs and wrong solutions fail.\n2. \`npm start -- sync\` cuts \`exercises/\` and \`solutions/\`.\n3. \`npm start -- new exercise ${id}/<slug>\` adds the next one.`
    : `1. \`npx ladder verify\` proves the exercises: solutions pass, stubs and wrong solutions fail.\n2. \`npx ladder sync\` cuts \`exercises/\` and \`solutions/\`, to try them yourself.\n3. \`npx ladder new exercise ${id}/<slug>\` adds the next one.\n4. \`npm pack\` builds and packs; \`npm publish\` publishes. Learners run \`npx ladder init <folder> ${packageName}\`.`;
  return `# ${packageName}\n\nA course module of LLM Ladder. The reference solutions in \`src/\` are the library.\n\n${steps}\n`;
}

function titleOf(id: string): string {
  const words = id.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
