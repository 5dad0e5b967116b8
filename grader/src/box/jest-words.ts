/** Jest's own matchers speak English; these are the lines of theirs that a learner meets. */
import { lang } from '../format/words.ts';

const LINES: readonly (readonly [RegExp, string])[] = [
  [/ \/\/ deep equality$/gm, ' // 逐层相等'],
  [/ \/\/ Object\.is equality$/gm, ' // Object.is 相等'],
  [/^- Expected(?= +- \d+$)/gm, '- 应为'],
  [/^\+ Received(?= +\+ \d+$)/gm, '+ 实为'],
  [/^Expected: not /gm, '不应为：'],
  [/^Expected: /gm, '应为：'],
  [/^Received: +/gm, '实为：'],
  [/^Expected length: (not )?/gm, '应有长度：'],
  [/^Received length: +/gm, '实际长度：'],
  [/^(?:Received|Expected) (?:array|object|value|string): +/gm, '返回值：'],
  [/^Expected (?:substring|pattern|message): +/gm, '应包含：'],
  [/^Received (?:message|promise|function)\b:? */gm, '实际：'],
  [/did not throw$/gm, '没有抛出错误'],
  [/resolved instead of rejected$/gm, '已完成，没有被拒绝'],
  [/^Resolved to value: +/gm, '得到的值：'],
  [/^Received has (?:value|type): +/gm, '实为：'],
  [/^(?:Matcher error: )?received value must have a length property whose value must be a number$/gm, '返回值应当有数字类型的 length'],
  [/^(?:Matcher error: )?received value must be (?:a )?(.+)$/gm, '返回值的类型应为：$1'],
];

/** A failed assertion's message with Jest's frame in the language of this process; values and code stay. */
export function jestWords(message: string): string {
  return lang() === 'zh' ? LINES.reduce((text, [line, words]) => text.replace(line, words), message) : message;
}
