/** Commander's own errors speak English; these are the ones that a line of words can cause. */
import { lang } from '../format/words.ts';

const LINES: readonly (readonly [RegExp, string])[] = [
  [/^error: unknown command '(.*)'$/m, '没有命令 $1'],
  [/^error: unknown option '(.*)'$/m, '没有选项 $1'],
  [/^error: missing required argument '(.*)'$/m, '缺少参数 $1'],
  [/^error: option '(.*)' argument missing$/m, '选项 $1 缺少取值'],
  [
    /^error: too many arguments(?: for '(.*)')?\. Expected (\d+) arguments? but got (\d+): (.*)\.$/m,
    '$1 的参数太多：应为 $2 个，实为 $3 个：$4',
  ],
  [
    /^error: option '(.*)' (?:argument|value) '(.*)'(?: from env '(.*)')? is invalid\. Allowed choices are (.*)\.$/m,
    '选项 $1 不接受 $2；可选：$4',
  ],
  [/^\(Did you mean (?:one of )?(.*)\?\)$/m, '（是不是 $1？）'],
];

/** The text in the language of this process. */
export function commanderWords(text: string): string {
  return lang() === 'zh' ? LINES.reduce((all, [line, words]) => all.replace(line, words), text) : text;
}
