/** What crosses of a grader's function that the learner's code called: its value, or an error that a suite scripted; never the words of any other error. */
import { say } from '../format/words.ts';
import type { ErrorReply, ToBox } from './protocol.ts';
import type { Callback, Value } from './values.ts';

/** An error that a callback throws as part of its scenario: name, message and code reach the learner's code. Every other error stays on the grader's side. */
export class ScriptedError extends Error {
  readonly code: string | undefined;

  constructor(message: string, { name = 'Error', code }: { readonly name?: string | undefined; readonly code?: string | undefined } = {}) {
    super(message);
    this.name = name;
    this.code = code;
  }
}

/** All that the learner's code learns where an assertion failed inside a callback: its words hold what was expected. */
export function refusedCall(): ScriptedError {
  return new ScriptedError(say({ en: 'the call was refused', zh: '调用被拒绝' }));
}

/** Runs a callback; the frame that answers the box. */
export async function replyOf(sequence: number, fn: Callback, args: readonly unknown[]): Promise<ToBox> {
  try {
    return ['reply', sequence, true, await fn(...(args as Value[]))];
  } catch (error) {
    const { name, message, code = null } = error instanceof ScriptedError ? error : refusedCall();
    return ['reply', sequence, false, { name, message, code } satisfies ErrorReply];
  }
}
