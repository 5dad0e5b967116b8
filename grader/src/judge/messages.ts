/** What a learner reads when a test fails. */
import { stripVTControlCharacters } from 'node:util';
import { LadderError, UsageError } from '@llm-ladder/backend/errors';
import { jestWords } from '../box/jest-words.ts';
import { BoxError } from '../box/types.ts';
import { typed } from '../format/typed.ts';
import { say } from '../format/words.ts';
import { smallestCase } from '../suite/drawn.ts';
import { lastCall } from '../suite/literal.ts';

const MAX_LENGTH = 4000; // a diff of two large arrays helps nobody

/** The message of whatever a test ended with. */
export function failureMessage(error: unknown): string {
  if (BoxError.isInstance(error) && error.code === 'threw') return thrownMessage(error as BoxError);
  if (error instanceof UsageError) return cut(otherForm(error));
  const text = error instanceof TypeError ? otherForm(error) : error instanceof Error ? error.message : String(error);
  if (LadderError.isInstance(error)) return cut(stripVTControlCharacters(withHint(error)).trim());
  return cut(jestWords(stripVTControlCharacters(text).trim()));
}

/** An error's message, and on a line of its own what helps. */
export function withHint({ message, hint }: LadderError): string {
  return hint === undefined ? message : `${message}\n${hint}`;
}

/** A suite that takes a result apart stumbles where the result is of another kind: `undefined`, a number instead of an object, a tensor of lower rank. */
function otherForm({ message }: Error): string {
  return say({
    en: `the result is of another form than the exercise asks for (${message})`,
    zh: `返回值的形式与题目要求不同（${message}）`,
  });
}

function thrownMessage({ remote, message }: BoxError): string {
  if (!remote) return message;
  const place = remote.at ? ` (${remote.at})` : '';
  if (remote.code === 'not-implemented') return cut(remote.message);
  return cut(say({ en: `threw ${remote.name}: ${remote.message}${place}`, zh: `抛出了 ${remote.name}：${remote.message}${place}` }));
}

/** True when the learner's code ended in NotImplemented: not written yet. */
export function isNotWritten(error: unknown): boolean {
  return BoxError.isInstance(error) && (error as BoxError).remote?.code === 'not-implemented';
}

/** What a test says that was stopped at its own limit. */
export function tookTooLong(limitMs: number): string {
  const seconds = limitMs / 1000;
  return say({ en: `took longer than ${seconds} s: is there an endless loop?`, zh: `超过 ${seconds} 秒：是否有死循环？` });
}

/** The line that lets a failure with random inputs be seen again. */
export function seedLine(exercise: string, seed: string): string {
  const again = typed('check', exercise, '--seed', seed);
  return say({ en: `random seed ${seed}; again: ${again}`, zh: `随机种子 ${seed}；重现：${again}` });
}

/** True for a message with a smallest failing case. */
export function hasInputs(message: string): boolean {
  return message.includes(`\n${say(smallestCase)}`);
}

/** The line with the inputs of a failure. */
export function callLine(call: string): string {
  return `${say(lastCall)} ${call}`;
}

function cut(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)} ...` : text;
}
