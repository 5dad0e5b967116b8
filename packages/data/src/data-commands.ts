/** `ladder data add | list | remove`: what they print. */
import { bytesOf, print, printRemoved, type Say } from './cache-commands.ts';
import { asWord, isHubName } from './hub-name.ts';
import { aboutHubSet, megabytes } from './hub-set.ts';
import { dataSets } from './sets.ts';
import { addSets, hubRecord, hubRecords, isHere, removeSets, setBytes, setFolder } from './store.ts';

/** Fetches the sets that are not here yet. UsageError for a limit that is no number. */
export async function dataAdd(names: readonly string[], { maxMb }: Readonly<Record<string, unknown>>, { say }: Say): Promise<0> {
  await addSets(names, { maxBytes: bytesOf(maxMb as string | undefined, 'data add'), onStep: (words) => print(say(words)) });
  for (const name of names) {
    print(`${name}  ${megabytes(setBytes(name))}  ${setFolder(name)}`);
    const record = isHubName(name) ? hubRecord(name) : undefined;
    const part = record && aboutHubSet(record).part;
    if (part !== undefined) print(`  ${say(part)}`);
  }
  print(`ladder train --data ${names.map(asWord).join(' ')}`);
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
  for (const record of hubRecords()) {
    const { licence, part } = aboutHubSet(record);
    const facts = [megabytes(setBytes(record.name)), say(licence), ...(part === undefined ? [] : [say(part)])];
    print(`✓ ${record.name.padEnd(12)} ${record.commit.slice(0, 7)}  (${facts.join('; ')})`);
  }
  print(
    `○ ${say({ en: 'hf:<owner>/<dataset>: a dataset of the Hugging Face Hub', zh: 'hf:<所有者>/<数据集>：Hugging Face Hub 上的数据集' })}`,
  );
  return 0;
}

/** Deletes sets from the cache. */
export async function dataRemove(names: readonly string[], says: Say): Promise<0> {
  printRemoved(names, removeSets(names), says);
  return 0;
}
