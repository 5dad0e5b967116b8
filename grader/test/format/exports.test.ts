import { expect, test } from 'vitest';
import { exportedNames, writtenExports } from '../../src/format/exports.ts';

test('exportedNames reads the values that a file exports, and no types', () => {
  const source = `export function one() {}
export async function two() {}
export class Three {}
export const four = 1;
export { a as five, type Six, seven };
export interface Eight {}
export type Nine = 1;
// export const ten = 1;
`;
  expect([...exportedNames(source)]).toEqual(['one', 'two', 'Three', 'four', 'five', 'seven']);
  expect(exportedNames("export * from './all.ts';\n")).toContain('*');
});

test('writtenExports names the exports that hold a region, and neither given ones nor helpers', () => {
  const region = (indent: string): string => `${indent}// #region exercise: think\n${indent}// #endregion\n`;
  const source = `export const LIMIT = 3;
export function given(): number {
  return 1;
}
export function written(
  a: number,
): number {
${region('  ')}}
export class Both {
  one() {
${region('    ')}  }
  two() {
${region('    ')}  }
}
function helper() {
${region('  ')}}
export type Shape = number[];
`;
  expect([...writtenExports(source, 'a.ts')]).toEqual(['written', 'Both']);
  expect([...writtenExports(source.replaceAll('\n', '\r\n'), 'a.ts')]).toEqual(['written', 'Both']);
});
