/**
 * A model as a folder that Hugging Face transformers loads, and such a folder, or a GGUF file, as a model of ours.
 *   model.safetensors  config.json  generation_config.json  tokenizer.json  tokenizer_config.json
 *
 * A save is all or nothing, whenever the power goes or the disk is full, and leaves other files of the folder alone:
 *   1. every file is written to .saving/, and flushed;
 *   2. .saving becomes .saved: from now on it is what counts, and loadModel looks there first;
 *   3. the files move up from .saved/ over the old ones, and .saved goes. Whoever comes next does what is left of this step.
 */
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { ggufModel, openGguf } from './gguf.ts';
import * as hf from './hf-config.ts';
import type { LanguageModel } from './language-model.ts';
import { GGUF, HUGGING_FACE, hfTensors, type Names, readLlama } from './llama-tensors.ts';
import { openSafetensors, writeSafetensors } from './safetensors.ts';
import type { TensorFile } from './tensor-file.ts';
import { readTokenizerJson, tokenizerJson } from './tokenizer-json.ts';
import { makeTokenizer, type TokenizerParts } from './tokenizer-parts.ts';

/** What is saved: a model, with its tokenizer as data (the result of trainBpe and the special tokens). */
export type ModelParts = TokenizerParts & Pick<LanguageModel, 'cfg' | 'weights' | 'tokens' | 'chatTemplate' | 'generation'>;

/** A model that can be talked to and saved again. */
export type LoadedModel = LanguageModel & ModelParts;

const SAVING = '.saving';
const SAVED = '.saved';

/**
 * Writes a model folder, one tensor in memory at a time; what was there stays whole until the new one is. Other files of the folder stay.
 * Throws UsageError for a model whose parts do not fit, a full disk, a folder that cannot be written.
 */
export async function saveModel(folder: string, model: ModelParts): Promise<void> {
  checkParts(model);
  await withReasons('saveModel', folder, async () => {
    await mkdir(folder, { recursive: true });
    await finishSave(folder);
    const saving = join(folder, SAVING);
    await rm(saving, { recursive: true, force: true });
    await mkdir(saving);
    try {
      await writeAll(saving, model);
    } catch (error) {
      await rm(saving, { recursive: true, force: true }).catch(() => {}); // the error says more than a failed clean-up would
      throw error;
    }
    await rename(saving, join(folder, SAVED));
    await finishSave(folder);
  });
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

/** Runs `write`; faults of the machine that a user can mend become words. */
export async function withReasons<T>(where: string, folder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)) {
      const hint = 'free some space; what was there before is whole';
      throw new UsageError(where, `room for the model in ${folder}`, `a full disk (${code})`, { hint, cause });
    }
    if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code))
      throw new UsageError(where, `a folder that can be written at ${folder}`, code, { cause });
    throw cause;
  }
}

// --- helpers ---

async function loadFolder(folder: string): Promise<LoadedModel> {
  const config = await readJson(folder, 'config.json');
  const cfg = hf.readConfig(config, join(folder, 'config.json'));
  const tokenizerText = await readText(folder, 'tokenizer.json');
  if (tokenizerText === undefined)
    throw new UsageError('loadModel', `${join(folder, 'tokenizer.json')} (the format of fast tokenizers)`, 'no such file');
  const parts = readTokenizerJson(tokenizerText, join(folder, 'tokenizer.json'));
  const generation = await readJson(folder, 'generation_config.json', {});
  const tokenizer = await readJson(folder, 'tokenizer_config.json', {});
  const chatTemplate = (await readText(folder, 'chat_template.jinja')) ?? hf.readTemplate(tokenizer);
  const tokens = hf.readTokens({ config, generation, tokenizer }, parts.vocab, folder);
  const file = await openWeights(folder);
  return assemble(file, HUGGING_FACE, parts, {
    cfg,
    tokens,
    generation: hf.readSampling(generation),
    ...(chatTemplate !== undefined && { chatTemplate }),
    source: folder,
  }).finally(() => file.close());
}

async function loadGguf(path: string): Promise<LoadedModel> {
  const file = await openGguf(path);
  try {
    const { cfg, tokenizer, bos, pad, eos, chatTemplate } = ggufModel(file.header, path);
    hf.checkHeads(cfg, path);
    return await assemble(file, GGUF, tokenizer, {
      cfg,
      tokens: { ...(bos !== undefined && { bos }), pad: pad ?? eos[0] ?? 0, eos },
      generation: hf.DEFAULT_SAMPLING,
      ...(chatTemplate !== undefined && { chatTemplate }),
      source: path,
    });
  } finally {
    await file.close();
  }
}

type Rest = Pick<LoadedModel, 'cfg' | 'tokens' | 'generation' | 'chatTemplate' | 'source'>;

