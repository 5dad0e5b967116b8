/** The README's example runs as it stands. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('the example of the README trains its embedding to 1', async () => {
  const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const folder = await mkdtemp(join(import.meta.dirname, 'readme-')); // inside the package, so that its own name resolves
  try {
    await writeFile(join(folder, 'example.ts'), example);
    const env = { ...process.env, LADDER_BACKEND: 'wasm' };
    const output = execFileSync(process.execPath, [join(folder, 'example.ts')], { encoding: 'utf8', env });
    const values = [...output.matchAll(/-?\d+\.\d+/g)].map(Number);
    expect(output).toMatch(/^WASM, /);
    expect(values).toHaveLength(4);
    for (const value of values) expect(Math.abs(value - 1)).toBeLessThan(0.2);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
