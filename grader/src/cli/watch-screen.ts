/** The screen of watch mode: one exercise, its verdict, and keys. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import pc from 'picocolors';
import type { Catalog, Exercise } from '../catalog/catalog.ts';
import { folderOf } from '../catalog/folders.ts';
import { lang, say } from '../format/words.ts';
import type { Setup } from '../grading/setup.ts';
import { nextHint } from '../learner/hint.ts';
import type { ExerciseReport } from '../report/report.ts';
import { renderExercise } from '../report/terminal.ts';
import type { ExitCode } from './exit-code.ts';
import { type Body, fitScreen } from './fit-screen.ts';
import { exerciseLine, renderModule, type State, stateOf } from './ladder-view.ts';
import { reportSoFar, TrainingLine } from './training-line.ts';
import { takeWatchLock } from './watch-lock.ts';
import { watchExercises } from './watcher.ts';

/** A verdict that takes longer is announced. */
const SLOW_MS = 400;
const GRADING = (): string => say({ en: 'grading ...', zh: '评分中……' });
const shown = (file: string): string => path.relative(process.cwd(), file);

/** Runs until q or Ctrl-C; 'held' where another process watches this folder already. */
export async function watchScreen(
  catalog: Catalog,
  setup: Setup,
  states: Map<string, State | 'unknown'>,
  first: Exercise,
): Promise<ExitCode | 'held'> {
  const lock = takeWatchLock(catalog.root);
  if ('heldBy' in lock) {
    const words = {
      en: `Another ladder is watching this folder (process ${lock.heldBy}); this one makes one pass.`,
      zh: `另一个 ladder（进程 ${lock.heldBy}）正在监视此目录；本次只跑一遍。`,
    };
    process.stdout.write(`${say(words)}\n`);
    return 'held';
  }

  let current = first;
  let body: Body = () => pc.dim(GRADING());
  let below = '';
  let slow: NodeJS.Timeout | undefined;
  let told: Exercise | undefined; // whose verdict is on the screen

  const draw = (): void => {
    const head = renderModule(current.module, states, setup.backend);
    const keys = say({ en: 'h hint   s solution   n next   d docs   q quit', zh: 'h 提示   s 答案   n 下一题   d 题目   q 退出' });
    const watching = say({ en: 'watching for saves ...', zh: '正在等待保存……' });
    process.stdout.write(`\u001b[2J\u001b[3J\u001b[H${fitScreen({ head, body, below, foot: `${keys}          ${pc.dim(watching)}` })}\n`);
  };
  const training = new TrainingLine(() => draw());
  const show = (exercise: Exercise, report: ExerciseReport, ms: number, more = () => ''): void => {
    clearTimeout(slow);
    told = exercise;
    body = (short) => [renderExercise(report, exerciseLine(catalog, exercise), ms, { short }), more()].filter(Boolean).join('\n    ');
    draw();
  };

  const watcher = watchExercises(catalog, setup, {
    onStart: (exercise) => {
      current = exercise;
      below = '';
      training.stop();
      clearTimeout(slow);
      slow = setTimeout(() => {
        if (exercise === told) below = pc.dim(GRADING());
        else body = () => pc.dim(GRADING());
        draw();
      }, SLOW_MS);
    },
    onTests: (exercise, tests, ms, thresholds) => {
      if (tests.length === 0) return;
      for (const test of tests) training.end(test);
      const soFar = reportSoFar(exercise.id, tests);
      const waits = thresholds && soFar.state === 'passing';
      const measuring = waits ? say({ en: 'thresholds are being measured ...', zh: '正在测量性能阈值……' }) : '';
      below = '';
      show(exercise, soFar, ms, () => pc.dim(training.text() || measuring));
    },
    onTraining: (_, test) => training.begin(test),
    onDone: (exercise, report, ms) => {
      training.stop();
      states.set(exercise.id, stateOf(report));
      below =
        report.state === 'passing'
          ? pc.green(say({ en: 'It passes. n takes you to the next exercise.', zh: '通过了。按 n 进入下一题。' }))
          : '';
      show(exercise, report, ms);
    },
    onError: (error) => {
      clearTimeout(slow);
      training.stop();
      below = pc.red(error instanceof Error ? error.message : String(error));
      draw();
    },
  });

  const actions: Record<string, () => void | Promise<void>> = {
    h: async () => {
      const { level, of, words } = await nextHint(catalog, current);
      below = `${pc.bold(say({ en: `Hint ${level} of ${of}`, zh: `提示 ${level}/${of}` }))}  ${say(words)}`;
    },
    s: () => {
      const folder = folderOf(catalog, current, 'solutions'); // a learner's own folder has none
      const file = existsSync(folder) ? `${shown(path.join(folder, current.manifest.file))}   ` : '';
      below = `${say({ en: 'A solution:', zh: '参考答案：' })} ${file}ladder solution ${current.id}`;
    },
    d: () => {
      below = shown(path.join(folderOf(catalog, current), lang() === 'zh' ? 'README.zh.md' : 'README.md'));
    },
    n: () => {
      const all = catalog.modules.flatMap((module) => module.exercises);
      const after = [...all.slice(all.indexOf(current) + 1), ...all];
      current = after.find((exercise) => states.get(exercise.id) !== 'passing' && exercise !== current) ?? current;
      below = '';
      watcher.grade(current);
    },
  };

  return new Promise((resolve) => {
    const quit = async (): Promise<void> => {
      process.stdin.setRawMode(false).pause();
      process.stdin.removeListener('keypress', onKey);
      process.off('SIGTERM', quit);
      process.stdout.off('resize', draw);
      clearTimeout(slow);
      training.stop();
      lock.release();
      await watcher.close();
      resolve(0);
    };
    const onKey = async (_: string, key: { name?: string; ctrl?: boolean }): Promise<void> => {
      if (key.name === 'q' || (key.ctrl && key.name === 'c')) return quit();
      const action = actions[key.name ?? ''];
      if (action === undefined) return;
      try {
        await action();
      } catch (error) {
        below = pc.red((error as Error).message);
      }
      draw();
    };
    readline.emitKeypressEvents(process.stdin);
    process.stdin.setRawMode(true).resume();
    process.stdin.on('keypress', onKey);
    process.on('SIGTERM', quit);
    process.stdout.on('resize', draw);
    draw();
    watcher.grade(current);
  });
}
