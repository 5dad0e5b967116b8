/**
 * The models that are on this machine, one folder each in the per-user cache:
 *   <cache>/models/<name>/<files>, .ladder-model.json            from a package; the record says which, its SHA-256, the licence and the files
 *   <cache>/models/hf-<owner>-<model>-<hash of the name>/<files>, .ladder-model.json       from the Hugging Face Hub, at one commit
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { refused } from '@llm-ladder/backend/errors';
import { cacheRoot } from '@llm-ladder/backend/machine';
import { hubFolder, isHubName, parseHubName } from './hub-name.ts';
import { type KnownModel, knownModels } from './models.ts';

/** What says that a model is here; no model brings a file of this name. */
export const RECORD = '.ladder-model.json';

/** What the record of a model says. */
export interface ModelRecord {
  readonly format: 1;
  /** As it is given to `ladder model add`. */
  readonly name: string;
  /** `pypi: wordllama 0.4.0.post1`, or `hf: owner/model@commit`. */
  readonly source: string;
  /** Of the package; absent for the Hub, whose files have their own. */
  readonly sha256?: string;
  /** Absent when none is stated. */
  readonly licence?: string;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/** The model of that name in the table, or one UsageError with all names. */
export function findModel(name: string): KnownModel {
  const model = knownModels.find((one) => one.name === name);
  if (model !== undefined) return model;
  const names = knownModels.map((one) => one.name).join(', ');
  throw refused('model', { en: 'the name of a model', zh: '模型的名字' }, JSON.stringify(name), {
    hint: { en: `models: ${names}, hf:<owner>/<model>`, zh: `可选：${names}、hf:<所有者>/<模型>` },
  });
}

/** Where a model lies, or would lie. UsageError for a name that no model has. */
export function modelFolder(name: string, cacheDir: string = cacheRoot()): string {
  return join(cacheDir, 'models', isHubName(name) ? hubFolder(parseHubName(name, 'model')) : findModel(name).name);
}

/** What is here of a model; undefined unless it is here whole, from the package that the table names. UsageError for a name that no model has. */
export function modelHere(name: string, cacheDir?: string): ModelRecord | undefined {
  const folder = modelFolder(name, cacheDir);
  const record = readRecord(folder);
  if (record === undefined || (!isHubName(name) && record.sha256 !== findModel(name).package.sha256)) return undefined;
  const whole = record.files.every(({ path, bytes }) => statSync(join(folder, path), { throwIfNoEntry: false })?.size === bytes);
  return whole ? record : undefined;
}

/** All that is here from the Hub. */
export function hubModels(cacheDir: string = cacheRoot()): ModelRecord[] {
  const home = join(cacheDir, 'models');
  const folders = existsSync(home) ? readdirSync(home).filter((name) => name.startsWith('hf-')) : [];
  return folders.sort().flatMap((folder) => readRecord(join(home, folder)) ?? []);
}

/** Bytes of a model on the disk. */
export function modelBytes({ files }: ModelRecord): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What the record says, or undefined for one that is none. */
function readRecord(folder: string): ModelRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(join(folder, RECORD), 'utf8')) as ModelRecord;
    return record.format === 1 &&
      typeof record.name === 'string' &&
      Array.isArray(record.files) &&
      record.files.every(({ path }) => typeof path === 'string')
      ? record
      : undefined;
  } catch {
    return undefined;
  }
}
