/** A clock on which no real time passes. */
import { UsageError } from '@llm-ladder/backend/errors';
import type { Value } from '../box/values.ts';
import type { Step } from './scripted.ts';
import { type Subject, settledKey } from './types.ts';

interface Sleeper {
  readonly at: number;
  wake(): void;
}

export interface FakeClock {
  /** Milliseconds since the clock was made, for the suite. */
  readonly time: number;
  /** `time`, as a function for the learner's code. */
  now(): Promise<number>;
  /** Ends when the clock has gone `ms` on. */
  sleep(ms: Value): Promise<undefined>;
  /** A step of a script that comes after `ms`. */
  after(ms: number, step: Step): () => Promise<Step>;
  /** Goes on by hand, past every sleep that ends until then, in their order. */
  advance(ms: number): Promise<void>;
}

/**
 * A clock for a learner's program that waits: `clock.sleep` and `clock.now` go in as functions, and scripted replies may come `clock.after(ms, reply)`.
 * The time jumps to the end of the next sleep as soon as the program waits for nothing else, so that `clock.time` is the time that its plan takes, on any machine.
 * Without a subject it moves by `advance` alone.
 */
export function fakeClock(learner?: Subject): FakeClock {
  let time = 0;
  let sleepers: Sleeper[] = [];
  let moving = false;
  const settled: (() => Promise<void>) | undefined = learner?.[settledKey];

  const wakeNext = (): void => {
    if (sleepers.length === 0) return;
    time = Math.max(time, Math.min(...sleepers.map(({ at }) => at)));
    const due = sleepers.filter(({ at }) => at <= time);
    sleepers = sleepers.filter(({ at }) => at > time);
    for (const { wake } of due) wake();
  };
  const move = async (settle: () => Promise<void>): Promise<void> => {
    if (moving) return;
    moving = true;
    try {
      while (sleepers.length > 0) {
        await settle();
        wakeNext();
      }
    } catch {
      // A box that ended answers nobody: whoever sleeps for it sleeps on.
    } finally {
      moving = false;
    }
  };

  const sleep = (ms: Value): Promise<undefined> => {
    if (typeof ms !== 'number' || !(ms >= 0)) throw new UsageError('sleep', 'milliseconds from 0 on', String(ms));
    return new Promise((resolve) => {
      sleepers.push({ at: time + ms, wake: () => resolve(undefined) });
      if (settled) void move(settled);
    });
  };
  return {
    get time() {
      return time;
    },
    now: async () => time,
    sleep: async (ms) => sleep(ms),
    after: (ms, step) => async () => {
      await sleep(ms);
      return step;
    },
    advance: async (ms) => {
      const until = time + ms;
      const isDue = ({ at }: Sleeper): boolean => at <= until;
      while (sleepers.some(isDue)) {
        wakeNext();
        await (settled ? settled() : new Promise((resolve) => setImmediate(resolve)));
      }
      time = until;
    },
  };
}
