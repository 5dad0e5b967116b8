import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { baseOf, namedBase } from '../../src/ci/base.ts';
import { changedExercises } from '../../src/ci/changed.ts';
import { edit, programs } from '../cli/toy-course.ts';
import { commit, git, githubEnvironment, noCommit, repository } from './runner.ts';

const softmax = 'exercises/toy/01-softmax/softmax.ts';
const again = 'exercises/toy/02-again/again.ts';

/** The ids that a run with this environment would grade; 'all' where there is no base. */
async function graded(course: string, env: NodeJS.ProcessEnv): Promise<string | string[]> {
  const tree = path.join(course, 'exercises');
  const base = await baseOf(tree, env);
  if ('unknown' in base) return 'all';
  const catalog = await loadCatalog(course);
  return (await changedExercises(catalog, catalog.select([]), { tree, commit: base.commit })).map(({ id }) => id);
}

const rewrite = (course: string, file: string): void => writeFileSync(path.join(course, file), `${programs.right}\n// ${Math.random()}\n`);

describe('a push', () => {
  test('grades the exercise that it edits, in any of its commits, and no other', async () => {
    const { course, first } = repository();
    rewrite(course, softmax);
    commit(course);
    writeFileSync(path.join(course, 'notes.md'), 'mine\n');
    commit(course);
    expect(await graded(course, githubEnvironment(course, 'push', { before: first }))).toEqual(['toy/softmax']);
  });

  test('counts a deleted file, a new helper and a renamed folder as changes', async () => {
    const { course, first } = repository();
    rmSync(path.join(course, again));
    commit(course);
    expect(await graded(course, githubEnvironment(course, 'push', { before: first }))).toEqual(['toy/again']);
    writeFileSync(path.join(course, 'exercises/toy/01-softmax/helper.ts'), 'export const one = 1;\n');
    const second = commit(course);
    expect(await graded(course, githubEnvironment(course, 'push', { before: first }))).toEqual(['toy/softmax', 'toy/again']);
    git(course, 'mv', 'exercises/toy/01-softmax', 'exercises/toy/01-gone');
    commit(course);
    expect(await graded(course, githubEnvironment(course, 'push', { before: second }))).toEqual(['toy/softmax']);
  });

  test('without a change below exercises/ grades nothing; with a new version of what judges, everything', async () => {
    const { course, first } = repository();
    writeFileSync(path.join(course, 'README.md'), 'mine\n');
    const second = commit(course);
    expect(await graded(course, githubEnvironment(course, 'push', { before: first }))).toEqual([]);
    edit(path.join(course, 'package.json'), '{', '{ "description": "new",');
    commit(course);
    expect(await graded(course, githubEnvironment(course, 'push', { before: second }))).toEqual(['toy/softmax', 'toy/again']);
  });

  test('that is the first of its branch, that is not about commits, or whose base is gone grades everything', async () => {
    const { course, first } = repository();
    rewrite(course, softmax);
    commit(course);
    expect(await graded(course, githubEnvironment(course, 'push', { before: noCommit, created: true }))).toBe('all');
    expect(await graded(course, githubEnvironment(course, 'workflow_dispatch', {}))).toBe('all');
    expect(await graded(course, githubEnvironment(course, 'push', { before: first.replace(/./g, 'a') }))).toBe('all');
    const shallow = `${course} shallow`;
    git(course, 'clone', '--quiet', '--depth', '1', pathToFileURL(course).href, shallow);
    onTestFinished(() => rmSync(shallow, { recursive: true, force: true }));
    const env = githubEnvironment(course, 'push', { before: first });
    expect(await baseOf(path.join(shallow, 'exercises'), env)).toMatchObject({
      unknown: { en: expect.stringContaining('fetch-depth: 0') },
    });
    expect(await graded(course, env)).toEqual(['toy/softmax']);
  });
});

describe('a pull request', () => {
  test("grades what its merge brings, and not what happened on the base's branch meanwhile", async () => {
    const { course, first } = repository();
    git(course, 'checkout', '--quiet', '-b', 'mine');
    rewrite(course, softmax);
    commit(course);
    git(course, 'checkout', '--quiet', 'main');
    rewrite(course, again);
    commit(course);
    git(course, 'merge', '--quiet', '--no-ff', '--message', 'refs/pull/1/merge', 'mine');
    // The payload still has the base of the moment when the pull request was opened.
    expect(await graded(course, githubEnvironment(course, 'pull_request', { pull_request: { base: { sha: first } } }))).toEqual([
      'toy/softmax',
    ]);
  });

  test('whose own head is checked out, itself a merge of the base, is compared with where it left the base', async () => {
    const { course, first } = repository();
    git(course, 'checkout', '--quiet', '-b', 'mine');
    rewrite(course, softmax);
    commit(course);
    git(course, 'checkout', '--quiet', 'main');
    rewrite(course, again);
    const base = commit(course);
    git(course, 'checkout', '--quiet', 'mine');
    git(course, 'merge', '--quiet', '--no-ff', '--message', 'main into mine', 'main');
    const env = githubEnvironment(course, 'pull_request', { pull_request: { base: { sha: base } } }, first);
    expect(await graded(course, env)).toEqual(['toy/softmax']);
  });
});

test("GitLab's variables: a merge request, a push, the first push", async () => {
  const { course, first } = repository();
  rewrite(course, again);
  commit(course);
  const gitlab = { GITLAB_CI: 'true', CI_PROJECT_DIR: course, CI_COMMIT_BEFORE_SHA: noCommit };
  expect(await graded(course, { ...gitlab, CI_MERGE_REQUEST_DIFF_BASE_SHA: first })).toEqual(['toy/again']);
  expect(await graded(course, { ...gitlab, CI_COMMIT_BEFORE_SHA: first })).toEqual(['toy/again']);
  expect(await graded(course, gitlab)).toBe('all');
});

test('a course in a folder of the repository, with a name that git would quote', async () => {
  const { course } = repository();
  git(course, 'mv', 'exercises', '练习 1');
  const moved = commit(course);
  writeFileSync(path.join(course, '练习 1/toy/01-softmax/softmax.ts'), programs.loops);
  commit(course);
  const catalog = await loadCatalog(course);
  const found = await changedExercises(catalog, catalog.select([]), { tree: path.join(course, '练习 1'), commit: moved });
  expect(found.map(({ id }) => id)).toEqual(['toy/softmax']);
});

test('a commit named by hand must be there, and is never taken for an option of git', async () => {
  const { course, first } = repository();
  expect(await namedBase(course, 'main')).toEqual({ commit: first });
  await expect(namedBase(course, 'nowhere')).rejects.toThrow('ci --base: expected a commit of this clone, got "nowhere"');
  await expect(namedBase(course, '--help')).rejects.toThrow('got "--help"');
});
