/** A run as what others read: the parts of its model, and a folder on which PyTorch trains it further. */
import { CHATML } from '@llm-ladder/formats/chat-template';
import { exportTorch } from '@llm-ladder/formats/export-torch';
import { type ModelParts, saveModel } from '../model-folder.ts';
import { SAMPLING } from './answers.ts';
import type { LearningData } from './learning-data.ts';
import { BOS, EOS, SPECIAL, TURN_END } from './rows.ts';
import type { Run } from './start-run.ts';

/** The model as it stands, with its tokenizer. */
export function modelPartsOf({ training: { cfg, weights }, data, info }: Run): ModelParts {
  const chats = info.steps.sft > 0;
  return {
    cfg,
    weights,
    vocab: data.vocab,
    merges: data.merges,
    special: SPECIAL,
    tokens: { bos: BOS, pad: EOS, eos: chats ? [TURN_END, EOS] : [EOS] },
    ...(chats && { chatTemplate: CHATML }),
    generation: SAMPLING,
  };
}

/** Writes the folder for torchrun: the model as it stands, and the texts of pretraining. Returns how many texts. Throws UsageError as exportTorch does. */
export function exportRun(run: Run, folder: string): Promise<number> {
  const model = modelPartsOf(run);
  return exportTorch(folder, { tokens: model.tokens, save: (to) => saveModel(to, model) }, textsOf(run.data));
}

/** The texts in the rows of pretraining, each from its start token to its end token; the cut one at the end of a block of rows is left out. */
export function* textsOf({ rows, tokenizer }: Pick<LearningData, 'rows' | 'tokenizer'>): Generator<string> {
  let text: number[] | undefined;
  for (const id of rows.pretrain.ids) {
    if (id === BOS) text = [];
    else if (id !== EOS) text?.push(id);
    else if (text !== undefined) {
      yield tokenizer.decode(text);
      text = undefined;
    }
  }
}
