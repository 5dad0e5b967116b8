/**
 * A model on its way through the stages of a run: one `update` at a time, and at any moment the whole state as one tree for `save`.
 *
 * What the next update depends on: weights, the means and the count of AdamW, stage and step, the order of the rows and the place in it, the dice. A run that is
 * restored from its state gives the same weights as one that never stopped, bit for bit, on the same backend with as many threads.
 */
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { Dice } from '@llm-ladder/data/corpus/phrases';
import { AdamState, inGroups, trainStep } from '../accum-clip.ts';
import type { Saved } from '../checkpoint.ts';
import { initWeights, type LlamaConfig, type LlamaWeights } from '../llama.ts';
import { lrAt } from '../lr-cosine.ts';
import { languageLoss, type RowNumbers } from './language-loss.ts';
import type { StageName, StagePlan } from './presets.ts';
import { type Rows, rowCount } from './rows.ts';

/** One stage with its rows. */
export interface Stage extends StagePlan {
  readonly name: StageName;
  readonly rows: Rows;
}

/** What one update did. */
export interface Update {
  /** Counted from 1 through all stages. */
  readonly step: number;
  readonly stage: StageName;
  /** Counted from 1 in this stage. */
  readonly stageStep: number;
  readonly loss: number;
  readonly lr: number;
  /** Length of the gradient before it was clipped. */
  readonly norm: number;
  /** Tokens that went through the model. */
  readonly tokens: number;
}

const ADAMW = { clip: 1, wd: 0.1, betas: [0.9, 0.95], eps: 1e-8 } as const;

/** The part of the state that is plain data. */
interface Cursor {
  stage: number;
  /** Updates taken in this stage. */
  stageStep: number;
  /** Rows in the order of this epoch. */
  order: Int32Array;
  /** Groups of this epoch that are done. */
  group: number;
}

export class Training {
  readonly cfg: LlamaConfig;
  readonly weights: LlamaWeights;
  readonly #stages: readonly Stage[];
  #adam: AdamState;
  #dice: Dice;
  #cursor: Cursor;

  private constructor(cfg: LlamaConfig, stages: readonly Stage[], weights: LlamaWeights, dice: Dice, cursor: Cursor) {
    this.cfg = cfg;
    this.#stages = stages;
    this.weights = asVariables(weights);
    this.#adam = new AdamState(this.weights);
    this.#dice = dice;
    this.#cursor = cursor;
  }

  /** A model that has learned nothing yet. */
  static fresh(cfg: LlamaConfig, stages: readonly Stage[], seed: number): Training {
    const dice = new Dice(seed);
    const weights = initWeights(cfg, () => dice.next());
    return new Training(cfg, stages, weights, dice, { stage: 0, stageStep: 0, order: new Int32Array(0), group: 0 });
  }

