/**
 * A whole run, from texts to a model that answers: tokenizer, pretraining, SFT, a model folder.
 *
 * Papers: Radford et al. 2019 (GPT-2), section 2 (pretraining on text); Ouyang et al. 2022, section 3 (then on answers to instructions).
 * It may be stopped after any update; what it leaves behind is enough to go on as if it had not been.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { UsageError } from '@llm-ladder/backend/errors';
import { saveModel } from '../model-folder.ts';
import { answer, continuation } from './answers.ts';
import { Card, type CardLine, NAMES } from './card.ts';
import { EventFile } from './event-file.ts';
import { modelPartsOf } from './export-run.ts';
import { CSV_HEADER, csvLine, type LossPoint, readCsv, smoothed, svgCurve, terminalCurve } from './loss-curve.ts';
import { productSpeed } from './product-speed.ts';
import { duration, type Screen, short } from './screen.ts';
import type { Run, Say } from './start-run.ts';
import type { Update } from './training.ts';

/** What to do when the run has been asked to stop: it looks after each update. */
export interface Stop {
  requested: boolean;
}

/** How a run ended. */
export type Ending = 'finished' | 'above the card' | 'stopped' | 'diverged';

/** Trains to the end or until `stop` says so. Throws UsageError when the disk is full; the checkpoints before stay. */
export async function train(run: Run, screen: Screen, say: Say, stop: Stop): Promise<Ending> {
  try {
    const card = new Card({ V: run.training.cfg.V, normal: normalOf(run), steps: run.info.steps });
    const ending = await learn(run, card, screen, say, stop);
    return ending ?? (await finish(run, card, screen, say));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    const got = `a full disk at step ${run.training.step}; the checkpoints that were there are whole`;
    throw new UsageError('train', `room in ${run.folder.path}`, got, { hint: 'make room, then: ladder train --resume', cause: error });
  }
}

/** All updates that are left; undefined when none is. */
async function learn(run: Run, card: Card, screen: Screen, say: Say, stop: Stop): Promise<Ending | undefined> {
  const { training, folder, info } = run;
  const points = keptPoints(run);
  const rewritten = points.map(csvLine).join('');
  await folder.writeText('loss.csv', `${CSV_HEADER}${rewritten}`);
  replay(card, points);
  const events = new EventFile(folder.path, training.step);
  const total = info.steps.pretrain + (run.data.rows.sft.ids.length > 0 ? info.steps.sft : 0);
  const pace = new Pace();
  try {
    while (training.stage !== undefined) {
      const update = await training.update();
      const point = { ...update, tokensPerSecond: pace.add(update.tokens) };
      if (!Number.isFinite(update.loss)) {
        screen.line(diverged(update, say));
        return 'diverged';
      }
      points.push(point);
      appendFileSync(folder.file('loss.csv'), csvLine(point));
      events.add(update.step, { loss: update.loss, learning_rate: update.lr, tokens_per_second: point.tokensPerSecond });
      const means = meansOf(points, update.stage);
      const remark = card.check(update.stage, update.stageStep, { first: points[0]!.loss, mean: means })?.remark;
      if (remark) screen.line(`! ${say(remark)}`);
      const left = duration((total - update.step) * pace.secondsPerUpdate);
      const numbers = `${say({ en: 'loss', zh: '损失' })} ${means.toFixed(2)}  ${say({ en: 'lr', zh: '学习率' })} ${update.lr.toExponential(1)}  ${short(pace.tokensPerSecond)} ${say({ en: 'tokens/s', zh: '词元/秒' })}`;
      screen.progress(
        say(NAMES[update.stage]),
        update.stageStep / info.steps[update.stage],
        `${numbers}  ${say({ en: `${left} left`, zh: `还要 ${left}` })}`,
      );

      await setImmediate(); // lets a Ctrl-C in
      const done = training.stage === undefined;
      if (update.step % info.preset.saveEvery === 0 || done || stop.requested) await folder.writeCheckpoint(update.step, training.state());
      if (stop.requested && !done) {
        screen.line(
          say({
            en: `Stopped after step ${update.step} of ${total}; all is saved.`,
            zh: `在第 ${update.step} 步（共 ${total} 步）后停下，全部已保存。`,
          }),
        );
        screen.line(say({ en: 'To go on: ladder train --resume', zh: '继续：ladder train --resume' }));
        return 'stopped';
      }
    }
  } finally {
    events.close();
  }
  return undefined;
}

