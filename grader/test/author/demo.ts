/** A small workspace in a temporary folder, with one module of two exercises, for the tests of the catalog and the course tools. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';

export const scale = `/** Scales. */
import { tf } from '@llm-ladder/backend';
import { factor } from './constants.ts';

/** [T] -> [T] */
export function scale(x: tf.Tensor1D): tf.Tensor1D {
  // #region exercise: multiply by the factor
  return x.mul(factor);
  // #endregion
}
`;

export const shift = `import { tf } from '@llm-ladder/backend';
import { ShapeError } from '@llm-ladder/backend/errors';
import { scale } from './scale.ts';

export function shift(x: tf.Tensor1D): tf.Tensor1D {
  if (x.rank !== 1) throw new ShapeError('shift', '[T]', String(x.shape));
  // #region exercise: scale, then add one
  return scale(x).add(1);
  // #endregion
}
`;

export interface DemoEntry {
  slug: string;
  file: string;
  needs?: string[];
  [field: string]: unknown;
}

export function entry(fields: DemoEntry): Record<string, unknown> {
  return {
    title: { en: `Title of ${fields.slug}`, zh: `${fields.slug} 的标题` },
    exports: { [fields.slug]: '[T] -> [T]' },
    needs: [],
    points: { tests: 4, performance: 1 },
    minutes: 10,
    limits: { timeMs: 5000, memoryMb: 256 },
    hints: [1, 2, 3].map((level) => ({ en: `hint ${level}`, zh: `提示 ${level}` })),
    ...fields,
  };
}

export const entries = (): Record<string, unknown>[] => [
  entry({ slug: 'scale', file: 'scale.ts' }),
  entry({ slug: 'shift', file: 'shift.ts', needs: ['demo/scale'] }),
];

export function tempFolder(): string {
  const folder = temporaryFolder();
  return folder;
}

export function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

export function manifestText(exercises: unknown = entries(), fields: object = {}): string {
  return `export default ${JSON.stringify({ format: 1, id: 'demo', title: { en: 'Demo', zh: '示例' }, chapter: 2, exercises, ...fields })};\n`;
}

/** Writes one module's package; the exercises' texts say which one they are of. */
export function writeModule(root: string, exercises: readonly Record<string, unknown>[] = entries()): void {
  write(
    join(root, 'package.json'),
    JSON.stringify({ name: '@demo/demo', version: '1.0.0', type: 'module', exports: { './course': './course/module.ts' } }),
  );
  write(join(root, 'course', 'module.ts'), manifestText(exercises));
  write(join(root, 'src', 'constants.ts'), 'export const factor = 2;\n');
  write(join(root, 'src', 'scale.ts'), scale);
  write(join(root, 'src', 'shift.ts'), shift);
  for (const [index, one] of exercises.entries()) {
    const folder = join(root, 'course', `${String(index + 1).padStart(2, '0')}-${one.slug}`);
    write(join(folder, 'README.md'), `# ${one.slug}\n`);
    write(join(folder, 'README.zh.md'), `# ${one.slug}（中文）\n`);
    write(join(folder, String(one.file).replace('.ts', '.test.ts')), `// visible test of ${one.slug}\n`);
    write(join(folder, 'hidden.test.ts'), '');
    write(join(folder, 'mutants.ts'), '');
  }
}

/** A workspace whose module is packages/demo. */
export function demoWorkspace(exercises?: readonly Record<string, unknown>[]): string {
  const root = tempFolder();
  write(join(root, 'pnpm-workspace.yaml'), 'packages: [packages/*]\n');
  writeModule(join(root, 'packages', 'demo'), exercises);
  return root;
}

/** A learner's folder that has the module of a workspace installed. */
export function demoProject(workspace: string): string {
  const root = tempFolder();
  write(
    join(root, 'package.json'),
    JSON.stringify({ name: 'mine', type: 'module', dependencies: { '@demo/demo': '^1.0.0', other: '^1.0.0' } }),
  );
  mkdirSync(join(root, 'node_modules', '@demo'), { recursive: true });
  symlinkSync(join(workspace, 'packages', 'demo'), join(root, 'node_modules', '@demo', 'demo'), 'junction');
  return root;
}
