/** Makes what watch mode shows fit the terminal: lines break between words, and what is too tall gets shorter from the inside. */

import { say } from '../format/words.ts';
import { wrapLines } from '../report/width.ts';

/** The verdict, whole or short. */
export type Body = (short: boolean) => string;

interface Screen {
  readonly head: string;
  readonly body: Body;
  readonly below: string;
  readonly foot: string;
}

/** The screen's text, of at most `rows - 1` lines: the last one is the cursor's. */
export function fitScreen(
  { head, body, below, foot }: Screen,
  { columns = 80, rows = 24 }: { readonly columns?: number; readonly rows?: number } = process.stdout,
): string {
  const lay = (middle: string): string[] =>
    [head, middle, below, foot]
      .filter((part) => part !== '')
      .map((part) => wrapLines(part, columns))
      .join('\n\n')
      .split('\n');
  const most = rows - 1;
  const whole = lay(body(false));
  if (whole.length <= most) return whole.join('\n');
  const short = lay(body(true));
  if (short.length <= most) return short.join('\n');

  const lines = wrapLines(body(true), columns).split('\n');
  const more = wrapLines(say({ en: '    ... more: ladder check shows all of it', zh: '    ……其余内容请用 ladder check 查看' }), columns);
  const room = Math.max(3, lines.length - (short.length - most) - more.split('\n').length);
  return lay([...lines.slice(0, room), more].join('\n')).join('\n');
}