  /** The model as it was when `state()` was taken. Throws UsageError for the state of a model of another shape. Takes over the tensors of `saved`. */
  static restored(cfg: LlamaConfig, stages: readonly Stage[], saved: Saved): Training {
    const { cfg: theirs, weights, adam, dice, cursor } = saved as unknown as TrainingState;
    const [wanted, got] = [JSON.stringify(cfg), JSON.stringify(theirs)];
    if (wanted !== got) throw new UsageError('train --resume', `a checkpoint of the shape ${wanted}`, `${got ?? 'none'}`);
    const training = new Training(cfg, stages, weights, new Dice(dice), { ...cursor });
    training.#adam.step = adam.step;
    for (const name of ['m', 'v'] as const) {
      for (const [i, mean] of training.#adam[name].entries()) mean.assign(adam[name][i] as tf.Tensor);
      tf.dispose([...adam[name]]);
    }
    return training;
  }

  /** Updates taken in all stages. */
  get step(): number {
    const before = this.#stages.slice(0, this.#cursor.stage).reduce((sum, { steps }) => sum + steps, 0);
    return before + this.#cursor.stageStep;
  }

  /** The stage of the next update; undefined when all are done. */
  get stage(): Stage | undefined {
    return this.#stages[this.#cursor.stage];
  }

  /** One update. */
  async update(): Promise<Update> {
    const stage = this.stage;
    if (stage === undefined) throw new UsageError('Training.update', 'a stage that is not done', 'the end of the last');
    const group = this.#nextGroup(stage);
    const cursor = this.#cursor;
    cursor.stageStep += 1;
    const [step, stageStep] = [this.step, cursor.stageStep];
    const { steps: total, lr: base } = stage;
    const lr = lrAt(stageStep, { base, min: base / 10, warmup: Math.ceil(total / 10), total });

    const [report] = trainStep([group], this.weights, this.#adam, { ...ADAMW, lr }, (w, batch) =>
      languageLoss(w, this.cfg, stage.rows, batch),
    );
    const { loss, norm } = report!;
    const [[lossValue], [normValue]] = [await loss.data(), await norm.data()];
    tf.dispose([loss, norm]);
    if (stageStep === total) this.#nextStage();
    const tokens = group.reduce((sum, { length }) => sum + length * (stage.rows.len - 1), 0);
    return { step, stage: stage.name, stageStep, loss: lossValue!, lr, norm: normValue!, tokens };
  }

  /** Everything that the next update depends on. The tensors stay this object's. */
  state(): Saved {
    const { step, m, v } = this.#adam;
    const state: TrainingState = {
      cfg: this.cfg,
      weights: this.weights,
      adam: { step, m, v },
      dice: this.#dice.state,
      cursor: { ...this.#cursor },
    };
    return state as unknown as Saved;
  }

  dispose(): void {
    this.#adam.dispose();
    tf.dispose(this.weights as unknown as tf.TensorContainer);
  }

  /** The micro-batches of the next update. An epoch goes through all rows in a new order; its last group holds what is left. */
  #nextGroup({ rows, batch, accum }: Stage): RowNumbers[] {
    const cursor = this.#cursor;
    const groupsOf = (order: Int32Array) => {
      const numbers = [...order];
      const batches = Array.from({ length: Math.ceil(numbers.length / batch) }, (_, i) => numbers.slice(i * batch, (i + 1) * batch));
      return inGroups(batches, accum);
    };
    const group = groupsOf(cursor.order)[cursor.group++];
    if (group !== undefined) return group;
    cursor.order = Int32Array.from({ length: rowCount(rows) }, (_, n) => n);
    for (let n = cursor.order.length - 1; n > 0; n--) {
      const other = this.#dice.below(n + 1);
      [cursor.order[n], cursor.order[other]] = [cursor.order[other]!, cursor.order[n]!];
    }
    cursor.group = 1;
    return groupsOf(cursor.order)[0]!;
  }

  #nextStage(): void {
    this.#cursor = { stage: this.#cursor.stage + 1, stageStep: 0, order: new Int32Array(0), group: 0 };
    this.#adam.dispose();
    this.#adam = new AdamState(this.weights); // a new task: its gradients have nothing to do with those before
  }
}

interface TrainingState {
  readonly cfg: LlamaConfig;
  readonly weights: LlamaWeights;
  readonly adam: { readonly step: number; readonly m: readonly tf.Tensor[]; readonly v: readonly tf.Tensor[] };
  readonly dice: number;
  readonly cursor: Cursor;
}

// --- helpers ---

/** The same tree with a variable for each tensor, whose place it takes. */
function asVariables<Tree>(tree: Tree): Tree {
  if (tree instanceof tf.Tensor) {
    const variable = tf.variable(tree);
    tree.dispose();
    return variable as Tree;
  }
  if (Array.isArray(tree)) return tree.map(asVariables) as Tree;
  return Object.fromEntries(Object.entries(tree as object).map(([name, child]) => [name, asVariables(child)])) as Tree;
}
