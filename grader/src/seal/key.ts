/** The key of sealed suites: an age identity, from the environment or from a file that it names. It is never printed, and never enters a box. */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { inWords } from '../format/words.ts';
import { asWriteError } from '../system/files.ts';

/** An age identity, and by which name a sealed file knows it. */
export interface SealKey {
  readonly identity: string;
  readonly recipient: string;
  /** The beginning of a SHA-256 of the recipient: tells two keys apart and says nothing about either. */
  readonly id: string;
}

let known: Promise<readonly SealKey[] | undefined> | undefined;

/**
 * The keys that this process was given: LADDER_SEAL_KEY holds them, LADDER_SEAL_KEY_FILE names a file that does; a key a line, lines with # are remarks.
 * Undefined when neither is set (a secret that CI keeps from a pull request is an empty variable). UsageError for a file that cannot be read and a text that is no key.
 */
export function givenKeys(): Promise<readonly SealKey[] | undefined> {
  known ??= readKeys();
  return known;
}

async function readKeys(): Promise<readonly SealKey[] | undefined> {
  const { LADDER_SEAL_KEY: text, LADDER_SEAL_KEY_FILE: file } = process.env;
  delete process.env.LADDER_SEAL_KEY; // what is started from here on need not have it
  if (text) return parseKeys(text, 'LADDER_SEAL_KEY');
  return file ? readKeyFile(file) : undefined;
}

/** The keys in a file. UsageError when it cannot be read or holds none. */
export async function readKeyFile(file: string): Promise<readonly SealKey[]> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const got = `${file} (${cause.code ?? cause.message})`;
    throw inWords(new UsageError('LADDER_SEAL_KEY_FILE', 'a file that can be read', got, { cause, hint: 'docs/sealing.md' }), {
      message: `LADDER_SEAL_KEY_FILE：应为可以读取的文件，实为 ${got}`,
    });
  });
  return parseKeys(text, file);
}

async function parseKeys(text: string, where: string): Promise<readonly SealKey[]> {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'));
  try {
    if (identities.length === 0) throw new Error('no line');
    return await Promise.all(identities.map(keyOf));
  } catch {
    // Neither the text nor the parser's words about it: they may hold a part of the key. No cause either.
    throw inWords(
      new UsageError(where, 'a key (AGE-SECRET-KEY-1...)', 'something else', { hint: 'ladder seal makes one; docs/sealing.md' }),
      {
        message: `${where}：应为密钥（AGE-SECRET-KEY-1……），实为其他内容`,
        hint: 'ladder seal 会生成密钥；见 docs/sealing.md',
      },
    );
  }
}

async function keyOf(identity: string): Promise<SealKey> {
  const { identityToRecipient } = await import('age-encryption');
  const recipient = await identityToRecipient(identity);
  return { identity, recipient, id: createHash('sha256').update(recipient).digest('hex').slice(0, 12) };
}

/** Where `ladder seal` looks for a key, and puts a new one: outside every repository. */
export function keyFile(): string {
  const { LADDER_SEAL_KEY_FILE, XDG_CONFIG_HOME, APPDATA } = process.env;
  if (LADDER_SEAL_KEY_FILE) return path.resolve(LADDER_SEAL_KEY_FILE);
  const base = process.platform === 'win32' ? APPDATA : XDG_CONFIG_HOME;
  return path.join(base || path.join(homedir(), '.config'), 'llm-ladder', 'seal.key');
}

/** Writes a new key to a file that is not there yet, for its owner's eyes. GraderError when it cannot be written. */
export async function makeKey(file: string): Promise<SealKey> {
  const { generateX25519Identity } = await import('age-encryption');
  const identity = await generateX25519Identity();
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `# The key of sealed suites (ladder seal). Whoever has it can read them.\n${identity}\n`, {
      flag: 'wx',
      mode: 0o600,
    });
    await chmod(file, 0o600); // whatever the umask says
  } catch (error) {
    throw asWriteError(file, error);
  }
  return keyOf(identity);
}
