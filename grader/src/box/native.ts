/** Where the native parts of a backend lie, for a process that otherwise reads nothing and inherits nothing. */

import { realpathSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BackendError } from '@llm-ladder/backend/errors';
import type { NativeParts } from './drivers/driver.ts';
import type { BoxBackend } from './types.ts';

/** Undefined for a backend that is all WASM or JavaScript. Throws BackendError when the backend is not installed. */
export async function nativeParts(backend: BoxBackend): Promise<NativeParts | undefined> {
  if (backend === 'tensorflow') return tensorflowParts();
  return backend === 'webgpu' ? webgpuParts() : undefined;
}

async function tensorflowParts(): Promise<NativeParts> {
  // Loaded late: it is the one thing here that touches TF.js.
  const { cacheRoot, tensorflowPaths, tensorflowStatus } = await import('@llm-ladder/backend/tensorflow');
  const folders = await tensorflowPaths();
  if (folders.length === 0) {
    const { reason, hint } = await tensorflowStatus();
    throw new BackendError(`tensorflow: expected it to be installed, got: ${reason}`, { hint });
  }
  return { folders, env: { LADDER_CACHE: cacheRoot(), ...inherited('LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES') } };
}

function webgpuParts(): NativeParts {
  const name: string = 'webgpu'; // optional, and the backend's peer rather than ours
  const found = findPackageJSON(name, import.meta.resolve('@llm-ladder/backend/errors'));
  if (found === undefined) throw new BackendError('webgpu: expected the npm package webgpu, got none', { hint: 'npm install webgpu' });
  const folder = dirname(realpathSync(found));
  const env = inherited('VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'LD_LIBRARY_PATH');
  const drivers = [env.VK_ICD_FILENAMES, env.VK_DRIVER_FILES].flatMap((list) => list?.split(delimiter).map((file) => dirname(file)) ?? []);
  return { folders: [folder, ...drivers], env: { ...env, LADDER_WEBGPU: pathToFileURL(join(folder, 'index.js')).href } };
}

function inherited(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
