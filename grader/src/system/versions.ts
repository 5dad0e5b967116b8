/** Which versions of our own packages and of course modules this process runs. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Versions of the grader and of the backend, such as `0.1.0`. */
export async function ownVersions(): Promise<{ readonly grader: string; readonly backend: string }> {
  const grader = join(import.meta.dirname, '..', '..', 'package.json'); // from src/ and from dist/ alike
  const backend = createRequire(import.meta.url).resolve('@llm-ladder/backend/package.json');
  return { grader: await versionIn(grader), backend: await versionIn(backend) };
}

/** The version in a package's package.json; empty when it names none. */
export async function versionOf(root: string): Promise<string> {
  return versionIn(join(root, 'package.json'));
}

async function versionIn(file: string): Promise<string> {
  return (JSON.parse(await readFile(file, 'utf8')) as { version?: string }).version ?? '';
}
