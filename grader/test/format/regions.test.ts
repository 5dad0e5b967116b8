import { describe, expect, test } from 'vitest';
import { cutSolution, cutStub, regionTasks } from '../../src/format/regions.ts';
import { scale, shift } from '../author/demo.ts';

const options = { where: 'packages/demo/src/scale.ts', packageName: '@demo/demo', exercise: 'demo/scale' };

describe('cutStub', () => {
  test('replaces a body by a TODO and a throw, imports what the throw needs and turns siblings into subpaths', () => {
    expect(cutStub(scale, options)).toBe(`/** Scales. */
import { tf } from '@llm-ladder/backend';
import { NotImplemented } from '@llm-ladder/backend/errors';
import { factor } from '@demo/demo/constants';

/** [T] -> [T] */
export function scale(x: tf.Tensor1D): tf.Tensor1D {
  // TODO: multiply by the factor
  throw new NotImplemented('demo/scale');
}
`);
  });

  test('joins an import of the errors that is there already', () => {
    const stub = cutStub(shift, { ...options, exercise: 'demo/shift' });
    expect(stub).toContain("import { NotImplemented, ShapeError } from '@llm-ladder/backend/errors';");
    expect(stub.match(/backend\/errors/g)).toHaveLength(1);
    expect(stub).toContain("if (x.rank !== 1) throw new ShapeError('shift'"); // given code stays
  });

  test('puts the import after the header of a file that imports nothing', () => {
    const stub = cutStub(
      '/** Header. */\nexport function f(): number {\n  // #region exercise: return one\n  return 1;\n  // #endregion\n}\n',
      options,
    );
    expect(stub.startsWith("/** Header. */\nimport { NotImplemented } from '@llm-ladder/backend/errors';\n\nexport function f")).toBe(true);
  });

  test('does not join a type import, and leaves no word of the body', () => {
    const source =
      "import type { LadderError } from '@llm-ladder/backend/errors';\nexport function f(): number {\n  // #region exercise: count\n  const secret = 41;\n  return secret + 1;\n  // #endregion\n}\n";
    const stub = cutStub(source, options);
    expect(stub).toContain("import { NotImplemented } from '@llm-ladder/backend/errors';\n");
    expect(stub).toContain("import type { LadderError } from '@llm-ladder/backend/errors';\n");
    expect(stub).not.toContain('secret');
  });

  test('cuts several regions, with Windows line ends too', () => {
    const two =
      'export function a() {\n  // #region exercise: first\n  return 1;\n  // #endregion\n}\nexport function b() {\n  // #region exercise: second\n  return 2;\n  // #endregion\n}\n';
    expect(regionTasks(two, 'x.ts')).toEqual(['first', 'second']);
    expect(cutStub(two.replaceAll('\n', '\r\n'), options)).toBe(cutStub(two, options));
    expect(cutStub(two, options).match(/throw new NotImplemented/g)).toHaveLength(2);
  });

  test.each([
    ['one without an end', '// #region exercise: a\n', /scale\.ts:1: expected #endregion for this region/],
    ['an end without a beginning', 'const a = 1;\n// #endregion\n', /scale\.ts:2: expected a #region/],
    [
      'one inside another',
      '// #region exercise: a\n// #region exercise: b\n// #endregion\n// #endregion\n',
      /scale\.ts:2: expected #endregion for the region of line 1/,
    ],
    ['a fold inside one', '// #region exercise: a\n// #region fold\n// #endregion\n// #endregion\n', /scale\.ts:2/],
    ['one without a task', '// #region exercise:\n// #endregion\n', /scale\.ts:1: expected what to write/],
    ['none at all', 'const a = 1;\n', /expected at least one/],
  ])('refuses regions that do not hold: %s', (_, source, message) => {
    expect(() => cutStub(source, options)).toThrow(message);
  });
});

describe('cutSolution', () => {
  test('drops the markers only, and keeps folds that are not exercises', () => {
    const solution = cutSolution(`// #region types\ntype A = 1;\n// #endregion\n${scale}`, options);
    expect(solution).toContain('// #region types');
    expect(solution).toContain('return x.mul(factor);');
    expect(solution).not.toContain('exercise:');
    expect(solution).toContain("from '@demo/demo/constants'");
  });

  test('leaves imports in comments and strings alone', () => {
    const source = `import {\n  a,\n} from './a.ts';\n// import b from './b.ts';\nconst text = "import c from './c.ts'";\nexport type { D } from './d.ts';\ntype E = import('./e.ts').E;\n`;
    const solution = cutSolution(source, options);
    expect(solution).toContain("} from '@demo/demo/a';");
    expect(solution).toContain("// import b from './b.ts';");
    expect(solution).toContain(`"import c from './c.ts'"`);
    expect(solution).toContain("from '@demo/demo/d'");
    expect(solution).toContain("import('@demo/demo/e').E");
  });
});
