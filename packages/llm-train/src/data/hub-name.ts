/** `hf:<owner>/<dataset>[@<revision>][:<path>]`: the name of a set from the Hugging Face Hub. */
import { createHash } from 'node:crypto';
import { refused, type Words } from '../words.ts';

export interface HubName {
  /** As it is given to `data add`, `data remove` and `--data`. */
  readonly name: string;
  /** `owner/dataset`. */
  readonly dataset: string;
  /** A branch, a tag or a commit; without it, the dataset's own main branch. */
  readonly revision?: string;
  /** A file or a folder of the dataset, or a subset that its card names. */
  readonly path?: string;
}

const FORM = /^hf:(?<dataset>\w[\w.-]{0,95}\/\w[\w.-]{0,95})(?:@(?<revision>\w[\w./-]{0,199}))?(?::(?<path>\P{Cc}{1,500}))?$/u;
const RULE: Words = {
  en: 'hf:<owner>/<dataset>, then maybe @<revision> and :<path>',
  zh: ' hf:<所有者>/<数据集>，后面可加 @<版本> 和 :<路径>',
};

export function isHubName(name: string): boolean {
  return name.startsWith('hf:');
}

/** The parts of such a name. UsageError for another form, and for a path that leads out of the dataset. */
export function parseHubName(name: string): HubName {
  const { dataset, revision, path } = FORM.exec(name.replace(/\/+$/, ''))?.groups ?? {};
  if (dataset === undefined || path?.split('/').some((part) => ['', '.', '..'].includes(part))) {
    const example = 'hf:roneneldan/TinyStories:TinyStories-valid.txt';
    throw refused('data', RULE, JSON.stringify(name), { hint: { en: `such as ${example}`, zh: `例如 ${example}` } });
  }
  const asked = `hf:${dataset}${revision === undefined ? '' : `@${revision}`}${path === undefined ? '' : `:${path}`}`;
  return { name: asked, dataset, ...(revision !== undefined && { revision }), ...(path !== undefined && { path }) };
}

/** The name of its folder in the cache: readable, short, and another one for every other set. */
export function hubFolder({ name, dataset }: HubName): string {
  return `hf-${dataset.replace('/', '-')}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/** The name as one word of a shell's line. */
export function asWord(name: string): string {
  return /^[\w@:./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
