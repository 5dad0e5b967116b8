/**
 * A model as a folder that Hugging Face transformers loads.
 *   model.safetensors (or shards)  config.json  generation_config.json  tokenizer.json  tokenizer_config.json
 *
 * A save is all or nothing, whenever the power goes or the disk is full, and leaves other files of the folder alone:
 *   1. every file is written to .saving/, and flushed;
 *   2. .saving becomes .saved: from now on it is what counts, and every reader here looks there first;
 *   3. the files move up from .saved/ over the old ones, and .saved goes. Whoever comes next does what is left of this step.
 */
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { readSampling, readTemplate, readTokens, type Sampling, type TokenIds } from './hf-config.ts';
import { type Json, parseObject } from './json.ts';
import { type NamedTensor, openSafetensors, writeSafetensors } from './safetensors-file.ts';
import type { TensorFile } from './tensor-file.ts';

/** What a model folder holds: files of JSON by their names, and the weights. */
export interface FolderContent {
  /** Objects are written with indents; a text as it is. */
  readonly files: Readonly<Record<string, Json | string>>;
  readonly tensors: readonly NamedTensor[];
}

const SAVING = '.saving';
const SAVED = '.saved';

/**
 * Writes a model folder, one tensor in memory at a time; what was there stays whole until the new one is. Other files of the folder stay.
 * Throws UsageError that names `where` for a full disk and a folder that cannot be written.
 */
export async function writeModelFolder(folder: string, content: FolderContent, where = 'writeModelFolder'): Promise<void> {
  await withReasons(where, folder, async () => {
    await mkdir(folder, { recursive: true });
    await finishSave(folder);
    const saving = join(folder, SAVING);
    await rm(saving, { recursive: true, force: true });
    await mkdir(saving);
    try {
      await writeAll(saving, content);
    } catch (error) {
      await rm(saving, { recursive: true, force: true }).catch(() => {}); // the error says more than a failed clean-up would
      throw error;
    }
    await rename(saving, join(folder, SAVED));
    await finishSave(folder);
  });
}

/** A text file of a model folder, or undefined when there is none. */
export async function readFolderText(folder: string, name: string): Promise<string | undefined> {
  return readFile(current(folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** A JSON file of a model folder, or `otherwise`. Throws UsageError for what is no object, and without `otherwise` for no file. */
export async function readFolderJson(folder: string, name: string, otherwise?: Json): Promise<Json> {
  const text = await readFolderText(folder, name);
  if (text !== undefined) return parseObject(text, join(folder, name));
  if (otherwise !== undefined) return otherwise;
  throw new UsageError(folder, `a Hugging Face model folder with ${name}`, 'no such file');
}

/** How a model of a folder with this vocabulary is talked to. Throws UsageError for special ids that are none. */
export async function readFolderChat(
  folder: string,
  vocab: ReadonlyMap<string, number>,
): Promise<{ readonly tokens: TokenIds; readonly generation: Sampling; readonly chatTemplate?: string }> {
  const config = await readFolderJson(folder, 'config.json');
  const generation = await readFolderJson(folder, 'generation_config.json', {});
  const tokenizer = await readFolderJson(folder, 'tokenizer_config.json', {});
  const chatTemplate = (await readFolderText(folder, 'chat_template.jinja')) ?? readTemplate(tokenizer);
  return {
    tokens: readTokens({ config, generation, tokenizer }, vocab, folder),
    generation: readSampling(generation),
    ...(chatTemplate !== undefined && { chatTemplate }),
  };
}

/** model.safetensors, or the shards that model.safetensors.index.json lists, as one file; the caller closes it. Throws UsageError for what is missing or damaged. */
export async function openFolderWeights(folder: string): Promise<TensorFile> {
  const single = current(folder, 'model.safetensors');
  if (existsSync(single)) return openSafetensors(single);
  const indexFile = join(folder, 'model.safetensors.index.json');
  if (!existsSync(indexFile)) throw new UsageError(folder, 'a Hugging Face model folder with model.safetensors', 'no such file');
  const { weight_map: map } = await readFolderJson(folder, 'model.safetensors.index.json');
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

async function writeAll(folder: string, { files, tensors }: FolderContent): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`;
    await writeFlushed(join(folder, name), (handle) => handle.writeFile(text));
  }
  await writeFlushed(join(folder, 'model.safetensors'), (handle) => writeSafetensors(handle, tensors));
}

async function writeFlushed(file: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await write(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
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
