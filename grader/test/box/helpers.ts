import { whyNot } from '../../src/box/box.ts';
import type { Driver, Limits, Program } from '../../src/box/types.ts';

export const limits: Limits = { timeMs: 60_000, memoryMb: 1024, outputBytes: 1 << 20 };

/** A program of one file. */
export function programOf(source: string, more: Partial<Program> = {}): Program {
  return { exercise: 'demo/one', entry: 'one.ts', files: { 'one.ts': source }, modules: {}, ...more };
}

/** What Linux alone offers is tested where it is. */
export const isLinux = process.platform === 'linux';

const found: Driver[] = [];
/** Those that do not start here, and why. */
export const absentDrivers: [Driver, string][] = [];
for (const driver of ['plain', 'permission', 'uid', 'bubblewrap'] as const) {
  const reason = await whyNot(driver);
  if (reason === undefined) found.push(driver);
  else absentDrivers.push([driver, reason]);
}
export const drivers: readonly Driver[] = found;
