/** What this machine lends to what fetches something: the per-user cache, a lock between processes, programs of the PATH. */
export { cacheRoot } from './tensorflow/cache.ts';
export { killRunning, lastLines, onInterrupt, run, which } from './tensorflow/command.ts';
export { isDiskFull, isOffline } from './tensorflow/fetch.ts';
export { takeLock } from './tensorflow/lock.ts';
