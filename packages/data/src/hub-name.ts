/** `hf:<owner>/<repository>[@<revision>][:<path>]`: the name of what comes from the Hugging Face Hub. */
import { createHash } from 'node:crypto';
import { refused, type Words } from '@llm-ladder/backend/errors';

export interface HubName {
  /** As it is given to a command. */
  readonly name: string;
  /** `owner/repository`. */
  readonly repo: string;
  /** A branch, a tag or a commit; without it, its own main branch. */
  readonly revision?: string;
  /** A file or a folder of the repository, or a subset that the card of a dataset names. */
  readonly path?: string;
}

const FORM = /^hf:(?<repo>\w[\w.-]{0,95}\/\w[\w.-]{0,95})(?:@(?<revision>\w[\w./-]{0,199}))?(?::(?<path>\P{Cc}{1,500}))?$/u;
const KINDS = {
  dataset: { where: 'data', en: '<dataset>', zh: '<数据集>', example: 'hf:roneneldan/TinyStories:TinyStories-valid.txt' },
  model: { where: 'model', en: '<model>', zh: '<模型>', example: 'hf:sentence-transformers/all-MiniLM-L6-v2' },
} as const;

export function isHubName(name: string): boolean {
  return name.startsWith('hf:');
}

/** The parts of such a name. UsageError for another form, and for a path that leads out of the repository. */
export function parseHubName(name: string, kind: keyof typeof KINDS = 'dataset'): HubName {
  const { repo, revision, path } = FORM.exec(name.replace(/\/+$/, ''))?.groups ?? {};
  if (repo === undefined || path?.split('/').some((part) => ['', '.', '..'].includes(part))) {
    const { where, en, zh, example } = KINDS[kind];
    const rule: Words = {
      en: `hf:<owner>/${en}, then maybe @<revision> and :<path>`,
      zh: ` hf:<所有者>/${zh}，后面可加 @<版本> 和 :<路径>`,
    };
    throw refused(where, rule, JSON.stringify(name), { hint: { en: `such as ${example}`, zh: `例如 ${example}` } });
  }
  const asked = `hf:${repo}${revision === undefined ? '' : `@${revision}`}${path === undefined ? '' : `:${path}`}`;
  return { name: asked, repo, ...(revision !== undefined && { revision }), ...(path !== undefined && { path }) };
}

/** The name of its folder in the cache: readable, short, and another one for every other set. */
export function hubFolder({ name, repo }: HubName): string {
  return `hf-${repo.replace('/', '-')}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/** The name as one word of a shell's line. */
export function asWord(name: string): string {
  return /^[\w@:./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
