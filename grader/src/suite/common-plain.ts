/** The common checks of an export that gives no tensors: a text, a list, an object, what an agent did with its scripted model. */
import { GraderError } from '@llm-ladder/backend/errors';
import { isPlainObject, TensorValue, type Value } from '../box/values.ts';
import { say } from '../format/words.ts';
import { commonTest } from './collect.ts';
import { expect } from './expect.ts';
import { Random } from './random.ts';
import type { Stats, Subject } from './types.ts';

export interface PlainChecks {
  /** The arguments, made anew for each call: the same `random` gives the same ones. */
  readonly inputs: (random: Random) => readonly Value[];
  readonly points: number;
  readonly output: string | undefined;
}

const MOST_DRAWS = 20;

/** Registers "does not change its inputs" (where there is something to change), "gives the same answer twice" and "keeps nothing between calls". */
export function plainChecks(name: string, { inputs, points, output }: PlainChecks): void {
  if (hasContainer(inputs(new Random('common')))) inputsCheck(name, inputs, Math.min(points, 1));

  const answer = async (subject: Subject, seed: string): Promise<unknown> => {
    const result: unknown = await subject[name](...inputs(new Random(seed)));
    return output === undefined ? result : (result as Record<string, unknown>)[output];
  };
  const test = { export: name, output, canFail: () => true };

  commonTest(
    { ...test, check: 'twice' },
    `${name}: gives the same answer twice`,
    { points, zh: `${name}：两次调用结果相同` },
    async ({ learner, random }) => {
      const seed = String(random.seed());
      const first = await answer(learner, seed);
      expect(await answer(learner, seed)).toEqual(first);
    },
  );

  commonTest(
    { ...test, check: 'state' },
    `${name}: keeps nothing between calls`,
    { points, zh: `${name}：不保留之前调用的内容` },
    async ({ learner, reference, random }) => {
      const seeds = [String(random.seed())];
      const right = await answer(reference, seeds[0]!);
      // Two questions whose right answers differ: none is drawn by luck.
      for (let draws = 0; seeds.length < 2; draws++) {
        if (draws === MOST_DRAWS)
          throw new GraderError('suite', `common('${name}'): expected inputs with other answers, got ${MOST_DRAWS + 1} equal ones`);
        const seed = String(random.seed());
        if (!isEqual(await answer(reference, seed), right)) seeds.push(seed);
      }
      const [one, other] = [await answer(learner, seeds[0]!), await answer(learner, seeds[1]!)];
      expect(other).not.toEqual(one);
      expect(await answer(learner, seeds[0]!)).toEqual(one);
      expect(await answer(learner, seeds[1]!)).toEqual(other);
    },
  );
}

/** Registers "does not change its inputs": the box's own word, so worth one point at most. */
export function inputsCheck(name: string, inputs: (random: Random) => readonly Value[], points: number): void {
  const options = { points, untrusted: true, zh: `${name}：不改动输入` };
  const canFail = (): boolean => hasContainer(inputs(new Random('common')));
  commonTest({ check: 'inputs', export: name, canFail }, `${name}: does not change its inputs`, options, async ({ learner, random }) => {
    await learner[name](...inputs(random));
    const { inputsChanged } = learner.stats() as Stats;
    if (inputsChanged)
      throw new Error(
        say({
          en: `${name} changed or disposed of an argument: expected inputs as they were`,
          zh: `${name} 改动或释放了某个参数：输入应保持原样`,
        }),
      );
  });
}

/** True where an argument is or holds something that a function could change. */
function hasContainer(args: readonly Value[]): boolean {
  const changeable = (value: Value): boolean =>
    value instanceof TensorValue ||
    value instanceof Map ||
    value instanceof Set ||
    Array.isArray(value) ||
    ArrayBuffer.isView(value) ||
    isPlainObject(value);
  return args.some(changeable);
}

function isEqual(a: unknown, b: unknown): boolean {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
}