/** The model folder, the curve, the card, a few answers, the next step. */
async function finish(run: Run, card: Card, screen: Screen, say: Say): Promise<Ending> {
  const { folder, info, data, training } = run;
  const { cfg, weights } = training;
  const points = keptPoints(run);
  await saveModel(folder.file('model'), modelPartsOf(run));
  await folder.writeText('loss.svg', svgCurve(points, `${info.preset.name}, ${info.parameters.toLocaleString('en')} parameters: loss`));
  card.memory(process.resourceUsage().maxRSS / 1024);
  const tokensPerSecond = median(points.map((point) => point.tokensPerSecond));
  card.speed(tokensPerSecond, tokensPerSecond / (await bestTokensPerSecond(run)));
  await folder.writeInfo({ ...info, finished: new Date().toISOString(), card: card.lines });

  screen.line('');
  screen.line(
    terminalCurve(
      smoothed(
        points.map(({ loss }) => loss),
        5,
      ),
    ),
  );
  screen.line('');
  for (const line of card.lines) screen.line(cardLine(line, say));
  screen.line('');
  for (const question of info.steps.sft > 0 ? QUESTIONS : []) {
    screen.line(`> ${question}`);
    screen.line(await answer({ weights, cfg, tokenizer: data.tokenizer }, question, info.seed));
  }
  for (const start of info.steps.sft > 0 ? [] : STARTS) {
    screen.line(await continuation({ weights, cfg, tokenizer: data.tokenizer }, start, info.seed));
  }
  screen.line('');
  screen.line(say({ en: `Model: ${folder.file('model')}`, zh: `模型：${folder.file('model')}` }));
  screen.line(say({ en: 'Next: ladder chat', zh: '下一步：ladder chat' }));
  return card.lines.some(({ ok, isLoss }) => isLoss && !ok) ? 'above the card' : 'finished';
}

const QUESTIONS = ['What colour is a banana?', '晴天的天空是什么颜色？', 'Tell me a story.'] as const;
const STARTS = ['One day', '有一天'] as const;

// --- helpers ---

/** The card holds for our own corpus and all steps. */
function normalOf({ info }: Run) {
  const whole = info.steps.pretrain === info.preset.stages.pretrain.steps;
  return info.data === 'own' && whole ? info.preset.normal : undefined;
}

/** As if training were nothing but matrix products: 6 operations for each parameter and token, forward and backward (Kaplan et al. 2020, section 2.1). */
async function bestTokensPerSecond({ info, training: { cfg } }: Run): Promise<number> {
  const { stages, rowLength } = info.preset;
  return (await productSpeed({ N: stages.pretrain.batch * (rowLength - 1), D: cfg.D, F: cfg.F })) / (6 * info.parameters);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

/** The points of the steps that this run has behind it; those that it will take again are dropped. */
function keptPoints({ folder, training }: Run): LossPoint[] {
  const file = folder.file('loss.csv');
  return existsSync(file) ? readCsv(readFileSync(file, 'utf8'), training.step) : [];
}

/** The lines of the card that were reached before the run was stopped. */
function replay(card: Card, points: readonly LossPoint[]): void {
  for (const [at, { stage }] of points.entries()) {
    const before = points.slice(0, at + 1).filter((point) => point.stage === stage);
    card.check(stage, before.length, { first: points[0]!.loss, mean: meansOf(before, stage) });
  }
}

/** Mean loss of the last 20 updates of a stage. */
function meansOf(points: readonly LossPoint[], stage: Update['stage']): number {
  const last = points.slice(-20).filter((point) => point.stage === stage);
  return last.reduce((sum, { loss }) => sum + loss, 0) / last.length;
}

function diverged({ step, lr }: Update, say: Say): string {
  return say({
    en: `The loss is not a number at step ${step} (learning rate ${lr.toExponential(1)}). Nothing of this step is saved; the checkpoint before it is whole.`,
    zh: `第 ${step} 步的损失不是数（学习率 ${lr.toExponential(1)}）。这一步没有保存，之前的检查点完好。`,
  });
}

function cardLine({ what, normal, value, ok }: CardLine, say: Say): string {
  const [name, expected] = [say(what), say(normal)];
  return `${ok ? '✓' : '✗'} ${name}: ${value} (${say({ en: 'normal', zh: '正常' })}: ${expected})`;
}

/** How fast it goes: a mean in which the last 20 or so updates count. The first one warms up, and is forgotten with the second. */
class Pace {
  #last = performance.now();
  #updates = 0;
  #seconds = 0;
  #tokens = 0;
  #weight = 0;

  /** Tokens per second of this update. */
  add(tokens: number): number {
    const now = performance.now();
    const seconds = (now - this.#last) / 1000;
    this.#last = now;
    const keep = this.#updates++ === 1 ? 0 : 0.95;
    [this.#seconds, this.#tokens, this.#weight] = [keep * this.#seconds + seconds, keep * this.#tokens + tokens, keep * this.#weight + 1];
    return tokens / seconds;
  }

  get tokensPerSecond(): number {
    return this.#tokens / this.#seconds;
  }

  get secondsPerUpdate(): number {
    return this.#seconds / this.#weight;
  }
}
