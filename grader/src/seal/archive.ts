/**
 * A sealed file: an armored age file, which also the `age` program opens. Inside is gzipped MessagePack, path -> bytes. What may be known without the key (how many
 * tests an exercise has, and their points) stands in the header as a stanza of its own: readers of age pass over it, and the header's MAC covers it.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { GraderError, UsageError } from '@llm-ladder/backend/errors';
import { decode, encode } from '@msgpack/msgpack';
import type { Stanza } from 'age-encryption';
import { z } from 'zod';
import { inWords } from '../format/words.ts';
import type { SealKey } from './key.ts';

const INDEX = 'llm-ladder/index';

const pointsSchema = z.array(z.number().min(0));
const indexSchema = z.strictObject({
  format: z.literal(1),
  /** Which key it was sealed with: SealKey.id. */
  key: z.string(),
  /** Folder of an exercise, such as 01-sdpa -> the points of each test and threshold, in the order of the suite. */
  exercises: z.record(z.string(), z.strictObject({ tests: pointsSchema, performance: pointsSchema })),
});
const contentsSchema = z.record(z.string(), z.instanceof(Uint8Array));

/** What a sealed file says without its key. */
export type SealedIndex = z.infer<typeof indexSchema>;

export interface Archive {
  readonly index: SealedIndex;
  /** Path below `course/`, with `/` -> bytes. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The text of a sealed file. */
export async function sealArchive(exercises: SealedIndex['exercises'], files: Archive['files'], key: SealKey): Promise<string> {
  const age = await import('age-encryption');
  const index: SealedIndex = { format: 1, key: key.id, exercises };
  const encrypter = new age.Encrypter();
  encrypter.addRecipient({ wrapFileKey: () => [new age.Stanza([INDEX], new TextEncoder().encode(JSON.stringify(index)))] });
  encrypter.addRecipient(key.recipient);
  const contents = encode(Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1))));
  return `${age.armor.encode(await encrypter.encrypt(await promisify(gzip)(contents))).trim()}\n`;
}

/** What a sealed file says without its key. GraderError when it is damaged. */
export async function readIndex(text: string, file: string): Promise<SealedIndex> {
  const age = await import('age-encryption');
  let stanzas: readonly Stanza[] = [];
  const decrypter = new age.Decrypter();
  decrypter.addIdentity({
    unwrapFileKey: (all: Stanza[]) => {
      stanzas = all;
      return null;
    },
  });
  // It ends in "no identity matched", after the stanzas were read.
  await decoded(text, file).then((bytes) => decrypter.decryptHeader(bytes).catch(() => {}));
  const body = stanzas.find(({ args }) => args[0] === INDEX)?.body;
  try {
    return indexSchema.parse(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    throw damaged(file);
  }
}

/** Everything in a sealed file. UsageError for another key than its own, GraderError when it is damaged. */
export async function openArchive(text: string, file: string, keys: readonly SealKey[]): Promise<Archive> {
  const age = await import('age-encryption');
  const index = await readIndex(text, file);
  const key = keys.find(({ id }) => id === index.key);
  if (key === undefined) throw wrongKey(file, index.key, keys);
  try {
    const decrypter = new age.Decrypter();
    decrypter.addIdentity(key.identity);
    const contents = await promisify(gunzip)(await decrypter.decrypt(await decoded(text, file)));
    return { index, files: new Map(Object.entries(contentsSchema.parse(decode(contents)))) };
  } catch {
    throw damaged(file); // no cause: it may quote what was inside
  }
}

async function decoded(text: string, file: string): Promise<Uint8Array> {
  const { armor } = await import('age-encryption');
  try {
    return armor.decode(text);
  } catch {
    throw damaged(file);
  }
}

function damaged(file: string): GraderError {
  const message = `${file}: expected a sealed file as ladder seal wrote it, got one that is damaged`;
  return inWords(new GraderError('sealed', message, { hint: `git checkout -- ${file}` }), {
    message: `${file}：密封文件已损坏`,
  });
}

function wrongKey(file: string, wanted: string, keys: readonly SealKey[]): UsageError {
  const got = keys.map(({ id }) => id).join(', ');
  const hint = 'LADDER_SEAL_KEY and LADDER_SEAL_KEY_FILE may hold several keys, one a line';
  return inWords(new UsageError(file, `the key ${wanted}, which sealed it`, `the key ${got}`, { hint }), {
    message: `${file}：应为密封时所用的密钥 ${wanted}，实为 ${got}`,
    hint: 'LADDER_SEAL_KEY 与 LADDER_SEAL_KEY_FILE 可以有多个密钥，每行一个',
  });
}
