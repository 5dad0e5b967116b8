/** A LLaMA with all that it takes to talk to it, as a folder that Hugging Face transformers loads, or out of such a folder or a GGUF file. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { openGguf } from '@llm-ladder/formats/gguf';
import { GgufKeys, ggufChat, ggufTokenizer } from '@llm-ladder/formats/gguf-keys';
import { DEFAULT_SAMPLING, generationJson, type Sampling, type TokenIds, tokenizerConfigJson } from '@llm-ladder/formats/hf-config';
import { openFolderWeights, readFolderChat, readFolderJson, readFolderText, writeModelFolder } from '@llm-ladder/formats/hf-folder';
import type { TensorFile } from '@llm-ladder/formats/tensor-file';
import { type BpeParts, readTokenizerJson, tokenizerJson } from '@llm-ladder/formats/tokenizer-json';
import type { Tokenizer } from './bbpe-codec.ts';
import type { LlamaConfig, LlamaWeights } from './llama.ts';
import { configJson, ggufConfig, readConfig } from './llama-config.ts';
import { GGUF, HUGGING_FACE, hfTensors, type Names, readLlama } from './llama-tensors.ts';
import { makeTokenizer } from './make-tokenizer.ts';

/** A model that can be talked to. */
export interface LanguageModel {
  readonly cfg: LlamaConfig;
  /** Float32; the owner of the model disposes of them. */
  readonly weights: LlamaWeights;
  readonly tokenizer: Pick<Tokenizer, 'encode' | 'decode'>;
  /** What StreamDecoder needs of the tokenizer. */
  readonly vocab: ReadonlyMap<string, number>;
  readonly special: readonly string[];
  readonly tokens: TokenIds;
  /** Jinja, as in Hugging Face's tokenizer_config.json; a model that was only pretrained has none. */
  readonly chatTemplate?: string;
  readonly generation: Sampling;
  /** Where it was read from, for messages. */
  readonly source: string;
}

/** What is saved: a model, with its tokenizer as data (the result of trainBpe and the special tokens). */
export type ModelParts = BpeParts & Pick<LanguageModel, 'cfg' | 'weights' | 'tokens' | 'chatTemplate' | 'generation'>;

/** A model that can be talked to and saved again. */
export type LoadedModel = LanguageModel & ModelParts;

/**
 * Writes a model folder, one tensor in memory at a time; what was there stays whole until the new one is. Other files of the folder stay.
 * Throws UsageError for a model whose parts do not fit, a full disk, a folder that cannot be written.
 */
export async function saveModel(folder: string, model: ModelParts): Promise<void> {
  const { cfg, tokens, vocab, special, weights, generation, chatTemplate } = model;
  const absent = special.find((literal) => !vocab.has(literal));
  if (absent !== undefined) throw new UsageError('saveModel', 'special tokens of the vocabulary', JSON.stringify(absent));
  checkIds(vocab, tokens, cfg.V, 'saveModel');
  const files = {
    'config.json': configJson(cfg, tokens),
    'generation_config.json': generationJson(generation, tokens),
    'tokenizer.json': tokenizerJson(model),
    'tokenizer_config.json': tokenizerConfigJson({
      tokens,
      vocab,
      maxLen: cfg.maxLen,
      ...(chatTemplate !== undefined && { chatTemplate }),
    }),
  };
  await writeModelFolder(folder, { files, tensors: hfTensors(weights, cfg) }, 'saveModel');
}

/**
 * A model from a folder (ours or any Hugging Face LLaMA in safetensors, sharded too) or a .gguf file, on the current backend; the caller disposes of its
 * weights. Throws UsageError for what is damaged, and for what our LLaMA or our tokenizer is not, by name.
 */
export async function loadModel(path: string): Promise<LoadedModel> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    throw new UsageError('loadModel', 'a model folder or a .gguf file', `nothing at ${path}`, { hint: 'ladder train makes a folder' });
  return found.isDirectory() ? loadFolder(path) : loadGguf(path);
}

// --- helpers ---

async function loadFolder(folder: string): Promise<LoadedModel> {
  const cfg = readConfig(await readFolderJson(folder, 'config.json'), join(folder, 'config.json'));
  const tokenizerText = await readFolderText(folder, 'tokenizer.json');
  if (tokenizerText === undefined)
    throw new UsageError('loadModel', `${join(folder, 'tokenizer.json')} (the format of fast tokenizers)`, 'no such file');
  const parts = readTokenizerJson(tokenizerText, join(folder, 'tokenizer.json'));
  const chat = await readFolderChat(folder, parts.vocab);
  const file = await openFolderWeights(folder);
  return assemble(file, HUGGING_FACE, parts, { cfg, ...chat, source: folder }).finally(() => file.close());
}

async function loadGguf(path: string): Promise<LoadedModel> {
  const file = await openGguf(path);
  try {
    const keys = new GgufKeys(file.header, path);
    const parts = ggufTokenizer(keys);
    const cfg = ggufConfig(keys, { V: parts.vocab.size, tied: !file.shapes.has('output.weight') });
    const chat = ggufChat(keys, cfg.V);
    return await assemble(file, GGUF, parts, { cfg, ...chat, generation: DEFAULT_SAMPLING, source: path });
  } finally {
    await file.close();
  }
}

type Rest = Pick<LoadedModel, 'cfg' | 'tokens' | 'generation' | 'chatTemplate' | 'source'>;

/** Everything is checked before the weights are read. */
async function assemble(file: TensorFile, names: Names, parts: BpeParts, rest: Rest): Promise<LoadedModel> {
  checkIds(parts.vocab, rest.tokens, rest.cfg.V, rest.source);
  const tokenizer = makeTokenizer(parts);
  return { ...parts, ...rest, tokenizer, weights: await readLlama(file, rest.cfg, names) };
}

function checkIds(vocab: ReadonlyMap<string, number>, { bos, pad, eos }: TokenIds, V: number, source: string): void {
  for (const [token, id] of vocab)
    if (id >= V) throw new UsageError(source, `tokens with ids below V=${V}`, `${JSON.stringify(token)} with ${id}`);
  for (const id of [bos ?? 0, pad, ...eos]) if (id >= V) throw new UsageError(source, `special ids below V=${V}`, `${id}`);
}
