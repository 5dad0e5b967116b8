/** `ladder train`: reads the words of the command, runs, and says how to go on. */
import { join, resolve } from 'node:path';
import { refused } from '@llm-ladder/backend/errors';
import { readCorpus, skippedLines } from '@llm-ladder/data/read-corpus';
import type { CommandContext, Part } from '@llm-ladder/grader/course';
import { exportRun } from '../run/export-run.ts';
import type { Corpus } from '../run/learning-data.ts';
import { firstDifference, parityChecks } from '../run/parity.ts';
import { presetOf } from '../run/presets.ts';
import { Screen } from '../run/screen.ts';
import { type Run, startRun, type TrainRequest } from '../run/start-run.ts';
import { type Stop, train } from '../run/train.ts';

/** Exit code: 0 finished, 1 stopped, not good enough, or a part of the learner's that differs. */
export async function trainCommand(options: Readonly<Record<string, unknown>>, context: CommandContext): Promise<0 | 1> {
  const screen = new Screen(process.stdout);
  const { say, parts } = context;
  const request = requestOf(options, context, screen);
  if (parts !== undefined && !(await partsHold(parts, screen, context))) return 1;
  const run = await startRun(request, screen, say); // until here nothing is to be lost: a Ctrl-C ends it, as everywhere
  if (typeof options.exportTorch === 'string') return exportFor(run, resolve(options.exportTorch), screen, say);
  if (run.info.finished !== undefined) {
    screen.line(say({ en: 'This run is finished. Next: ladder chat', zh: '这次训练已经完成。下一步：ladder chat' }));
    return 0;
  }
  const count = run.info.parameters.toLocaleString('en');
  screen.line(say({ en: `Model: ${run.info.preset.name}, ${count} parameters.`, zh: `模型：${run.info.preset.name}，${count} 个参数。` }));
  screen.line(say({ en: `Run: ${run.folder.path}`, zh: `目录：${run.folder.path}` }));
  const stop = stopOnSignals(screen, say);
  try {
    return (await train(run, screen, say, stop)) === 'finished' ? 0 : 1;
  } finally {
    stop.release();
    run.training.dispose();
  }
}

function requestOf(
  options: Readonly<Record<string, unknown>>,
  { root, backend, parts, say }: CommandContext,
  screen: Screen,
): TrainRequest {
  const { preset, seed, steps, out, data, sft, resume } = options as {
    preset: string;
    seed: string;
    steps?: string;
    out?: string;
    data?: readonly string[];
    sft: boolean;
    resume?: string | true;
  };
  return {
    root,
    backend,
    preset: presetOf(preset),
    seed: whole('--seed', seed, 0),
    sft,
    ...(steps !== undefined && { steps: whole('--steps', steps, 1) }),
    ...(out !== undefined && { out }),
    ...(data !== undefined && { data: { files: data, corpus: corpusOf(data, screen, say) } }),
    ...(resume !== undefined && { resume: resume === true ? '' : resume }),
    ...(parts !== undefined && { parts }),
  };
}

// --- helpers ---

/** Instead of training here: a folder for torchrun. */
async function exportFor(run: Run, folder: string, screen: Screen, say: CommandContext['say']): Promise<0> {
  const texts = await exportRun(run, folder);
  run.training.dispose();
  const step = run.training.step;
  screen.line(
    say({
      en: `Written: ${folder}, with the model after ${step} steps and ${texts} texts.\nNext, there: torchrun --nproc_per_node 2 train.py`,
      zh: `已写入 ${folder}：训练 ${step} 步后的模型和 ${texts} 篇文本。\n下一步，在该目录里：torchrun --nproc_per_node 2 train.py`,
    }),
  );
  screen.line(say({ en: `Then: ladder chat ${join(folder, 'out')}`, zh: `然后：ladder chat ${join(folder, 'out')}` }));
  return 0;
}

/** The texts that --data names; what had to be skipped is said. */
function corpusOf(words: readonly string[], screen: Screen, say: CommandContext['say']): Corpus {
  const corpus = readCorpus(words);
  for (const skipped of skippedLines(corpus)) screen.line(say(skipped));
  return corpus;
}

function whole(option: string, word: string, least: number): number {
  const number = Number(word);
  if (word.trim() === '' || !Number.isInteger(number) || number < least || number >= 2 ** 31)
    throw refused(`train: ${option}`, { en: `a whole number from ${least}`, zh: `${least} 或以上的整数` }, `"${word}"`, {
      hint: 'ladder train --help',
    });
  return number;
}

/** Compares each of the learner's parts with the reference on small random inputs; says which differs. */
async function partsHold(parts: readonly Part[], screen: Screen, { say, reference }: CommandContext): Promise<boolean> {
  const { useBackend } = await import('@llm-ladder/backend');
  await useBackend('cpu'); // the second opinion: small, exact, and it needs no start
  const mine = new Set(parts.filter(({ whose }) => whose === 'learner').map(({ exercise }) => exercise));
  const wrong: string[] = [];
  for (const { exercise, specifier, used, results } of parityChecks) {
    if (!mine.has(exercise)) continue;
    const found = firstDifference(await used(), (await reference(specifier)) as object, results);
    if (found !== undefined) wrong.push(`${exercise}: ${found}`);
  }
  for (const line of wrong) {
    screen.line(
      say({
        en: `✗ Your ${line}. It differs from the reference, so nothing is trained.`,
        zh: `✗ 你的 ${line}。与参考实现不同，所以没有开始训练。`,
      }),
    );
  }
  return wrong.length === 0;
}

/** The first Ctrl-C asks the run to stop after its step; the second one ends the process at once. */
function stopOnSignals(screen: Screen, say: CommandContext['say']): Stop & { release(): void } {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const stop = {
    requested: false,
    release: () => {
      for (const signal of signals) process.off(signal, ask);
    },
  };
  function ask(): void {
    if (stop.requested) process.exit(130); // both were pressed during one step
    stop.requested = true;
    setImmediate(stop.release); // from now on the system ends the process, also in the middle of a step
    screen.line(
      say({ en: 'Stopping after this step ... (Ctrl-C again leaves at once)', zh: '这一步之后停下……（再按一次 Ctrl-C 立即退出）' }),
    );
  }
  for (const signal of signals) process.on(signal, ask);
  return stop;
}
