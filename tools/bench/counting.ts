/**
 * Counting words and pairs of words against scikit-learn, taking turns in one run; ratios of CPU time. Both get the same documents, split at white space.
 * `node tools/bench/counting.ts [--text <file>] [--rounds 5]`
 * Without --text: 5 MB of our own English stories. With it: the lines of a file, such as one of `ladder data add shakespeare`. The rival needs `pip install scikit-learn`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stories } from '../../packages/data/src/corpus/stories.ts';
import { NGram } from '../../packages/nlp-basics/src/ngram.ts';
import { fitTfidf } from '../../packages/nlp-basics/src/tfidf.ts';

const { values } = parseArgs({ options: { text: { type: 'string' }, rounds: { type: 'string', default: '5' } } });
const text = values.text ? readFileSync(values.text, 'utf8') : Array.from(stories(1, 5e6, ['en']), (story) => story.text).join('\n');
const documents = text.split('\n').map((line) => line.split(/\s+/).filter((word) => word !== ''));
const full = documents.filter((words) => words.length > 0);

const folder = mkdtempSync(join(tmpdir(), 'llm-ladder-counting-'));
writeFileSync(join(folder, 'text'), full.map((words) => words.join(' ')).join('\n'));

interface Times {
  readonly pairsS: number;
  readonly idfS: number;
  /** How many words: a check that both count the same. */
  readonly words: number;
}

/** CPU seconds of one call, of this process, its garbage collector's threads among them. */
function seconds(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const ours: Times[] = [];
const theirs: Times[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const rival = spawnSync('python3', [join(import.meta.dirname, 'counting.py'), folder], { encoding: 'utf8' });
  if (rival.status !== 0) throw new Error(`scikit-learn: not run (${rival.stderr.trim().split('\n').at(-1)})`);
  theirs.push(JSON.parse(rival.stdout) as Times);
  const pairsS = seconds(() => new NGram().fit(full, 2));
  let words = 0;
  const idfS = seconds(() => {
    words = fitTfidf(full).vocab.size;
  });
  ours.push({ pairsS, idfS, words });
}
rmSync(folder, { recursive: true, force: true });

if (ours[0]!.words !== theirs[0]!.words) throw new Error(`expected equal vocabularies, got ${ours[0]!.words} and ${theirs[0]!.words}`);
const best = (list: readonly Times[], key: 'pairsS' | 'idfS') => Math.min(...list.map((one) => one[key]));
console.log(
  `${(Buffer.byteLength(text) / 1e6).toFixed(1)} MB, ${full.length} documents, ${ours[0]!.words} words; CPU seconds, best of ${values.rounds}`,
);
for (const [name, key] of [
  ['pairs of words (NGram.fit, CountVectorizer)', 'pairsS'],
  ['document frequencies (fitTfidf, TfidfVectorizer.fit)', 'idfS'],
] as const)
  console.log(
    `${name}: ours ${best(ours, key).toFixed(2)}, scikit-learn ${best(theirs, key).toFixed(2)}: ${(best(theirs, key) / best(ours, key)).toFixed(2)}x its speed`,
  );
