/** What the tests of this package share: the fixtures that Hugging Face made, and folders of their own. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

export const fixture = (name: string) => path.join(import.meta.dirname, 'fixtures', name);

/** A folder of this test file, removed afterwards. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'llm-ladder-formats-'));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}
