/** Words for what a box says of an error and for how it ends; a limit that the kernel kept before the grader saw it passed gets its name. */
import { say } from '../format/words.ts';
import { askedForTooMuch, burntProcessor, endedEarly, startedProcess, usedTooMuch, wroteFile } from './messages.ts';
import { BoxError, type BoxErrorCode, type Limits, type RemoteError } from './types.ts';

/** The error of one call, `what`. */
export function errorOfCall(code: BoxErrorCode, remote: RemoteError, what: string, limits: Limits): BoxError {
  const limit = code === 'threw' ? limitBehind(remote, what, limits) : undefined;
  if (limit !== undefined) return limit;
  const at = remote.at !== null && code === 'syntax' ? `${remote.at}: ` : '';
  const thrower = code === 'value' ? `${what}: ` : '';
  const name = code === 'threw' && remote.name !== 'Error' ? `${remote.name}: ` : '';
  return new BoxError(code, `${at}${thrower}${name}${remote.message}`, { remote, hint: remote.hint ?? undefined });
}

/** A box that forges one of these only says that it failed. */
function limitBehind(remote: RemoteError, what: string, { memoryMb }: Limits): BoxError | undefined {
  const { name, code, message } = remote;
  if (name === 'RangeError' && /^(Array buffer allocation failed|WebAssembly\.Memory(\.grow)?\(\): )/.test(message))
    return askedForTooMuch(what, memoryMb, remote);
  if (code === 'EFBIG' || code === 'ENOSPC' || code === 'EROFS') return wroteFile(what, remote);
  if (/^spawn(Sync)? .*(EAGAIN|EPERM)$/.test(message)) return startedProcess(what, remote);
  return undefined;
}

/** The end of a process; `said` is the last of what it wrote on its error output. */
export function errorOfEnd(code: number | null, signal: NodeJS.Signals | null, said: string, { memoryMb }: Limits): BoxError {
  if (/heap out of memory|Allocation failed|OOM error|out of memory|std::bad_alloc/i.test(said)) return usedTooMuch(memoryMb);
  if (signal === 'SIGXCPU') return burntProcessor();
  if (signal === 'SIGXFSZ') return wroteFile(say({ en: 'the program', zh: '程序' }));
  return endedEarly(code, signal);
}

/** The line that tells why a process did not start, of all that it wrote. */
export function lineOfError(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  return lines.find((line) => /^(\w*Error\b|bwrap:|setpriv:|confine:)/.test(line)) ?? lines.find((line) => line !== '') ?? '';
}
