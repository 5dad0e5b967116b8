/**
 * Reads a submission's folder as text, and nothing else of it: its sources and data. Tests, configuration of any tool, dot files and installed packages are left
 * out, so a submission cannot bring its own; links that lead out, special files and sizes beyond reason are refused by name.
 */
import { constants } from 'node:fs';
import { lstat, open, readdir, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { inWords, type Words } from '../format/words.ts';

export const stageCaps = { fileBytes: 512 * 1024, totalBytes: 2 * 2 ** 20, files: 64, entries: 2000, depth: 4 } as const;

export interface StageOptions {
  /** The folder must lie below this one, after links are followed. */
  readonly within?: string;
  /** This file must be there. */
  readonly entry?: string;
}

/** The sources that a program is made of: relative path with forward slashes -> text. Throws UsageError, naming the file. */
export function readSubmission(folder: string, options: StageOptions = {}): Promise<Record<string, string>> {
  return readTree(folder, isSource, options);
}

/** The visible tests of the folder. Throws UsageError, naming the file. */
export function readVisibleTests(folder: string, options: StageOptions = {}): Promise<Record<string, string>> {
  return readTree(folder, isTest, options);
}

async function readTree(
  folder: string,
  wanted: (path: string) => boolean,
  { within, entry }: StageOptions,
): Promise<Record<string, string>> {
  const root = await rootOf(folder, within);
  const files: Record<string, string> = {};
  let total = 0;
  for (const path of await list(root, '', 0, { wanted, seen: 0 })) {
    const shown = join(folder, ...path.split('/'));
    const text = await readText(root, path, shown);
    total += text.length;
    if (Object.keys(files).length >= stageCaps.files) throw refused(folder, atMost(stageCaps.files, FILES), MORE);
    if (total > stageCaps.totalBytes) throw refused(folder, atMost(stageCaps.totalBytes, { en: 'bytes of sources', zh: '字节源码' }), MORE);
    files[path] = text;
  }
  if (entry !== undefined && !(entry in files)) {
    throw refused(join(folder, entry), A_FILE, NONE, {
      en: `the exercise is written in ${entry}; ladder reset brings the stub back`,
      zh: `本题写在 ${entry} 里；ladder reset 可恢复初始文件`,
    });
  }
  return files;
}

async function rootOf(folder: string, within: string | undefined): Promise<string> {
  const missing = {
    en: 'ladder list shows the exercises and their folders; ladder reset brings a stub back',
    zh: 'ladder list 可列出练习；ladder reset 可恢复初始文件',
  };
  let root: string;
  try {
    root = await realpath(folder);
    if (!(await lstat(root)).isDirectory()) throw refused(folder, A_FOLDER, A_FILE);
  } catch (error) {
    throw usage(error, folder, A_FOLDER, missing);
  }
  if (within !== undefined && !isInside(await realpath(within), root))
    throw refused(folder, { en: `a folder inside ${within}`, zh: `${within} 里的目录` }, linkTo(root));
  return root;
}

async function list(root: string, below: string, depth: number, walk: Walk): Promise<string[]> {
  const found: string[] = [];
  let entries: Awaited<ReturnType<typeof listFolder>>;
  try {
    entries = await listFolder(join(root, below));
  } catch (error) {
    throw usage(error, join(root, below), { en: 'a folder that can be read', zh: '可读的目录' });
  }
  walk.seen += entries.length;
  if (walk.seen > stageCaps.entries) throw refused(root, atMost(stageCaps.entries, ENTRIES), MORE);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    // A folder called attention.ts is named, not walked.
    if (entry.isDirectory() && !walk.wanted(path)) {
      if (depth + 1 < stageCaps.depth) found.push(...(await list(root, path, depth + 1, walk)));
    } else if (walk.wanted(path)) found.push(named(root, path));
    if (found.length > stageCaps.files) throw refused(root, atMost(stageCaps.files, FILES), MORE);
  }
  return found;
}

interface Walk {
  readonly wanted: (path: string) => boolean;
  /** Entries of every folder so far, wanted or not: a tree of empty folders is a lot of work too. */
  seen: number;
}

/** Names are shown in messages: one that could repaint a terminal or forge a line of a report is refused. */
function named(root: string, path: string): string {
  const shown = path.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '?');
  if (shown === path) return path;
  throw refused(
    join(root, shown),
    { en: 'a file name of visible characters', zh: '只含可见字符的文件名' },
    { en: JSON.stringify(shown), zh: JSON.stringify(shown) },
  );
}

