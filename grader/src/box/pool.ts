/** Warm boxes in advance, so that a save is judged without waiting for TF.js. */
import { openBox } from './box.ts';
import type { Box, BoxBackend, Driver, Limits } from './types.ts';

export interface PoolOptions {
  readonly driver: Driver;
  readonly backend?: BoxBackend | undefined;
  /** How many boxes wait; 2 without it. */
  readonly size?: number;
  /** `when asked`: after a `take` nothing starts before `refill`, since that would slow down the run that it was taken for. */
  readonly refill?: 'at once' | 'when asked';
  /** Rounds of practice that each box gets while it waits; none without it. */
  readonly practice?: number;
  /** Largest heap that an exercise may need, in MiB; 2048 without it. */
  readonly heapMb?: number;
}

interface Waiting {
  readonly opening: Promise<Box>;
  practised: number;
}

/** Keeps `size` generic boxes ready and opens new ones in the background as they are taken. */
export class BoxPool {
  readonly #options: PoolOptions;
  #waiting: Waiting[] = [];
  #closed = false;
  #held = false;
  #practice: Promise<void> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.refill();
  }

  /** A box for one program, with that exercise's limits; the caller closes it. Throws GraderError when none can be opened. */
  async take(limits: Limits): Promise<Box> {
    this.#held = this.#options.refill === 'when asked';
    for (;;) {
      const box = await (this.#waiting.shift()?.opening ?? this.#open());
      // One that ended while it waited (the machine slept, someone killed it) is no answer.
      if (!box.alive) continue;
      box.setLimits(limits);
      if (!this.#held) this.refill();
      return box;
    }
  }

  /** Opens boxes until `size` wait, and lets them practise. */
  refill(): void {
    this.#held = false;
    while (!this.#closed && this.#waiting.length < (this.#options.size ?? 2)) {
      const opening = this.#open();
      const waiting = { opening, practised: 0 };
      // Whoever takes it sees the failure; until then it must not end the process.
      opening.catch(() => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
      });
      this.#waiting.push(waiting);
    }
    this.#practice ??= this.#practise().finally(() => {
      this.#practice = undefined;
    });
  }

  /** Resolves once every waiting box is warm and has practised: nothing of this pool runs any more. */
  async ready(): Promise<void> {
    await Promise.allSettled(this.#waiting.map(({ opening }) => opening));
    await this.#practice;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    await Promise.allSettled(waiting.map(async ({ opening }) => (await opening).close()));
  }

  /** Always the box that has practised least, so that two that are taken together are alike; a `take` ends it after the round at hand. */
  async #practise(): Promise<void> {
    const { practice = 0 } = this.#options;
    for (;;) {
      const next = this.#waiting.toSorted((a, b) => a.practised - b.practised)[0];
      if (this.#held || this.#closed || next === undefined || next.practised >= practice) return;
      try {
        const box = await next.opening;
        if (this.#waiting.includes(next) && !this.#held) await box.practise();
        next.practised++;
      } catch {
        next.practised = practice; // it is gone: `take` finds out
      }
    }
  }

  #open(): Promise<Box> {
    const { driver, backend, heapMb = 2048 } = this.#options;
    return openBox({ driver, backend, limits: { timeMs: 60_000, memoryMb: heapMb, outputBytes: 1 << 20 } });
  }
}
