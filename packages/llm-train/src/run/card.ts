/** The card of a run: what is normal for it, and where it differs, in plain words. */
import type { Words } from '@llm-ladder/backend/errors';
import type { NormalNumbers, StageName } from './presets.ts';

export interface CardLine {
  readonly what: Words;
  readonly normal: Words;
  readonly value: string;
  readonly ok: boolean;
  /** A loss: what a run is judged by. */
  readonly isLoss: boolean;
  /** One plain line, where it is not ok. */
  readonly remark?: Words;
}

export interface CardInput {
  /** Of the tokenizer. */
  readonly V: number;
  readonly normal: NormalNumbers | undefined;
  readonly steps: Readonly<Record<StageName, number>>;
}

const START_TOLERANCE = 0.3; // weights of deviation 0.02 give logits of about 0.2: the loss differs from ln V by about 0.03

/** Compares as the run goes: `check` gives the line of a milestone when it is reached, else nothing. */
export class Card {
  readonly #input: CardInput;
  readonly lines: CardLine[] = [];

  constructor(input: CardInput) {
    this.#input = input;
  }

  /** `mean` is the mean loss of the last updates of this stage, `first` the loss of the very first batch before any update. */
  check(stage: StageName, stageStep: number, { first, mean }: { readonly first: number; readonly mean: number }): CardLine | undefined {
    if (stage === 'pretrain' && stageStep === 1) return this.#add(this.#start(first));
    const { normal, steps } = this.#input;
    if (normal === undefined) return undefined;
    const total = steps[stage];
    const shares = stage === 'pretrain' ? [0.25, 0.5, 1] : [1];
    const at = shares.findIndex((share) => Math.round(share * total) === stageStep);
    if (at < 0) return undefined;
    const most = stage === 'pretrain' ? normal.pretrain[at]! : normal.sft;
    const percent = 100 * shares[at]!;
    return this.#add(atMost({ en: `loss, ${NAMES[stage].en} ${percent} %`, zh: `${NAMES[stage].zh} ${percent}% 时的损失` }, most, mean));
  }

  memory(megabytes: number): CardLine | undefined {
    const most = this.#input.normal?.memoryMb;
    if (most === undefined) return undefined;
    return this.#add({
      what: { en: 'memory', zh: '内存' },
      normal: { en: `at most ${most} MB`, zh: `不超过 ${most} MB` },
      value: `${Math.round(megabytes)} MB`,
      ok: megabytes <= most,
      isLoss: false,
      ...(megabytes > most && {
        remark: {
          en: `memory is ${Math.round(megabytes)} MB, normal is at most ${most}: a part keeps tensors that it should give back (tf.tidy)`,
          zh: `内存用了 ${Math.round(megabytes)} MB，正常不超过 ${most}：有的部分留着本该释放的张量（tf.tidy）`,
        },
      }),
    });
  }

  /** `share` is what training did of the arithmetic that this machine's matrix products reach, from 0 to 1. */
  speed(tokensPerSecond: number, share: number): CardLine | undefined {
    const least = this.#input.normal?.speed;
    if (least === undefined) return undefined;
    const percent = (x: number): string => `${Math.round(100 * x)} %`;
    const ok = share >= least;
    return this.#add({
      what: { en: 'speed', zh: '速度' },
      normal: { en: `at least ${percent(least)} of a bare matrix product's`, zh: `至少达到单纯矩阵乘法的 ${percent(least)}` },
      value: `${Math.round(tokensPerSecond)} tokens/s, ${percent(share)}`,
      ok,
      isLoss: false,
      ...(!ok && {
        remark: {
          en: `training reaches ${percent(share)} of what this machine multiplies, normal is at least ${percent(least)}: another program is busy, or a part reads numbers one by one (dataSync in a loop)`,
          zh: `训练只用到这台机器乘法能力的 ${percent(share)}，正常至少 ${percent(least)}：别的程序正忙，或者有的部分在逐个读数（循环里的 dataSync）`,
        },
      }),
    });
  }

  #start(first: number): CardLine {
    const wanted = Math.log(this.#input.V);
    const ok = Math.abs(first - wanted) <= START_TOLERANCE;
    const [got, normal] = [first.toFixed(2), wanted.toFixed(2)];
    return {
      what: { en: 'loss at step 0', zh: '第 0 步的损失' },
      normal: { en: `ln V = ${normal}`, zh: `ln V = ${normal}` },
      value: got,
      ok,
      isLoss: true,
      ...(!ok && {
        remark:
          first > wanted
            ? {
                en: `loss at step 0 is ${got}, ln V is ${normal}: fresh weights are too large, so the model is sure of wrong tokens`,
                zh: `第 0 步的损失是 ${got}，ln V 是 ${normal}：初始权重太大，模型一开始就对错误的词元很有把握`,
              }
            : {
                en: `loss at step 0 is ${got}, ln V is ${normal}: a model that has learned nothing cannot know that much; does it see the token it has to guess?`,
                zh: `第 0 步的损失是 ${got}，ln V 是 ${normal}：还没学过的模型不可能知道这么多；它是不是看见了要猜的词元？`,
              },
      }),
    };
  }

  #add(line: CardLine): CardLine {
    this.lines.push(line);
    return line;
  }
}

export const NAMES: Readonly<Record<StageName, Words>> = {
  pretrain: { en: 'pretraining', zh: '预训练' },
  sft: { en: 'SFT', zh: '指令微调' },
};

// --- helpers ---

function atMost(what: Words, most: number, mean: number): CardLine {
  const ok = mean <= most;
  const value = mean.toFixed(2);
  return {
    what,
    normal: { en: `at most ${most.toFixed(2)}`, zh: `不超过 ${most.toFixed(2)}` },
    value,
    ok,
    isLoss: true,
    ...(!ok && {
      remark: {
        en: `${what.en} is ${value}, normal is at most ${most.toFixed(2)}: it learns too slowly`,
        zh: `${what.zh}是 ${value}，正常不超过 ${most.toFixed(2)}：学得太慢`,
      },
    }),
  };
}
