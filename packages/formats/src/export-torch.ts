/**
 * A folder on which PyTorch trains a model further, on many GPUs or machines.
 *   model/  the model as a Hugging Face folder    train.jsonl  {"text": ...} a line    train.py  over Hugging Face's Trainer    deepspeed.json
 * `torchrun --nproc_per_node 2 train.py` writes out/, a folder of the same form as model/.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { UsageError } from '@llm-ladder/backend/errors';
import type { TokenIds } from './hf-config.ts';
import { withReasons } from './hf-folder.ts';
import { DEEPSPEED_JSON, TRAIN_PY } from './torch-script.ts';

/** A causal language model that can be saved. */
export interface SavableModel {
  readonly tokens: Pick<TokenIds, 'eos'>;
  /** Writes the model as a Hugging Face folder. */
  readonly save: (folder: string) => Promise<void>;
}

/** Writes the folder; texts are taken one at a time and never held together. Returns their number. Throws UsageError for no texts, and as `save`. */
export async function exportTorch(folder: string, model: SavableModel, texts: Iterable<string> | AsyncIterable<string>): Promise<number> {
  if (model.tokens.eos.length === 0) throw new UsageError('exportTorch', 'a model with an end token, which parts the texts', 'none');
  return withReasons('exportTorch', folder, async () => {
    await mkdir(folder, { recursive: true });
    const count = await writeTexts(join(folder, 'train.jsonl'), texts);
    await writeFile(join(folder, 'train.py'), TRAIN_PY);
    await writeFile(join(folder, 'deepspeed.json'), `${JSON.stringify(DEEPSPEED_JSON, null, 2)}\n`);
    await model.save(join(folder, 'model'));
    return count;
  });
}

/** Written beside and then renamed: a half-written list of texts would train without a word. */
async function writeTexts(file: string, texts: Iterable<string> | AsyncIterable<string>): Promise<number> {
  const out = createWriteStream(`${file}.new`);
  const done = finished(out);
  done.catch(() => {}); // it is awaited below, or by the failed write
  let count = 0;
  for await (const text of texts) {
    count++;
    if (!out.write(`${JSON.stringify({ text: text.toWellFormed() })}\n`)) await Promise.race([once(out, 'drain'), done]);
  }
  out.end();
  await done;
  if (count === 0) throw new UsageError('exportTorch', 'at least one text', 'none');
  await rename(`${file}.new`, file);
  return count;
}
