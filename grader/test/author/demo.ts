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
  /** Number of its folder; one more than the one before it when absent. */
  order?: number;
  [field: string]: unknown;
}

export function entry(fields: DemoEntry): DemoEntry {
  return {
    title: { en: `Title of ${fields.slug}`, zh: `${fields.slug} 的标题` },
    minutes: 10,
    limits: { timeMs: 5000, memoryMb: 256 },
    hints: [1, 2, 3].map((level) => ({ en: `hint ${level}`, zh: `提示 ${level}` })),
    ...fields,
  };
}

export const entries = (): DemoEntry[] => [entry({ slug: 'scale', file: 'scale.ts' }), entry({ slug: 'shift', file: 'shift.ts' })];

/** What the folder's name says is not in the file. */
export function exerciseText({ slug: _, order: __, ...manifest }: DemoEntry): string {
  return `export default ${JSON.stringify(manifest)};\n`;
}

export const derivedText = `${JSON.stringify({
  points: { tests: 4, performance: 1 },
  translation: { en: '0'.repeat(64), zh: '0'.repeat(64) },
  calibration: {},
  patterns: {},
})}\n`;

export function tempFolder(): string {
  const folder = temporaryFolder();
  return folder;
}

export function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

export function manifestText(fields: object = {}): string {
  return `export default ${JSON.stringify({ format: 1, id: 'demo', title: { en: 'Demo', zh: '示例' }, chapter: 2, ...fields })};\n`;
}

/** Writes one module's package; the exercises' texts say which one they are of. */
export function writeModule(root: string, exercises: readonly DemoEntry[] = entries()): void {
  write(
    join(root, 'package.json'),
    JSON.stringify({ name: '@demo/demo', version: '1.0.0', type: 'module', exports: { './course': './course/module.ts' } }),
  );
  write(join(root, 'course', 'module.ts'), manifestText());
  write(join(root, 'src', 'constants.ts'), 'export const factor = 2;\n');
  write(join(root, 'src', 'scale.ts'), scale);
  write(join(root, 'src', 'shift.ts'), shift);
  let number = 0;
  for (const one of exercises) {
    number = one.order ?? number + 1;
    const folder = join(root, 'course', `${String(number).padStart(2, '0')}-${one.slug}`);
    write(join(folder, 'exercise.ts'), exerciseText(one));
    write(join(folder, 'derived.json'), derivedText);
    write(join(folder, 'README.md'), `# ${one.slug}\n`);
    write(join(folder, 'README.zh.md'), `# ${one.slug}（中文）\n`);
    write(join(folder, one.file.replace('.ts', '.test.ts')), `// visible test of ${one.slug}\n`);
    write(join(folder, 'hidden.test.ts'), '');
    write(join(folder, 'mutants.ts'), '');
  }
}

/** A workspace whose module is packages/demo. */
export function demoWorkspace(exercises?: readonly DemoEntry[]): string {
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
