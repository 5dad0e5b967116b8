/** The examples of the README run as they stand and print what their comments say. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
const examples = Array.from(readme.matchAll(/```ts\n([\s\S]*?)```/g), ([, code]) => code!);

test.each(examples.map((code) => [/from '(@llm-ladder[^']*)'/.exec(code)?.[1], code]))('%s', (_, code) => {
  const folder = mkdtempSync(join(import.meta.dirname, 'readme-')); // inside the package, so that its own name resolves
  try {
    writeFileSync(join(folder, 'example.ts'), code!);
    const said = execFileSync(process.execPath, [join(folder, 'example.ts')], { encoding: 'utf8' });
    const promised = Array.from(code!.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm), ([, output]) => output);
    expect(promised.length).toBeGreaterThan(0);
    expect(said.trimEnd().split('\n')).toEqual(promised);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
