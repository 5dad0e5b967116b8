/** `--data <files, folders or sets...>`: looks every file through once, says what cannot be used, and gives texts and conversations without holding the files. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { refused, type UsageError, type Words } from '@llm-ladder/backend/errors';
import type { Dialogue } from './corpus/dialogues.ts';
import { asWord, isHubName } from './hub-name.ts';
import { dataSets } from './sets.ts';
import { hubRecord, isHere, setFiles } from './store.ts';
import { type CorpusFile, partsOf, survey } from './survey.ts';

/** Texts and conversations, read from disk again at each pass, so that a corpus may be larger than memory. */
export interface CorpusSource {
  /** One entry for each file, in the order in which they are read. */
  readonly files: readonly CorpusFile[];
  /** How many of them all files have together. */
  readonly texts: number;
  readonly dialogues: number;
  /** Bytes of all files on disk. */
  readonly bytes: number;
  /** Documents for pretraining and for the tokenizer: paragraphs of .txt (blank lines part them), `{"text": ...}` of .jsonl. Each call is a new pass. */
  readonly eachText: () => Iterable<string>;
  /** Conversations for SFT: `{"messages": [{"role", "content"}]}` and `{"conversations": [{"from", "value"}]}` of .jsonl. Each call is a new pass. */
  readonly eachDialogue: () => Iterable<Dialogue>;
}

/**
 * The corpus behind the words of `--data`: paths of .txt and .jsonl files, folders of them, and names of sets. Bad lines are counted in `files`.
 * UsageError for a path that is not there, a set that was not added, a binary file, another encoding than UTF-8, and when nothing is left to read.
 */
export function readCorpus(words: readonly string[], { cacheDir }: { readonly cacheDir?: string } = {}): CorpusSource {
  const files = words.flatMap((word) => pathsOf(word, cacheDir)).map((path) => survey(path));
  const total = (count: (file: CorpusFile) => number): number => files.reduce((sum, file) => sum + count(file), 0);
  const [texts, dialogues] = [total((file) => file.texts), total((file) => file.dialogues)];
  if (texts + dialogues === 0) {
    const bad = files.find((file) => file.firstSkipped !== undefined);
    const skipped = total((file) => file.skipped);
    const why: Words = {
      en: bad === undefined ? 'none' : `none: ${skipped} lines skipped, the first in ${bad.path}, ${bad.firstSkipped?.en}`,
      zh: bad === undefined ? '没有' : `没有：跳过 ${skipped} 行，第一处在 ${bad.path} ${bad.firstSkipped?.zh}`,
    };
    throw refused('--data', { en: 'at least one text or conversation', zh: '至少一篇文本或一段对话' }, why);
  }
  return {
    files,
    texts,
    dialogues,
    bytes: total((file) => file.bytes),
    *eachText() {
      for (const file of files) if (file.texts > 0) for (const part of partsOf(file.path)) if ('text' in part) yield part.text;
    },
    *eachDialogue() {
      for (const file of files) if (file.dialogues > 0) for (const part of partsOf(file.path)) if ('dialogue' in part) yield part.dialogue;
    },
  };
}

/** A line for each file of which something was skipped. */
export function skippedLines({ files }: CorpusSource): Words[] {
  return files.flatMap(({ path, skipped, firstSkipped }) => {
    if (firstSkipped === undefined) return [];
    return [
      { en: `${path}: ${skipped} skipped; the first: ${firstSkipped.en}`, zh: `${path}：跳过 ${skipped} 行；第一处：${firstSkipped.zh}` },
    ];
  });
}

// --- which files ---

function pathsOf(word: string, cacheDir: string | undefined): string[] {
  if (isHubName(word)) {
    if (hubRecord(word, cacheDir) !== undefined) return setFiles(word, cacheDir);
    throw notHere(word);
  }
  const set = dataSets.find((one) => one.name === word);
  if (set !== undefined) {
    if (isHere(set, cacheDir)) return setFiles(word, cacheDir);
    throw notHere(word);
  }
  if (!existsSync(word)) {
    const names = dataSets.map(({ name }) => name).join(', ');
    const hint = { en: `or one of the sets: ${names}`, zh: `也可以是这些数据之一：${names}` };
    throw refused(
      `--data ${word}`,
      { en: 'a file, a folder or a set', zh: '文件、目录或数据名' },
      { en: 'nothing of that name', zh: '没有这个名字' },
      { hint },
    );
  }
  const stats = statSync(word);
  if (stats.isFile()) return [word];
  if (!stats.isDirectory())
    throw refused(`--data ${word}`, { en: 'a file or a folder', zh: '文件或目录' }, { en: 'a special file', zh: '特殊文件' });
  const found = readdirSync(word, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(txt|jsonl)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (found.length === 0)
    throw refused(
      `--data ${word}`,
      { en: 'a folder with .txt or .jsonl files', zh: '含 .txt 或 .jsonl 文件的目录' },
      { en: 'none of them', zh: '一个也没有' },
    );
  return found;
}

function notHere(name: string): UsageError {
  return refused(
    `--data ${name}`,
    { en: 'a set that is here', zh: '本机已有的数据' },
    { en: 'one that is not', zh: '本机没有的数据' },
    { hint: `ladder data add ${asWord(name)}` },
  );
}
