/** `ladder` with no words: show the ladder, grade the first exercise that does not pass and, in a terminal, watch for saves. */
import path from 'node:path';
import pc from 'picocolors';
import { type Catalog, type Exercise, loadCatalog } from '../catalog/catalog.ts';
import { sourceFileOf } from '../catalog/folders.ts';
import { say, type Words } from '../format/words.ts';
import { gradeOne } from '../grading/grade.ts';
import { gradingSetup, type Setup } from '../grading/setup.ts';
import { rememberVerdict } from '../grading/verdicts.ts';
import { hintBeside } from '../learner/hint.ts';
import { renderExercise } from '../report/terminal.ts';
import type { ExitCode } from './exit-code.ts';
import { exerciseLine, knownStates, renderLadder, type State, stateOf } from './ladder-view.ts';

export interface ClimbOptions {
  readonly backend?: string;
  readonly once: boolean;
}

export async function climbCommand(options: ClimbOptions): Promise<ExitCode> {
  const catalog = await loadCatalog(process.cwd());
  const setup = await gradingSetup({ backend: options.backend });
  const states = await knownStates(catalog);
  const current = await firstNotPassing(catalog, states, setup);

  if (current === undefined) {
    print(renderLadder(catalog, states, undefined, setup.backend));
    print(say(lastWords(states)));
    return 0;
  }
  if (process.stdin.isTTY && process.stdout.isTTY && !options.once && !process.env.CI) {
    const { watchScreen } = await import('./watch-screen.ts');
    const ended = await watchScreen(catalog, setup, states, current);
    if (ended !== 'held') return ended;
  }
  print(renderLadder(catalog, states, current, setup.backend));
  print('');
  await gradeAndShow(catalog, current, setup, states);
  print('');
  print(nextStep(catalog, current, states.get(current.id)));
  return 0;
}

/** Walks up the ladder; a changed file is graded on the way, since only its content can say whether it passes. */
async function firstNotPassing(catalog: Catalog, states: Map<string, State | 'unknown'>, setup: Setup): Promise<Exercise | undefined> {
  for (const exercise of catalog.modules.flatMap((module) => module.exercises)) {
    if (exercise.manifest.optional || isDone(states.get(exercise.id))) continue;
    if (states.get(exercise.id) !== 'unknown') return exercise;
    const { report, hash } = await gradeOne(catalog, exercise, { ...setup, thresholds: false });
    await rememberVerdict(catalog.root, report, hash);
    states.set(exercise.id, stateOf(report));
    if (!isDone(states.get(exercise.id))) return exercise;
  }
  return undefined;
}

/** Nothing more can be done about it here. */
function isDone(state: State | 'unknown' | undefined): boolean {
  return state === 'passing' || state === 'unseen' || state === 'not-run';
}

function lastWords(states: ReadonlyMap<string, State | 'unknown'>): Words {
  const count = (wanted: State): number => [...states.values()].filter((state) => state === wanted).length;
  const [unseen, notRun] = [count('unseen'), count('not-run')];
  if (notRun > 0)
    return {
      en: `Nothing fails here. The tests of ${notRun} exercises did not run: ladder check <exercise> says what they need.`,
      zh: `这里没有失败的项目。${notRun} 道题的测试没有运行：ladder check <练习> 会说明还缺什么。`,
    };
  if (unseen === 0) return { en: 'Every exercise passes. Well climbed!', zh: '所有练习都已通过，恭喜登顶！' };
  return {
    en: `Nothing fails here. The sealed tests of ${unseen} exercises did not run: they run where the key is.`,
    zh: `这里没有失败的项目。${unseen} 道题的密封测试没有运行：它们在有密钥的地方运行。`,
  };
}

async function gradeAndShow(catalog: Catalog, exercise: Exercise, setup: Setup, states: Map<string, State | 'unknown'>): Promise<void> {
  const started = performance.now();
  const { report, hash } = await gradeOne(catalog, exercise, setup);
  await rememberVerdict(catalog.root, report, hash);
  states.set(exercise.id, stateOf(report));
  const hint = await hintBeside(catalog, exercise);
  print(renderExercise(report, exerciseLine(catalog, exercise), performance.now() - started, { hint }));
}

/** One line that says what to do next. */
export function nextStep(catalog: Catalog, exercise: Exercise, state: State | 'unknown' | undefined): string {
  const file = path.relative(process.cwd(), sourceFileOf(catalog, exercise));
  if (state === 'passing')
    return say({ en: 'This one passes. Run the command again for the next.', zh: '这一题通过了。再运行一次，进入下一题。' });
  if (state === 'not-run')
    return say({
      en: `Its tests did not run: fetch what they need (above). Then, or without: read ${pc.bold(path.join(path.dirname(file), 'README.md'))}, edit ${pc.bold(file)}, run the command again.`,
      zh: `它的测试没有运行：请先获取所需的内容（见上）。也可以直接读 ${pc.bold(path.join(path.dirname(file), 'README.zh.md'))}，改 ${pc.bold(file)}，再运行一次。`,
    });
  return say({
    en: `Next: read ${pc.bold(path.join(path.dirname(file), 'README.md'))}, edit ${pc.bold(file)}, then run it again. A hint: ladder hint ${exercise.id}`,
    zh: `下一步：读 ${pc.bold(path.join(path.dirname(file), 'README.zh.md'))}，改 ${pc.bold(file)}，再运行一次。提示：ladder hint ${exercise.id}`,
  });
}

const print = (text: string): boolean => process.stdout.write(`${text}\n`);
