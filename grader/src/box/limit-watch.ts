/** Keeps a box's limits on time, memory and threads while it works; an idle box costs nothing. */

import { say } from '../format/words.ts';
import { threadLimit } from './drivers/limits.ts';
import { ranTooManyThreads, usedSoMuch } from './messages.ts';
import { BoxError, type Limits } from './types.ts';
import type { Usage } from './watch.ts';

const lookEveryMs = process.platform === 'linux' ? 20 : 250;

interface Events {
  onLimit(error: BoxError): void;
  usage(): Promise<Usage | undefined>;
}

export class LimitWatch {
  limits: Limits;
  readonly #events: Events;
  readonly #running = new Map<number, { readonly what: string; readonly timer: NodeJS.Timeout }>();
  #busySince = 0;
  #usedMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: Limits, events: Events) {
    this.limits = limits;
    this.#events = events;
  }

  /** A call starts: it may take `timeoutMs`, and all calls together the limit on time. */
  begin(id: number, what: string, timeoutMs = Number.POSITIVE_INFINITY): void {
    if (this.#running.size === 0) this.#busySince = performance.now();
    const left = this.limits.timeMs - this.#spent();
    const mine = Math.min(timeoutMs, left);
    const seconds = (ms: number): number => Number((ms / 1000).toFixed(1));
    const [one, all] = [seconds(timeoutMs), seconds(this.limits.timeMs)];
    const message =
      timeoutMs <= left
        ? { en: `${what} took longer than ${one} s (the limit on one call)`, zh: `${what} 超过 ${one} 秒（单次调用的上限）` }
        : {
            en: `${what} was still running after ${all} s (the limit on all calls of the exercise)`,
            zh: `${what} 运行了 ${all} 秒仍未结束（本题所有调用的总上限）`,
          };
    const timer = setTimeout(() => this.#overstep(new BoxError('time-limit', say(message))), Math.max(0, mine));
    this.#running.set(id, { what, timer });
    this.#timer ??= setInterval(() => void this.#look(), lookEveryMs);
  }

  end(id: number): void {
    clearTimeout(this.#running.get(id)?.timer);
    if (!this.#running.delete(id) || this.#running.size > 0) return;
    this.#usedMs += performance.now() - this.#busySince;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** What was used so far is forgotten: it was not the learner's. */
  restart(): void {
    this.#usedMs = 0;
  }

  stop(): void {
    for (const id of [...this.#running.keys()]) this.end(id);
  }

  #spent(): number {
    return this.#usedMs + (this.#running.size > 0 ? performance.now() - this.#busySince : 0);
  }

  async #look(): Promise<void> {
    const usage = await this.#events.usage();
    if (usage === undefined) return;
    const { memoryMb } = this.limits;
    const { residentBytes, threads = 0 } = usage;
    if (residentBytes > memoryMb * 2 ** 20) this.#overstep(usedSoMuch(Math.round(residentBytes / 2 ** 20), memoryMb));
    else if (threads > threadLimit) this.#overstep(ranTooManyThreads(threads, threadLimit));
  }

  #overstep(error: BoxError): void {
    if (this.#running.size > 0) this.#events.onLimit(error);
  }
}
