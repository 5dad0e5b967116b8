/** A command of `ladder` as a person types it: the one place that knows how. */
export function typed(...words: readonly string[]): string {
  return ['ladder', ...words].map((word) => (/^[\w./@:=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
