/** Checks the results of visible tests as a box reports them: they give no points, but they are printed. */
import type { VisibleTestResult } from './types.ts';

const statuses: readonly VisibleTestResult['status'][] = ['passed', 'failed', 'skipped', 'todo'];

export function visibleResults(value: unknown): VisibleTestResult[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, 2000).map((item: unknown) => {
    const given = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>;
    const { durationMs } = given;
    return {
      file: text(given.file, 300) ?? '',
      name: text(given.name, 500) ?? '',
      status: statuses.find((status) => status === given.status) ?? 'failed',
      message: text(given.message, 8000),
      notWritten: given.notWritten === true,
      at: text(given.at, 300),
      durationMs: typeof durationMs === 'number' && Number.isFinite(durationMs) ? durationMs : 0,
    };
  });
}

function text(value: unknown, length: number): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters could repaint the terminal
  return typeof value === 'string' ? value.slice(0, length).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '') : null;
}
