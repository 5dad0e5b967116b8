/** `ladder chat [<folder or gguf>]`: talks to a model, in a terminal or line by line. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tf, useBackend } from '@llm-ladder/backend';
import { refused, type Words } from '@llm-ladder/backend/errors';
import { Dice } from '@llm-ladder/data/corpus/phrases';
import type { CommandContext } from '@llm-ladder/grader/course';
import type { AnswerOptions } from '../chat/answer.ts';
import { FastDecoder } from '../chat/fast-decoder.ts';
import { ExerciseDecoder } from '../chat/row-decoder.ts';
import { answerLines, type Talk, talkInTerminal } from '../chat/talk.ts';
import type { LanguageModel } from '../model-folder.ts';
import { loadModel } from '../model-folder.ts';

type Args = readonly (string | readonly string[] | undefined)[];
type Options = Readonly<Record<string, unknown>>;
type Streams = Pick<Talk, 'input' | 'output' | 'notices'>;

/** Returns 0 when the conversation has ended. Throws UsageError for options out of range and for a model that cannot be read. */
export async function chatCommand(args: Args, options: Options, context: CommandContext): Promise<0> {
  const sampling = samplingOf(options);
  const seed = numberOf(options, 'seed', { en: 'a whole number from 0', zh: '0 或以上的整数' }, isCount) ?? Date.now() % 2 ** 31;
  const path = modelPath(args[0] as string | undefined, options.model as string | undefined, context);
  await useBackend(context.backend);
  const model = await loadModel(path);
  if (model.chatTemplate === undefined)
    throw refused(
      'chat',
      { en: 'a model with a chat template', zh: '带对话模板的模型' },
      { en: `${model.source}, which was only pretrained`, zh: ` ${model.source}，它只做过预训练` },
      { hint: 'ladder train --preset tiny' },
    );

  const dice = new Dice(seed);
  const decoder = decoderOf(model, context);
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const streams: Streams = { input: process.stdin, output: process.stdout, notices: process.stderr };
  const talk: Talk = { model, options: { ...sampling, rng: () => dice.next(), decoder }, say: context.say, ...streams };
  try {
    if (terminal) {
      process.stdout.write(greeting(path, context));
      await talkInTerminal(talk);
    } else await answerLines(talk);
  } finally {
    decoder.dispose();
    if (context.parts !== undefined) tf.dispose(model.weights as unknown as tf.TensorContainer);
  }
  return 0;
}

// --- helpers ---

/** With --mine the functions of the exercise, so that the learner's talk; else the fast way, which holds weights of its own. */
function decoderOf({ weights, cfg }: LanguageModel, { parts }: CommandContext) {
  if (parts !== undefined) return new ExerciseDecoder(weights, cfg);
  const fast = new FastDecoder(weights, cfg);
  tf.dispose(weights as unknown as tf.TensorContainer);
  return fast;
}

function greeting(path: string, { parts, say }: CommandContext): string {
  const mine = parts?.filter(({ whose }) => whose === 'learner').map(({ exercise }) => exercise) ?? [];
  const whose = mine.length === 0 ? { en: '', zh: '' } : { en: `Your code: ${mine.join(', ')}\n`, zh: `你的代码：${mine.join('、')}\n` };
  return say({
    en: `${path}\n${whose.en}Ctrl-C stops an answer, Ctrl-D leaves.\n\n`,
    zh: `${path}\n${whose.zh}Ctrl-C 停止回答，Ctrl-D 退出。\n\n`,
  });
}

/** The model that is named, in one way only; else that of the last run. A run's folder will do, as it holds a model. */
function modelPath(positional: string | undefined, option: string | undefined, context: CommandContext): string {
  if (positional !== undefined && option !== undefined && positional !== option)
    throw refused(
      'chat',
      { en: 'one model', zh: '一个模型' },
      { en: `${positional} and --model ${option}`, zh: ` ${positional} 和 --model ${option}` },
      { hint: `ladder chat ${positional}` },
    );
  const named = positional ?? option;
  const path = named === undefined ? lastRun(context) : resolve(named);
  const inside = join(path, 'model');
  return !existsSync(join(path, 'config.json')) && existsSync(join(inside, 'config.json')) ? inside : path;
}

function lastRun(context: CommandContext): string {
  const runs = join(context.root, '.ladder', 'runs');
  try {
    const path = resolve(runs, readFileSync(join(runs, 'last'), 'utf8').trim());
    if (existsSync(path)) return path;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  throw refused(
    'chat',
    { en: 'a model, or a finished run', zh: '一个模型，或一次完成的训练' },
    { en: 'neither', zh: '两者都没有' },
    {
      hint: {
        en: 'ladder train --preset tiny, or ladder chat <folder or .gguf>',
        zh: 'ladder train --preset tiny，或 ladder chat <目录或 .gguf>',
      },
    },
  );
}

const isCount = (n: number) => Number.isSafeInteger(n) && n >= 0;

function samplingOf(options: Options): Omit<AnswerOptions, 'rng' | 'decoder'> {
  const temp = numberOf(options, 'temp', { en: 'a number from 0', zh: '0 或以上的数' }, (n) => n >= 0 && Number.isFinite(n));
  const topK = numberOf(options, 'topK', { en: 'a whole number from 0', zh: '0 或以上的整数' }, isCount);
  const topP = numberOf(options, 'topP', { en: 'a number above 0 and up to 1', zh: '大于 0、不超过 1 的数' }, (n) => n > 0 && n <= 1);
  const maxNew = numberOf(options, 'maxNew', { en: 'a whole number from 1', zh: '1 或以上的整数' }, (n) => isCount(n) && n >= 1);
  const given = Object.entries({ temp, topK, topP, maxNew }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

function numberOf(
  options: Options,
  name: 'temp' | 'topK' | 'topP' | 'maxNew' | 'seed',
  rule: Words,
  fits: (n: number) => boolean,
): number | undefined {
  const word = options[name] as string | undefined;
  if (word === undefined) return undefined;
  const value = word.trim() === '' ? Number.NaN : Number(word);
  if (fits(value)) return value;
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw refused(`chat: ${flag}`, rule, `"${word}"`, { hint: 'ladder chat --help' });
}
