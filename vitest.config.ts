import path from 'node:path';
import { defineConfig } from 'vitest/config';

const project = (name: string, folder: string, include = 'test/**/*.test.ts') => ({
  test: {
    name,
    root: path.resolve(import.meta.dirname, folder),
    include: [include],
    // Fixtures hold small courses of their own; their visible tests are data here and run inside a box.
    exclude: ['**/node_modules/**', 'test/fixtures/**'],
    // What a test reads has no colours, whatever the terminal or CI says.
    env: { NO_COLOR: '1' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export default defineConfig({
  test: {
    // Two cores: more workers only fight over them.
    maxWorkers: 2,
    projects: [
      project('backend', 'packages/backend'),
      project('formats', 'packages/formats'),
      project('data', 'packages/data'),
      project('nlp-basics', 'packages/nlp-basics'),
      project('transformer', 'packages/transformer'),
      project('plm-zoo', 'packages/plm-zoo'),
      project('llm-train', 'packages/llm-train'),
      project('grader', 'grader'),
      // The visible tests, on the solutions.
      project('solutions', 'solutions', '**/*.test.ts'),
    ],
  },
});
