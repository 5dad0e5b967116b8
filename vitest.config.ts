import { globSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

const project = (name: string, folder: string, include = 'test/**/*.test.ts') => ({
  test: {
    name,
    root: path.join(root, folder),
    include: [include],
    // Fixtures hold small courses of their own; their visible tests are data here and run inside a box.
    exclude: ['**/node_modules/**', 'test/fixtures/**'],
    // What a test reads has no colours, whatever the terminal or CI says.
    env: { NO_COLOR: '1' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

/** A package with a `test` folder is a project of its folder's name. */
const packages = globSync('packages/*/test', { cwd: root })
  .map((folder) => path.dirname(folder))
  .sort();

export default defineConfig({
  test: {
    // Two cores: more workers only fight over them.
    maxWorkers: 2,
    projects: [
      ...packages.map((folder) => project(path.basename(folder), folder)),
      project('grader', 'grader'),
      // The visible tests, on the solutions.
      project('solutions', 'solutions', '**/*.test.ts'),
    ],
  },
});
