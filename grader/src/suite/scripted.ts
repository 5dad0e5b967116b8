/** Models and tools whose replies the suite writes beforehand, and which remember how they were called. */
import { ScriptedError } from '../box/callbacks.ts';
import type { Callback, Value } from '../box/values.ts';
import { say } from '../format/words.ts';
import { literal } from './literal.ts';

/** What one call gives: a value, an error that reaches the learner's code, or a function of the call's arguments that gives one of these. */
export type Step = Value | ScriptedError | AsyncIterable<Value> | ((...args: Value[]) => Step | Promise<Step>);

// biome-ignore lint/suspicious/noExplicitAny: what the learner's code passes is unknown by nature
export type Arguments = readonly any[];

/** A function for the learner's code that remembers its calls. */
export interface Recorded extends Callback {
  /** The arguments of each call, in the order in which they came. */
  readonly calls: readonly Arguments[];
  /** The most calls that ran at the same time. */
  readonly mostAtOnce: number;
}

/** A recorded function with a script. */
export interface Scripted extends Recorded {
  /** Steps that nobody asked for yet. */
  readonly left: number;
}

/**
 * A model (or anything else that is asked) that gives these replies, one a call. One call more than there are replies ends the test, on the grader's side.
 * A reply is given as it is: a text, a message of `assistant`, a list; `chunked` makes a stream, `new ScriptedError(...)` an error, `clock.after(ms, reply)` a delay.
 */
export function scripted(steps: readonly Step[]): Scripted {
  let next = 0;
  const model = recorder((...args) => {
    if (next < steps.length) return steps[next++];
    const [most, got] = [steps.length, args.map((arg) => literal(arg)).join(', ')];
    throw new Error(
      say({
        en: `the scripted model: expected at most ${most} calls, got one more: (${got})`,
        zh: `按脚本回复的模型：最多应调用 ${most} 次，却又调用了一次：(${got})`,
      }),
    );
  });
  return Object.defineProperty(model, 'left', { get: () => steps.length - next }) as Scripted;
}

/** A tool (or any function) that computes its result here and remembers its calls. An assertion in it ends the test; the box does not learn its words. */
export function recorder(run: (...args: Arguments) => Step | Promise<Step>): Recorded {
  const calls: Arguments[] = [];
  let running = 0;
  let most = 0;
  const call = async (...args: Value[]): Promise<Value> => {
    calls.push(args);
    most = Math.max(most, ++running);
    try {
      return await outcome(run, args);
    } finally {
      running--;
    }
  };
  return Object.defineProperties(call, { calls: { value: calls }, mostAtOnce: { get: () => most } }) as Recorded;
}

/** A stream of these items, for a `for await` in the learner's code. A ScriptedError among them breaks it off there; a function is called when its item is asked for. */
export function chunked(items: readonly Step[]): () => AsyncIterable<Value> {
  return async function* () {
    for (const item of items) yield outcome(item, []);
  };
}

/** A call of a tool by a model; `args` as a text stands there as it is, for JSON that does not parse. */
export interface ToolCall {
  readonly name: string;
  readonly args: Value;
  /** `call_1`, `call_2` ... within its message unless told. */
  readonly id?: string;
}

/** An assistant's message, with calls of tools in the form of the chat APIs. */
export function assistant(content: string | null, toolCalls: readonly ToolCall[] = []): Value {
  if (toolCalls.length === 0) return { role: 'assistant', content };
  const calls = toolCalls.map(({ name, args, id }, i) => ({
    id: id ?? `call_${i + 1}`,
    type: 'function',
    function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
  }));
  return { role: 'assistant', content, tool_calls: calls };
}

async function outcome(step: unknown, args: Arguments): Promise<Value> {
  let found = step;
  while (typeof found === 'function') found = await (found as (...args: Arguments) => unknown)(...args);
  if (found instanceof ScriptedError) throw found;
  return found as Value;
}