/** Everything is checked before the weights are read. */
async function assemble(file: TensorFile, names: Names, parts: TokenizerParts, rest: Rest): Promise<LoadedModel> {
  checkIds(parts.vocab, rest.tokens, rest.cfg.V, rest.source);
  const tokenizer = makeTokenizer(parts);
  return { ...parts, ...rest, tokenizer, weights: await readLlama(file, rest.cfg, names) };
}

/** model.safetensors, or the shards that model.safetensors.index.json lists, as one. */
async function openWeights(folder: string): Promise<TensorFile> {
  const single = current(folder, 'model.safetensors');
  if (existsSync(single)) return openSafetensors(single);
  const indexFile = join(folder, 'model.safetensors.index.json');
  if (!existsSync(indexFile)) throw new UsageError('loadModel', `model.safetensors in ${folder}`, 'no such file');
  const { weight_map: map } = await readJson(folder, 'model.safetensors.index.json');
  const names = [...new Set(Object.values((map ?? {}) as object))];
  const odd = names.find((name) => typeof name !== 'string' || !/^[\w.-]+\.safetensors$/.test(name));
  if (odd !== undefined) throw new UsageError(indexFile, 'names of .safetensors files of this folder', JSON.stringify(odd));

  const shards: TensorFile[] = [];
  const close = async () => void (await Promise.all(shards.map((shard) => shard.close())));
  try {
    for (const name of names as string[]) {
      const file = join(folder, name);
      if (!existsSync(file)) throw new UsageError(indexFile, `${file}, which it lists`, 'no such file');
      shards.push(await openSafetensors(file));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const shardOf = new Map(shards.flatMap((shard) => [...shard.shapes.keys()].map((name) => [name, shard] as const)));
  const shapes = new Map(shards.flatMap((shard) => [...shard.shapes]));
  return { source: folder, shapes, read: (name) => shardOf.get(name)!.read(name), close };
}

function checkParts({ vocab, special, tokens, cfg }: ModelParts): void {
  const absent = special.find((literal) => !vocab.has(literal));
  if (absent !== undefined) throw new UsageError('saveModel', 'special tokens of the vocabulary', JSON.stringify(absent));
  checkIds(vocab, tokens, cfg.V, 'saveModel');
}

function checkIds(vocab: ReadonlyMap<string, number>, { bos, pad, eos }: LanguageModel['tokens'], V: number, source: string): void {
  for (const [token, id] of vocab)
    if (id >= V) throw new UsageError(source, `tokens with ids below V=${V}`, `${JSON.stringify(token)} with ${id}`);
  for (const id of [bos ?? 0, pad, ...eos]) if (id >= V) throw new UsageError(source, `special ids below V=${V}`, `${id}`);
}

async function writeAll(folder: string, model: ModelParts): Promise<void> {
  const texts: Record<string, string> = {
    'config.json': pretty(hf.configJson(model.cfg, model.tokens)),
    'generation_config.json': pretty(hf.generationJson(model.generation, model.tokens)),
    'tokenizer.json': tokenizerJson(model),
    'tokenizer_config.json': pretty(hf.tokenizerConfigJson(model)),
  };
  for (const [name, text] of Object.entries(texts)) await writeFlushed(join(folder, name), (handle) => handle.writeFile(text));
  await writeFlushed(join(folder, 'model.safetensors'), (handle) => writeSafetensors(handle, hfTensors(model.weights, model.cfg)));
}

async function writeFlushed(file: string, write: (handle: Awaited<ReturnType<typeof open>>) => Promise<void>): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await write(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function pretty(json: hf.Json): string {
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** Moves a completed save to its place. */
async function finishSave(folder: string): Promise<void> {
  const saved = join(folder, SAVED);
  if (!existsSync(saved)) return;
  for (const name of await readdir(saved)) await rename(join(saved, name), join(folder, name));
  await rmdir(saved);
}

/** Where the file that counts lies. */
function current(folder: string, name: string): string {
  const saved = join(folder, SAVED, name);
  return existsSync(saved) ? saved : join(folder, name);
}

async function readText(folder: string, name: string): Promise<string | undefined> {
  return readFile(current(folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function readJson(folder: string, name: string, otherwise?: hf.Json): Promise<hf.Json> {
  const text = await readText(folder, name);
  if (text === undefined && otherwise !== undefined) return otherwise;
  if (text === undefined)
    throw new UsageError('loadModel', `a Hugging Face model folder with ${name}`, `none in ${folder}`, { hint: 'ladder train makes one' });
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as hf.Json;
  } catch {}
  throw new UsageError(join(folder, name), 'a JSON object', JSON.stringify(text.slice(0, 40)));
}
