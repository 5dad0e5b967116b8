/** The modules and exercises that a folder sees, and the programs that go into boxes. */
export { loadCatalog, missingFiles, visibleTestName } from './load.ts';
export type { ProgramSource } from './program.ts';
export { programFor } from './program.ts';
export type { Catalog, Exercise, ModuleInfo } from './types.ts';
