/** npm, as the machine has it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GraderError } from '@llm-ladder/backend/errors';
import { inWords } from '../format/words.ts';

/** What npm prints. GraderError with its first lines when it fails. */
export async function npm(folder: string, words: readonly string[]): Promise<string> {
  try {
    // npm is a script on Windows, which only a shell starts.
    const { stdout } = await promisify(execFile)('npm', [...words, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      shell: process.platform === 'win32',
      maxBuffer: 1 << 24,
    });
    return stdout;
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string };
    const lines = (stderr || message)
      .split('\n')
      .map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
      .filter(Boolean);
    const said = lines.slice(0, 2).join(' ');
    const hint = /\bE404\b|not found/i.test(stderr ?? '')
      ? {
          en: 'a module that is not on the registry is given as a tarball or a folder: ladder init <folder> ./module.tgz',
          zh: '不在 npm 上的模块请给出压缩包或目录：ladder init <目录> ./module.tgz',
        }
      : {
          en: 'check the network and run the same command again; nothing that was there is changed',
          zh: '请检查网络后重试；原有的文件没有改动',
        };
    const [command] = words;
    const failure = new GraderError('install', `npm ${command} in ${folder}: expected it to succeed, got ${said}`, {
      cause,
      hint: hint.en,
    });
    throw inWords(failure, { message: `${folder} 里的 npm ${command} 没有成功：${said}`, hint: hint.zh });
  }
}

/** A path that npm takes for no package name and, on Windows, that the shell takes for one word. */
export function shellWord(path: string): string {
  const dotted = /^\.|^[A-Za-z]:/.test(path) ? path : `./${path}`;
  return process.platform === 'win32' ? `"${dotted}"` : dotted;
}