function listFolder(folder: string) {
  return readdir(folder, { withFileTypes: true });
}

async function readText(root: string, path: string, shown: string): Promise<string> {
  const real = await realpath(join(root, path)).catch((error: unknown) => {
    throw usage(error, shown, A_FILE);
  });
  if (!isInside(root, real)) throw refused(shown, { en: 'a file of this folder', zh: '本目录里的文件' }, linkTo(real));
  // Asked before it is opened (a pipe would wait for a writer), and again of what was opened (the file may have been exchanged).
  refuseSpecial(await lstat(real).catch((error: unknown) => Promise.reject(usage(error, shown, A_FILE))), shown);
  const noFollow = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await open(real, constants.O_RDONLY | noFollow).catch((error: unknown) => {
    throw usage(error, shown, { en: 'a file that can be read', zh: '可读的文件' });
  });
  try {
    const stats = await file.stat();
    refuseSpecial(stats, shown);
    const most = atMost(stageCaps.fileBytes, { en: 'bytes', zh: '字节' });
    if (stats.size > stageCaps.fileBytes) throw refused(shown, most, { en: String(stats.size), zh: String(stats.size) });
    const bytes = Buffer.alloc(stageCaps.fileBytes + 1);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    if (bytesRead > stageCaps.fileBytes) throw refused(shown, most, MORE);
    return decode(bytes.subarray(0, bytesRead), shown);
  } finally {
    await file.close();
  }
}

function refuseSpecial(stats: { isFile(): boolean; isDirectory(): boolean }, shown: string): void {
  if (!stats.isFile()) throw refused(shown, A_FILE, stats.isDirectory() ? A_FOLDER : { en: 'a special file', zh: '特殊文件' });
}

function decode(bytes: Uint8Array, shown: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refused(
      shown,
      { en: 'text in UTF-8', zh: 'UTF-8 文本' },
      { en: 'bytes that are not', zh: '其他编码的字节' },
      { en: "save the file with your editor's encoding set to UTF-8", zh: '请在编辑器里把文件编码设为 UTF-8 再保存' },
    );
  }
}

function isTest(path: string): boolean {
  return /\.(test|spec)\.ts$/.test(path);
}

function isSource(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (isTest(path) || /\.d\.ts$/.test(name) || /(^|\.)(config|setup|workspace)\.(ts|json)$/.test(name)) return false;
  if (name.endsWith('.ts')) return true;
  return name.endsWith('.json') && !/^(package|package-lock|tsconfig.*|jsconfig|biome|deno|turbo)\.json$/.test(name);
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

const A_FILE: Words = { en: 'a file', zh: '文件' };
const A_FOLDER: Words = { en: 'a folder', zh: '目录' };
const FILES: Words = { en: 'files', zh: '个文件' };
const ENTRIES: Words = { en: 'files and folders', zh: '个文件和目录' };
const MORE: Words = { en: 'more', zh: '更多' };
const NONE: Words = { en: 'none', zh: '没有' };
const UNREADABLE: Words = { en: 'no permission to read it', zh: '没有读取权限' };
const CAUSES: Readonly<Record<string, Words>> = {
  ENOENT: NONE,
  ENOTDIR: A_FILE,
  EACCES: UNREADABLE,
  EPERM: UNREADABLE,
  ELOOP: { en: 'a link to itself', zh: '指向自身的链接' },
  ENAMETOOLONG: { en: 'a name that is too long', zh: '过长的名字' },
  EISDIR: { en: 'a folder', zh: '目录' },
  ENXIO: { en: 'a special file', zh: '特殊文件' },
};

function usage(error: unknown, where: string, expected: Words, hint?: Words): Error {
  if (!(error instanceof Error) || error instanceof UsageError) return error as Error;
  const { code = error.message } = error as NodeJS.ErrnoException;
  // Too many open files, a disk that fails: nothing that a submission can be blamed for.
  const got = CAUSES[code];
  return got === undefined ? error : refused(where, expected, got, hint);
}

function refused(where: string, expected: Words, got: Words, hint?: Words): UsageError {
  const message = `${where}：应为${expected.zh}，实为${got.zh}`;
  return inWords(new UsageError(where, expected.en, got.en, { hint: hint?.en }), { message, hint: hint?.zh });
}

function atMost(count: number, what: Words): Words {
  return { en: `at most ${count} ${what.en}`, zh: `最多 ${count} ${what.zh}` };
}

function linkTo(target: string): Words {
  return { en: `a link to ${target}`, zh: `指向 ${target} 的链接` };
}
