/** A suite's functions in the hands of the learner's code: what fails inside one ends the test, and its words never reach the box. */
import { refusedCall, ScriptedError } from '../box/callbacks.ts';
import { BoxError } from '../box/types.ts';
import type { Callback, Value } from '../box/values.ts';

export class Guard {
  #kept: { readonly error: unknown } | undefined;
  #steps = 0;
  /** What the learner's own code threw: it may pass through a callback on its way back to that code. */
  readonly #own = new WeakSet<object>();

  /** Counts calls of the suite's functions and their answers: two equal counts with a look at the box between them say that everything waits. */
  get steps(): number {
    return this.#steps;
  }

  /** The first error that was kept from the box; undefined when there is none. */
  get kept(): { readonly error: unknown } | undefined {
    return this.#kept;
  }

  ownError(error: unknown): void {
    if (BoxError.isInstance(error) && (error as BoxError).remote) this.#own.add(error);
  }

  /** The function as the box may call it. After the first failure every call is refused: the test is over. */
  wrap(fn: Callback): Callback {
    return async (...args: Value[]) => {
      if (this.#kept) throw refusedCall();
      this.#steps++;
      try {
        return await fn(...args);
      } catch (error) {
        throw this.#crossing(error);
      } finally {
        this.#steps++;
      }
    };
  }

  #crossing(error: unknown): ScriptedError {
    if (error instanceof ScriptedError) return error;
    if (typeof error === 'object' && error !== null && this.#own.has(error)) {
      const { name, message, code } = (error as BoxError).remote!;
      return new ScriptedError(message, { name, code: code ?? undefined });
    }
    this.#kept ??= { error };
    return refusedCall();
  }
}
