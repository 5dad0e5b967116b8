/** 0 passed, 1 something fails, 2 usage, 3 our fault. */
export type ExitCode = 0 | 1 | 2 | 3;
