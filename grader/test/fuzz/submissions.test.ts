/** Whatever a submission's folder holds: its sources as text within the caps, or a UsageError that names the file. */
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { expect, test } from 'vitest';
import { readSubmission, readVisibleTests, stageCaps } from '../../src/stage/stage.ts';
import { type Draw, mutate, rounds } from './mutate.ts';

const secret = 'a secret of another folder';
const names = [
  'a',
  'attention',
  '__proto__',
  'constructor',
  '掩码',
  'a b',
  "quote'",
  'new\nline',
  '\u001b[2J',
  '..a',
  'CON',
  'x'.repeat(200),
  '.hidden',
  'node_modules',
  '-rf',
  '%2e%2e',
  'vitest.config',
  'package',
];
const endings = ['.ts', '.ts', '.json', '.test.ts', '.d.ts', '.js', '', '.TS', '.ts.ts', '.mts'];
const sample = Buffer.from('export const a: number = 1; // 掩码\n');

/** Puts something under a name that was drawn; what the system itself refuses is left out. */
function put(folder: string, outside: string, depth: number, draw: Draw): void {
  const path = join(folder, names[draw(names.length)]! + endings[draw(endings.length)]!);
  const kind = draw(14);
  // Writing to a pipe that was made before would wait for its reader.
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
  try {
    if (kind < 6) writeFileSync(path, draw(2) === 0 ? sample : mutate(sample, [sample], draw));
    else if (kind === 6) writeFileSync(path, Buffer.alloc(stageCaps.fileBytes + draw(3) - 1, 'x'));
    else if (kind === 7) symlinkSync(join(outside, 'secret.ts'), path);
    else if (kind === 8) symlinkSync(draw(2) === 0 ? path : '..', path);
    else if (kind === 9) symlinkSync(join(folder, `${names[draw(names.length)]!}.ts`), path);
    else if (kind === 10 && process.platform !== 'win32') execFileSync('mkfifo', [path], { stdio: 'ignore' });
    else if (kind === 11) for (let i = 0; i < 70; i++) writeFileSync(join(folder, `many-${i}.ts`), '');
    else {
      mkdirSync(path);
      if (depth < 6) for (let i = draw(4); i >= 0; i--) put(path, outside, depth + 1, draw);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined && (error as { status?: number }).status === undefined) throw error;
  }
}

test('every folder is read or refused by name', async () => {
  const top = mkdtempSync(join(tmpdir(), 'ladder fuzz-'));
  const outside = join(top, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret.ts'), secret);
  const seen = { read: 0, refused: 0 };
  let next = 0;
  await rounds('submissions', async (draw) => {
    const folder = join(top, `folder-${next++}`);
    mkdirSync(folder);
    for (let i = 1 + draw(5); i > 0; i--) put(folder, outside, 0, draw);
    for (const read of [readSubmission, readVisibleTests]) {
      try {
        const files = await read(folder, draw(2) === 0 ? { within: top } : {});
        seen.read++;
        const texts = Object.values(files);
        expect(texts.length).toBeLessThanOrEqual(stageCaps.files);
        expect(texts.reduce((sum, text) => sum + text.length, 0)).toBeLessThanOrEqual(stageCaps.totalBytes);
        for (const text of texts) expect(text).not.toContain(secret);
        for (const path of Object.keys(files)) expect(path).not.toMatch(/(^|\/)(\.|node_modules\/)|\\/);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        seen.refused++;
        expect(error.message).toContain(folder);
      }
    }
    rmSync(folder, { recursive: true, force: true });
  }).finally(() => rmSync(top, { recursive: true, force: true }));
  expect(seen.read).toBeGreaterThan(5);
  expect(seen.refused).toBeGreaterThan(5);
}, 600_000);
