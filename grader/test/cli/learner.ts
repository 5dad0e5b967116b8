/** A learner's folder with the toy and the transformer installed, and the real `ladder` command run in it as a process of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';

const grader = path.join(import.meta.dirname, '..', '..');
const command = path.join(grader, 'bin', 'ladder.mjs');
const modules = {
  '@llm-ladder-test/toy': path.join(grader, 'test', 'fixtures', 'toy'),
  '@llm-ladder/transformer': path.join(grader, '..', 'packages', 'transformer'),
};

/** Makes the folder (a name with a space, as in `My Course`) and fills `exercises/`; it goes when the test file ends. */
export async function learnerFolder(): Promise<string> {
  const root = temporaryFolder();
  writeProject(root, Object.keys(modules));
  for (const [name, target] of Object.entries(modules)) install(root, name, target);
  const { code, stderr } = await ladder(['update'], root);
  if (code !== 0) throw new Error(`ladder update: ${stderr}`);
  return root;
}

export function writeProject(root: string, names: readonly string[]): void {
  const dependencies = Object.fromEntries(names.map((name) => [name, '*']));
  writeFileSync(path.join(root, 'package.json'), JSON.stringify({ name: 'mine', type: 'module', dependencies }));
}

function install(root: string, name: string, target: string): void {
  const link = path.join(root, 'node_modules', name);
  mkdirSync(path.dirname(link), { recursive: true });
  symlinkSync(target, link, 'junction');
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const environment = (lang: string): NodeJS.ProcessEnv => {
  const { LADDER_BACKEND: _backend, LADDER_DEBUG: _debug, CI: _ci, ...env } = process.env;
  return { ...env, NO_COLOR: '1', LADDER_LANG: lang };
};

/** Runs `ladder` with these words to its end, in a place where people speak `lang`. */
export function ladder(words: readonly string[], cwd: string, lang: 'en' | 'zh' = 'en'): Promise<Finished> {
  return new Promise((resolve) => {
    const args = [command, ...words];
    execFile(process.execPath, args, { cwd, env: environment(lang), maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, stdout, stderr });
    });
  });
}

// --- in a terminal ---

const SCRIPT = '/usr/bin/script'; // util-linux: runs a command on a terminal of its own
/** False where no terminal can be made. */
export const hasTerminals = process.platform === 'linux' && existsSync(SCRIPT);

export interface Terminal {
  /** Everything that was shown so far, without escape sequences. */
  readonly shown: () => string;
  /** Resolves with what is shown once it fits; rejects after 20 s. */
  until(pattern: RegExp): Promise<string>;
  keys(text: string): void;
  readonly exited: Promise<number | null>;
  stop(): void;
}

/** Runs `ladder` on a terminal of 100 columns. */
export function ladderInTerminal(words: readonly string[], cwd: string, lang: 'en' | 'zh' = 'en'): Terminal {
  const line = ['stty cols 100 rows 30;', 'exec', ...[process.execPath, command, ...words].map((word) => `'${word}'`)].join(' ');
  const child: ChildProcess = spawn(SCRIPT, ['-qfec', line, '/dev/null'], {
    cwd,
    env: { ...environment(lang), TERM: 'xterm', SHELL: '/bin/sh' },
  });
  let text = '';
  const waiting = new Set<() => void>();
  child.stdout?.on('data', (chunk: Buffer) => {
    text += stripVTControlCharacters(chunk.toString());
    for (const look of [...waiting]) look();
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    shown: () => text,
    exited,
    keys: (keys) => void child.stdin?.write(keys),
    stop: () => void child.kill('SIGKILL'),
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`expected ${pattern}, got:\n${text}`)), 20_000);
        const look = (): void => {
          if (!pattern.test(text)) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(text);
        };
        waiting.add(look);
        look();
      }),
  };
}
