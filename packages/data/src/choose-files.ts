/** Which files of a dataset are taken: those of one subset, of its train split, in one format. The dataset card says which are which; without it, names do. */

import { refused, type Words } from '@llm-ladder/backend/errors';
import type { HubFile } from './hub-client.ts';
import type { HubDataset } from './hub-dataset.ts';
import { asWord, type HubName } from './hub-name.ts';
import { FORMATS, type Format } from './hub-rows.ts';
import { matchesGlob } from './matches-glob.ts';
import { printableLine } from './printable.ts';

/** A subset of a dataset card: its splits, each with the patterns of its files. */
interface Subset {
  readonly name: string;
  readonly main: boolean;
  readonly splits: readonly { readonly split: string; readonly patterns: readonly string[] }[];
}

/** Files that stand beside the data of many datasets and are no data. */
const BESIDE =
  /(^|\/)(\.[^/]*(\/.*)?|(dataset_infos?|config|metadata|package|state)\.json|(read_?me|licen[cs]e|notice|requirements|citation)[^/]*\.txt)$/i;
const TRAIN = /(^|[^a-z])train(ing)?([^a-z]|$)/i;
const HELD_OUT = /(^|[^a-z])(test(ing)?|eval(uation)?|valid(ation)?|val|dev)([^a-z]|$)/i;
const READABLE: Words = {
  en: FORMATS.map((format) => `.${format}`).join(', '),
  zh: ` ${FORMATS.map((format) => `.${format}`).join('、')} 文件`,
};

/** The format that a file's name tells, or undefined. */
export function formatOf(path: string): Format | undefined {
  return FORMATS.find((format) => path.toLowerCase().endsWith(`.${format}`));
}

/** The file that was asked for. UsageError when it has no format that can be read. */
export function onlyFile({ asked }: HubDataset, file: HubFile): HubFile[] {
  if (formatOf(file.path) === undefined) throw unreadable(asked, [file]);
  return [file];
}

/**
 * The files to take out of all those of a dataset, or of the folder that was asked for.
 * UsageError when there are several subsets and none is the main one, when nothing can be read, and when all of it is held out for tests.
 */
export function chooseFiles({ asked, configs }: HubDataset, all: readonly HubFile[], folder = ''): HubFile[] {
  const data = all.filter(({ path, size }) => size > 0 && !BESIDE.test(path));
  const subset = folder === '' ? subsetOf(asked, subsetsOf(configs)) : undefined;
  const inSplit = subset === undefined ? trainByName(data, folder) : trainByCard(data, subset);
  const readable = inSplit.filter(({ path }) => formatOf(path) !== undefined);
  const format = FORMATS.find((one) => readable.some(({ path }) => formatOf(path) === one));
  if (format !== undefined) return readable.filter(({ path }) => formatOf(path) === format);
  const heldOut = data.find(({ path }) => formatOf(path) !== undefined && HELD_OUT.test(path));
  if (inSplit.length > 0 || heldOut === undefined) throw unreadable(asked, inSplit);
  throw refused(
    `data add ${asked.name}`,
    { en: 'a train split', zh: '训练集（train）' },
    { en: `only others, such as ${printableLine(heldOut.path)}`, zh: `只有其他部分，例如 ${printableLine(heldOut.path)}` },
    { hint: `ladder data add ${asWord(`${withoutPath(asked)}:${printableLine(heldOut.path)}`)}` },
  );
}

/** True when the card has a subset of the name that stands in the place of a path. */
export function isSubset({ asked, configs }: HubDataset): boolean {
  return subsetsOf(configs).some(({ name }) => name === asked.path);
}

// --- by the card ---

function subsetOf(asked: HubName, subsets: readonly Subset[]): Subset | undefined {
  const named = subsets.find(({ name }) => name === asked.path);
  const main = named ?? subsets.find((one) => one.main) ?? subsets.find(({ name }) => name === 'default');
  if (main !== undefined || subsets.length < 2) return main ?? subsets[0];
  const names = subsets.map(({ name }) => printableLine(name));
  const shown = `${names.slice(0, 8).join(', ')}${names.length > 8 ? ', ...' : ''}`;
  throw refused(
    `data add ${asked.name}`,
    { en: 'one subset', zh: '一个子集' },
    { en: `${names.length}: ${shown}`, zh: ` ${names.length} 个：${shown}` },
    { hint: `ladder data add ${asWord(`${withoutPath(asked)}:${names[0]}`)}` },
  );
}

function trainByCard(files: readonly HubFile[], { splits }: Subset): HubFile[] {
  const train = splits.find(({ split }) => split === 'train') ?? splits.find(({ split }) => TRAIN.test(split));
  const taken = train === undefined ? splits.filter(({ split }) => !HELD_OUT.test(split)) : [train];
  const patterns = taken.flatMap((one) => one.patterns);
  return files.filter(({ path }) => patterns.some((pattern) => matchesGlob(pattern, path)));
}

/** The subsets of a card that say which files they have; the card is anybody's, so only what has the right form counts. */
function subsetsOf(configs: unknown): Subset[] {
  if (!Array.isArray(configs)) return [];
  return configs.flatMap((config: Record<string, unknown> | null) => {
    const { config_name: name, data_files: files, data_dir: folder, default: main } = config ?? {};
    const below = typeof folder === 'string' ? `${folder.replace(/^\.?\/|\/+$/g, '')}/` : '';
    const lists = Array.isArray(files) && files.every((one) => typeof one === 'object') ? files : [{ split: 'train', path: files ?? '**' }];
    if (files === undefined && below === '') return [];
    const splits = lists.map((one: { split?: unknown; path?: unknown } | null) => ({
      split: String(one?.split ?? 'train'),
      patterns: [one?.path].flat().flatMap((path) => (typeof path === 'string' ? [below + wholeFolder(path.replace(/^\.?\//, ''))] : [])),
    }));
    return typeof name === 'string' ? [{ name, main: main === true, splits }] : [];
  });
}

function wholeFolder(pattern: string): string {
  return pattern.endsWith('/') ? `${pattern}**` : pattern;
}

// --- by names ---

/** What is not held out; of that, what is called train if anything is. Words of the folder that was asked for do not count. */
function trainByName(files: readonly HubFile[], folder: string): HubFile[] {
  const inside = ({ path }: HubFile) => path.slice(folder.length);
  const train = files.filter((file) => TRAIN.test(inside(file)));
  return train.length > 0 ? train : files.filter((file) => !HELD_OUT.test(inside(file)));
}

// --- what cannot be taken ---

function unreadable(asked: HubName, files: readonly HubFile[]): Error {
  const kinds = [...new Set(files.map(({ path }) => /\.\w+$/.exec(path)?.[0] ?? printableLine(path)))].slice(0, 5).join(', ');
  const hint: Words = {
    en: `the Hub keeps many datasets as Parquet, too: ladder data add hf:${asked.repo}@refs/convert/parquet`,
    zh: `Hub 也把很多数据集存成 Parquet：ladder data add hf:${asked.repo}@refs/convert/parquet`,
  };
  const got = kinds === '' ? { en: 'none', zh: '没有' } : kinds;
  return refused(`data add ${asked.name}`, READABLE, got, { hint });
}

function withoutPath({ repo, revision }: HubName): string {
  return `hf:${repo}${revision === undefined ? '' : `@${revision}`}`;
}
