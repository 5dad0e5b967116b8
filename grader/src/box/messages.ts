/** How a box says, in the reader's language, what a program did to itself. */
import { GraderError, UsageError } from '@llm-ladder/backend/errors';
import { inWords, say } from '../format/words.ts';
import { BoxError, type Program, type RemoteError, type Target } from './types.ts';

export function printedTooMuch(bytes: number): BoxError {
  const message = {
    en: `the program printed more than ${bytes} bytes (the limit on output)`,
    zh: `程序的输出超过 ${bytes} 字节（输出上限）`,
  };
  return new BoxError('output-limit', say(message));
}

export function usedTooMuch(megabytes: number): BoxError {
  const message = {
    en: `the program used more than ${megabytes} MiB (the limit on memory)`,
    zh: `程序占用的内存超过 ${megabytes} MiB（内存上限）`,
  };
  return new BoxError('memory-limit', say(message));
}

/** What the grader saw, in MiB. */
export function usedSoMuch(used: number, most: number): BoxError {
  const message = {
    en: `the program used ${used} MiB, more than ${most} MiB (the limit on memory)`,
    zh: `程序用了 ${used} MiB，超过 ${most} MiB（内存上限）`,
  };
  return new BoxError('memory-limit', say(message));
}

export function ranTooManyThreads(threads: number, most: number): BoxError {
  const message = {
    en: `the program ran ${threads} threads, more than ${most} (the limit on processes)`,
    zh: `程序开了 ${threads} 个线程，超过 ${most} 个（进程上限）`,
  };
  return new BoxError('process-limit', say(message));
}

export function askedForTooMuch(what: string, megabytes: number, remote: RemoteError): BoxError {
  const message = {
    en: `${what} asked for more than ${megabytes} MiB (the limit on memory): ${remote.message}`,
    zh: `${what} 申请的内存超过 ${megabytes} MiB（内存上限）：${remote.message}`,
  };
  return new BoxError('memory-limit', say(message), { remote });
}

export function wroteFile(what: string, remote?: RemoteError): BoxError {
  const message = {
    en: `${what} wrote a file (the limit on disk: nothing may be written)${remote ? `: ${remote.message}` : ''}`,
    zh: `${what} 写了文件（磁盘上限：不允许写入）${remote ? `：${remote.message}` : ''}`,
  };
  return new BoxError('disk-limit', say(message), remote ? { remote } : {});
}

export function startedProcess(what: string, remote: RemoteError): BoxError {
  const message = {
    en: `${what} started a process (the limit on processes: no second one): ${remote.message}`,
    zh: `${what} 启动了进程（进程上限：不允许第二个）：${remote.message}`,
  };
  return new BoxError('process-limit', say(message), { remote });
}

export function burntProcessor(): BoxError {
  const message = {
    en: 'the program used every core for an hour (the limit on processor time)',
    zh: '程序占满所有核心达一小时（处理器时间上限）',
  };
  return new BoxError('time-limit', say(message));
}

/** The box told why it ends: process.exit, or an error that nothing caught. */
export function endedItself(remote: RemoteError): BoxError {
  const place = remote.at ? ` (${remote.at})` : '';
  const message = { en: `the program ended itself: ${remote.message}${place}`, zh: `程序自行退出：${remote.message}${place}` };
  return new BoxError('exited', say(message), { remote });
}

export function endedEarly(code: number | null, signal: string | null): BoxError {
  const how = signal ?? say({ en: `exit code ${code}`, zh: `退出码 ${code}` });
  return new BoxError('exited', say({ en: `the program ended before it answered (${how})`, zh: `程序还没有返回就结束了（${how}）` }));
}

export function wroteOnPipe(what: string): BoxError {
  const message = {
    en: `the program wrote on the grader's pipe: got ${what}`,
    zh: `程序写入了评分器的管道：${what}`,
  };
  return new BoxError('protocol', say(message));
}

/** The learner's file is not there. */
export function noEntry({ exercise, entry }: Pick<Program, 'exercise' | 'entry'>): UsageError {
  const error = new UsageError(exercise, `a file ${entry}`, 'none', { hint: `ladder reset ${exercise} brings it back` });
  return inWords(error, { message: `${exercise}：没有文件 ${entry}`, hint: `ladder reset ${exercise} 可恢复它` });
}

/** Before any learner's code is inside: not the learner's fault. */
export function didNotStart(driver: string, cause: Error, said: string): GraderError {
  const message = `box: expected the ${driver} driver to start a box, got ${cause.message}${said ? ` (${said})` : ''}`;
  return new GraderError('box', message, { hint: 'ladder doctor', cause });
}

/** What a call is called in a message. */
export function nameOf(target: Target): string {
  if ('keep' in target) return 'keep';
  return 'export' in target ? target.export : target.method;
}
