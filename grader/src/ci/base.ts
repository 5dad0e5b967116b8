/** Which commit a run in CI is compared with, from the variables and files that GitHub and GitLab document. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { UsageError } from '@llm-ladder/backend/errors';
import { inWords, type Words } from '../format/words.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A commit to compare with, or why there is none: then everything counts as changed. */
export type Base = { readonly commit: string } | { readonly unknown: Words };

/** Runs git in a folder. Rejects when git fails. */
export async function git(folder: string, ...words: readonly string[]): Promise<string> {
  // A CI container may run as another user than the one who made the clone.
  const { stdout } = await promisify(execFile)('git', ['-c', 'safe.directory=*', ...words], { cwd: folder, maxBuffer: 1 << 26 });
  return stdout.trimEnd();
}

/** The commit named on the command line. UsageError when the clone does not have it. */
export async function namedBase(folder: string, name: string): Promise<Base> {
  const commit = await commitOf(folder, name);
  if (commit !== undefined) return { commit };
  const error = new UsageError('ci --base', 'a commit of this clone', JSON.stringify(name), { hint: 'git fetch --unshallow' });
  throw inWords(error, { message: `ci --base：这个克隆里没有提交 ${JSON.stringify(name)}` });
}

/** The commit before what a run is about: the base of a pull or merge request, or the branch before a push. */
export async function baseOf(folder: string, env: Environment): Promise<Base> {
  if ((await commitOf(folder, 'HEAD')) === undefined) return noHistory;
  if (env.GITHUB_EVENT_PATH !== undefined) return githubBase(folder, env, env.GITHUB_EVENT_PATH);
  if (env.GITLAB_CI !== undefined) return inClone(folder, env.CI_MERGE_REQUEST_DIFF_BASE_SHA ?? env.CI_COMMIT_BEFORE_SHA);
  return { unknown: { en: 'no CI service says what changed', zh: '没有 CI 服务说明改动了什么' } };
}

interface GitHubEvent {
  readonly before?: string;
  readonly pull_request?: { readonly base?: { readonly sha?: string } };
  readonly merge_group?: { readonly base_sha?: string };
}

async function githubBase(folder: string, env: Environment, eventFile: string): Promise<Base> {
  const event = JSON.parse(await readFile(eventFile, 'utf8')) as GitHubEvent;
  switch (env.GITHUB_EVENT_NAME) {
    case 'pull_request': {
      // What GitHub checks out is the merge of the two branches: its first parent is the base, as new as the merge.
      const [head, parents] = (await git(folder, 'log', '-1', '--format=%H %P')).split(/ (.*)/);
      const [first, second] = (parents ?? '').split(' ');
      if (head === env.GITHUB_SHA && first && second) return inClone(folder, first);
      return mergeBase(folder, event.pull_request?.base?.sha);
    }
    case 'push':
      return inClone(folder, event.before);
    case 'merge_group':
      return inClone(folder, event.merge_group?.base_sha);
    default:
      return {
        unknown: { en: `the event ${env.GITHUB_EVENT_NAME ?? '?'} has no base`, zh: `事件 ${env.GITHUB_EVENT_NAME ?? '?'} 没有基准` },
      };
  }
}

async function mergeBase(folder: string, sha: string | undefined): Promise<Base> {
  const base = await inClone(folder, sha);
  if ('unknown' in base) return base;
  const found = await git(folder, 'merge-base', base.commit, 'HEAD').catch(() => '');
  return found === '' ? noHistory : { commit: found };
}

async function inClone(folder: string, sha: string | undefined): Promise<Base> {
  if (sha === undefined || !/^[0-9a-f]{40,64}$/.test(sha) || /^0+$/.test(sha))
    return { unknown: { en: 'this is the first push of the branch', zh: '这是该分支的第一次推送' } };
  const commit = await commitOf(folder, sha);
  return commit === undefined ? noHistory : { commit };
}

const noHistory: Base = {
  unknown: { en: 'the base is not in this clone (fetch-depth: 0 brings it)', zh: '这个克隆里没有基准提交（设 fetch-depth: 0 即可）' },
};

function commitOf(folder: string, name: string): Promise<string | undefined> {
  return git(folder, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`).catch(() => undefined);
}
