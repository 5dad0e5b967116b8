/** One program in a box of its own, timed from outside, stopped whenever it is not its turn. */
import { type Box, BoxError, type Limits, type Program } from '../../box/types.ts';
import type { Value } from '../../box/values.ts';
import type { Random } from '../../suite/random.ts';
import type { Subject, Work } from '../../suite/types.ts';
import { type JudgeOptions, openWith } from '../options.ts';
import { makeSubject, type SubjectHost } from '../subject.ts';

export interface Timed {
  readonly output: unknown;
  readonly ms: number;
  /** The call was stopped at the limit: `ms` is that limit, and there is no output. */
  readonly stopped: boolean;
}

/** Runs a threshold's work once on a program. */
export async function doWork({ run, call = '' }: Work, subject: Subject, inputs: readonly Value[], random: Random): Promise<unknown> {
  return run ? run(subject, inputs, random) : subject[call](...inputs);
}

export class TimedProgram {
  readonly box: Box;
  readonly #subject;
  readonly #release;
  /** Peak of the process before the program was loaded. */
  readonly #emptyBytes: number;
  #limitMs = 0;
  #spentMs = 0;

  private constructor(
    box: Box,
    program: Program,
    asyncExports: readonly string[],
    exports: Awaited<ReturnType<Box['load']>>,
    who: SubjectHost['who'],
    emptyBytes: number,
  ) {
    this.box = box;
    this.#emptyBytes = emptyBytes;
    const { subject, release } = makeSubject({
      who,
      entry: program.entry,
      asyncExports,
      open: () => Promise.resolve({ box, exports }),
      timeLeft: () => Math.max(1, this.#limitMs - this.#spentMs),
      spent: (ms) => {
        this.#spentMs += ms;
      },
    });
    this.#subject = subject;
    this.#release = release;
  }

  /** A fresh process with the program loaded, stopped until its first call. */
  static async open(
    program: Program,
    {
      options,
      limits,
      asyncExports = [],
      who,
    }: { options: JudgeOptions; limits: Limits; asyncExports?: readonly string[] | undefined; who: SubjectHost['who'] },
  ): Promise<TimedProgram> {
    const box = await openWith(options, limits);
    try {
      const emptyBytes = await box.peakMemoryBytes();
      const timed = new TimedProgram(box, program, asyncExports, await box.load(program), who, emptyBytes);
      box.pause();
      return timed;
    } catch (error) {
      await box.close();
      throw error;
    }
  }

  /** Runs the work on these inputs alone on the machine, as far as that is up to us. Throws what the program throws, but for the time limit. */
  async time(work: Work, inputs: readonly Value[], random: Random, limitMs: number): Promise<Timed> {
    this.#limitMs = limitMs;
    this.#spentMs = 0;
    this.box.resume();
    try {
      const output = await doWork(work, this.#subject, inputs, random);
      return { output, ms: this.#spentMs, stopped: false };
    } catch (error) {
      if (BoxError.isInstance(error) && error.code === 'time-limit') return { output: undefined, ms: limitMs, stopped: true };
      throw error;
    } finally {
      await this.#release();
      if (this.box.alive) this.box.pause();
    }
  }

  /** Peak bytes that came with the program: what it took at its top level counts too, or a call could live on what was taken before. */
  async peakOverEmptyBox(): Promise<number> {
    return (await this.box.peakMemoryBytes()) - this.#emptyBytes;
  }

  async close(): Promise<void> {
    if (this.box.alive) this.box.resume();
    await this.box.close();
  }
}
