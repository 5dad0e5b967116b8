/** The names of the backends and the words that choose one. */
import { UsageError } from './errors.ts';

/** In the order in which `auto` tries them. */
export const backendNames = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const;

export type BackendName = (typeof backendNames)[number];

export function isBackendName(name: string): name is BackendName {
  return (backendNames as readonly string[]).includes(name);
}

/**
 * What the caller's word and LADDER_BACKEND together ask for: a named backend wins over the variable, the variable over `auto` and over silence.
 * Throws UsageError on any other word.
 */
export function chooseBackend(name: string | undefined, variable: string | undefined = process.env.LADDER_BACKEND): BackendName | 'auto' {
  const expected = `one of auto, ${backendNames.join(', ')}`;
  if (name !== undefined && name !== 'auto') {
    if (isBackendName(name)) return name;
    throw new UsageError('useBackend', expected, `"${name}"`);
  }
  if (variable !== undefined && variable !== '' && variable !== 'auto') {
    if (isBackendName(variable)) return variable;
    throw new UsageError('LADDER_BACKEND', expected, `"${variable}"`);
  }
  return name ?? (variable === 'auto' ? 'auto' : 'wasm');
}
