/** The sizes that `ladder train` knows: from minutes on a laptop to hours on a GPU, each with what is normal for it. */

import { refused, type Words } from '@llm-ladder/backend/errors';
import type { LlamaConfig } from '../llama.ts';

export type StageName = 'pretrain' | 'sft';

/** How one stage learns. An update takes `accum` micro-batches of `batch` rows. */
export interface StagePlan {
  readonly steps: number;
  readonly batch: number;
  readonly accum: number;
  /** The highest learning rate; the warm-up before it takes a tenth of the steps, and the cosine after it ends at a tenth of it. */
  readonly lr: number;
}

/** What a run of a preset looks like when all is well. Losses are means over the last 20 steps, on our own corpus; measured, with room for other seeds. */
export interface NormalNumbers {
  /** Loss of pretraining after 25, 50 and 100 % of its steps, at most. */
  readonly pretrain: readonly [quarter: number, half: number, end: number];
  /** Loss of SFT at its end, at most. */
  readonly sft: number;
  /** Peak memory of the process, at most. */
  readonly memoryMb: number;
  /** Floating-point operations of training as a part of those that a bare matrix product of this size does in the same time, at least. */
  readonly speed: number;
}

export interface Preset {
  readonly name: string;
  readonly about: Words;
  readonly model: Omit<LlamaConfig, 'V' | 'eps' | 'theta' | 'style' | 'tied'>;
  readonly vocab: number;
  /** Size of our own corpus in bytes, and how many conversations. */
  readonly textBytes: number;
  readonly dialogues: number;
  /** Tokens of a row; the model sees one less at a time. */
  readonly rowLength: number;
  readonly stages: Readonly<Record<StageName, StagePlan>>;
  /** Steps between two checkpoints. */
  readonly saveEvery: number;
  /** Presets without it are compared with ln V alone. */
  readonly normal?: NormalNumbers;
}

const kModel = { vocab: 6144, textBytes: 60e6, dialogues: 100_000, rowLength: 513, saveEvery: 500 } as const;
const kStages = {
  // 64 and 16 rows an update; more rows at a time would not fit beside the activations on a card of 8 to 16 GB.
  pretrain: { steps: 6000, batch: 4, accum: 16, lr: 6e-4 },
  sft: { steps: 1500, batch: 4, accum: 4, lr: 2e-4 },
} as const;

export const presets: readonly Preset[] = [
  {
    name: 'tiny',
    about: { en: 'about five minutes on two cores', zh: '两个核大约五分钟' },
    model: { D: 128, L: 4, H: 4, G: 2, F: 344, maxLen: 512 },
    vocab: 2048,
    textBytes: 3e6,
    dialogues: 24_000,
    rowLength: 257,
    stages: { pretrain: { steps: 450, batch: 4, accum: 1, lr: 2e-3 }, sft: { steps: 650, batch: 4, accum: 1, lr: 2e-3 } },
    saveEvery: 100,
    normal: { pretrain: [4.5, 2.2, 0.75], sft: 0.6, memoryMb: 1500, speed: 0.1 },
  },
  {
    name: 'small',
    about: { en: 'about half an hour on the tensorflow backend', zh: '用 tensorflow 后端大约半小时' },
    model: { D: 256, L: 6, H: 8, G: 4, F: 688, maxLen: 512 },
    vocab: 4096,
    textBytes: 12e6,
    dialogues: 40_000,
    rowLength: 257,
    // In one piece 16 rows would be 7 % faster and take 5.0 GB instead of 2.9.
    stages: { pretrain: { steps: 1000, batch: 8, accum: 2, lr: 1.5e-3 }, sft: { steps: 500, batch: 8, accum: 2, lr: 8e-4 } },
    saveEvery: 100,
    normal: { pretrain: [0.9, 0.8, 0.75], sft: 0.45, memoryMb: 3500, speed: 0.1 },
  },
  {
    name: 'k-model',
    about: { en: "the course's 82.6M parameters, for a GPU", zh: '课程的 82.6M 参数，需要 GPU' },
    model: { D: 768, L: 12, H: 16, G: 8, F: 2048, maxLen: 512 },
    ...kModel,
    stages: kStages,
  },
  {
    name: 'k-model-215m',
    about: { en: "the course's 215M parameters, for a GPU", zh: '课程的 215M 参数，需要 GPU' },
    model: { D: 1024, L: 18, H: 16, G: 8, F: 2752, maxLen: 512 },
    ...kModel,
    stages: kStages,
  },
];

/** The preset of a name. Throws UsageError for a name that none has. */
export function presetOf(name: string): Preset {
  const preset = presets.find((one) => one.name === name);
  if (preset === undefined)
    throw refused('train: --preset', presets.map((one) => one.name).join(', '), `"${name}"`, { hint: 'ladder train --preset tiny' });
  return preset;
}

/** The model of a preset once the tokenizer says how many tokens there are. */
export function modelConfig({ model }: Preset, V: number): LlamaConfig {
  return { V, ...model, eps: 1e-5, theta: 10_000, style: 'half', tied: true };
}
