/** A hidden suite run by plain vitest grades the reference solution, so that authors can work in an editor's test view. */
import type { SuiteEntry } from './types.ts';

const vitest = process.env.VITEST ? await import('vitest').catch(() => undefined) : undefined;
const prepared = new WeakSet<object>();

/** Registers an entry as a vitest test; false outside vitest. */
export function registerWithVitest(entry: SuiteEntry): boolean {
  if (!vitest) return false;
  const { afterAll, expect, test } = vitest;
  const file = (): string => expect.getState().testPath ?? '';
  const suite = vitest as object;
  if (!prepared.has(suite)) {
    prepared.add(suite); // vitest gives each test file a module graph of its own: once per file
    afterAll(async () => (await import('../judge/under-vitest.ts')).closeBoxes());
  }
  test(entry.name, { timeout: 60_000 }, async (context) => {
    const { runEntry } = await import('../judge/under-vitest.ts');
    const notRun = await runEntry(file(), entry);
    if (notRun !== undefined) context.skip(notRun);
  });
  return true;
}
