/** The folders that Hugging Face made, with what it computes from them (tools/fixtures/formats_folders.py). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { tf } from '@llm-ladder/backend';
import type { ChatMessage } from '@llm-ladder/formats/chat-template';
import { afterAll } from 'vitest';
import { initWeights, type LlamaConfig, type LlamaWeights, llamaForward } from '../src/llama.ts';
import type { LanguageModel } from '../src/model-folder.ts';

export interface FolderGoldens {
  readonly texts: readonly { readonly text: string; readonly ids: number[]; readonly idsWithSpecials: number[] }[];
  readonly ids: number[];
  readonly logits: number[][];
  readonly messages: ChatMessage[];
  readonly chat: number[];
}

export const folderOf = (name: string) => path.resolve(import.meta.dirname, '../../formats/test/fixtures', name);

export const folderGoldens = (name: string) => JSON.parse(fs.readFileSync(`${folderOf(name)}.json`, 'utf8')) as FolderGoldens;

/** A folder of this test file, removed afterwards. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'llm-ladder-formats-'));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Logits [T, V] of one row of ids. */
export function logitsOf(model: Pick<LanguageModel, 'cfg' | 'weights'>, ids: readonly number[]): tf.Tensor2D {
  return tf.tidy(() => llamaForward(tf.tensor2d([[...ids]], undefined, 'int32'), model.weights, model.cfg).squeeze<tf.Tensor2D>([0]));
}

/** Fresh weights with twelve times the usual deviation: attention and positions move the logits by far more than a tolerance. */
export function loudWeights(cfg: LlamaConfig): LlamaWeights {
  return tf.tidy(() => {
    const loud = (node: unknown): unknown => {
      if (node instanceof tf.Tensor) return node.rank === 2 ? node.mul(12) : node.clone();
      if (Array.isArray(node)) return node.map(loud);
      return Object.fromEntries(Object.entries(node as object).map(([key, child]) => [key, loud(child)]));
    };
    return loud(initWeights(cfg, Math.random)) as never;
  });
}
