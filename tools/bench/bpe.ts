/**
 * The tokenizer against Hugging Face tokenizers (Rust, one thread) and gpt-tokenizer, taking turns in one run; ratios of CPU time, which busy neighbours spoil least.
 * `node tools/bench/bpe.ts [--text <file>] [--megabytes 6.5] [--vocab 6144] [--rounds 3] [--gpt-tokenizer <folder with node_modules>] [--json]`
 * Without --text it uses the made-up text of the course. Hugging Face needs `pip install tokenizers`; a rival that cannot start is reported as not run.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { makeCorpus } from '../../packages/llm-train/course/corpus.ts';
import { Tokenizer } from '../../packages/llm-train/src/bbpe-codec.ts';
import { trainBpe } from '../../packages/llm-train/src/bbpe-train.ts';
import { BYTE_CHARS } from '../../packages/llm-train/src/pretokens.ts';

const { values } = parseArgs({
  options: {
    text: { type: 'string' },
    megabytes: { type: 'string', default: '6.5' },
    vocab: { type: 'string', default: '6144' },
    rounds: { type: 'string', default: '3' },
    'gpt-tokenizer': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const [vocab, rounds] = [Number(values.vocab), Number(values.rounds)];
const special = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'];
const text = values.text ? readFileSync(values.text, 'utf8') : makeCorpus(Number(values.megabytes) * 640_000, 7).join('');
const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
const megabytes = Buffer.byteLength(text) / 1e6;

const folder = mkdtempSync(join(tmpdir(), 'llm-ladder-bpe-'));
writeFileSync(join(folder, 'text'), text);

interface Round {
  readonly trainS: number;
  readonly encodeS: number;
}

/** CPU seconds of one call, of this process. */
function timed<T>(run: () => T): { result: T; seconds: number } {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (user + system) / 1e6 };
}

function encodeAll(encode: (line: string) => readonly number[]): number {
  let ids = 0;
  for (const line of lines) ids += encode(line).length;
  return ids;
}

const ours: Round[] = [];
const theirs: Round[] = [];
let absent: string | undefined;
let equal = true;
for (let round = 0; round < rounds; round++) {
  const rival = spawnSync('python3', [join(import.meta.dirname, 'bpe.py'), folder, String(vocab), ...special], { encoding: 'utf8' });
  if (rival.status !== 0) absent = (rival.stderr ?? String(rival.error)).trim().split('\n').at(-1);
  const train = timed(() => trainBpe(lines, { vocab, special }));
  const tokenizer = new Tokenizer({ ...train.result, special });
  const encode = timed(() => encodeAll((line) => tokenizer.encode(line)));
  ours.push({ trainS: train.seconds, encodeS: encode.seconds });
  if (absent !== undefined) continue;
  const { trainS, encodeS, merges, ids } = JSON.parse(rival.stdout) as Round & { merges: string[][]; ids: number };
  theirs.push({ trainS, encodeS });
  equal &&= ids === encode.result && JSON.stringify(merges) === JSON.stringify(train.result.merges);
}
rmSync(folder, { recursive: true, force: true });

const best = (list: readonly Round[], key: keyof Round): number => Math.min(...list.map((one) => one[key]));
const report: Record<string, unknown> = {
  megabytes: Number(megabytes.toFixed(2)),
  vocab,
  oursTrainS: best(ours, 'trainS'),
  oursEncodeMBps: megabytes / best(ours, 'encodeS'),
};
if (absent === undefined) {
  Object.assign(report, {
    huggingFaceTrainS: best(theirs, 'trainS'),
    huggingFaceEncodeMBps: megabytes / best(theirs, 'encodeS'),
    trainRatio: best(theirs, 'trainS') / best(ours, 'trainS'),
    encodeRatio: best(theirs, 'encodeS') / best(ours, 'encodeS'),
    sameMergesAndIds: equal,
  });
} else report.huggingFace = `not run: ${absent}`;
if (values['gpt-tokenizer'] !== undefined) Object.assign(report, await againstGptTokenizer(values['gpt-tokenizer']));
else report.gptTokenizer = 'not run: no --gpt-tokenizer <folder>';

if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
else
  for (const [name, value] of Object.entries(report))
    process.stdout.write(`${name.padEnd(24)} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}\n`);
process.exitCode = equal ? 0 : 1;

/** Encoding with GPT-2's own ranks, ours and gpt-tokenizer's. */
async function againstGptTokenizer(home: string): Promise<Record<string, unknown>> {
  const root = resolve(home, 'node_modules', 'gpt-tokenizer');
  const rival = (await import(pathToFileURL(join(root, 'esm', 'encoding', 'r50k_base.js')).href)) as { encode(text: string): number[] };
  const ranks = readFileSync(join(root, 'data', 'r50k_base.tiktoken'), 'latin1')
    .trim()
    .split('\n')
    .map((line) => Array.from(Buffer.from(line.split(' ')[0]!, 'base64'), (byte) => BYTE_CHARS[byte]!).join(''));
  const tokenizer = new Tokenizer(fromRanks(ranks));
  let [mine, other, same] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, true];
  for (let round = 0; round < rounds; round++) {
    const [a, b] = [timed(() => encodeAll((line) => tokenizer.encode(line))), timed(() => encodeAll((line) => rival.encode(line)))];
    [mine, other] = [Math.min(mine, a.seconds), Math.min(other, b.seconds)];
    same &&= a.result === b.result;
  }
  return {
    gptTokenizerEncodeMBps: megabytes / other,
    oursOnItsRanksMBps: megabytes / mine,
    gptTokenizerRatio: other / mine,
    sameIds: same,
  };
}

/** A list of tokens by rank as vocabulary and merges: each longer token comes from the two parts that the earlier tokens make of it. */
function fromRanks(tokens: readonly string[]): { vocab: Map<string, number>; merges: [string, string][] } {
  const vocabulary = new Map(tokens.map((token, id) => [token, id]));
  const merges: [string, string][] = [];
  for (const [id, token] of tokens.entries()) {
    const parts = [...token];
    while (parts.length > 2) {
      let [at, lowest] = [-1, id];
      for (let i = 0; i + 1 < parts.length; i++) {
        const rank = vocabulary.get(parts[i]! + parts[i + 1]!) ?? id;
        if (rank < lowest) [at, lowest] = [i, rank];
      }
      parts.splice(at, 2, parts[at]! + parts[at + 1]!);
    }
    if (parts.length === 2) merges.push(parts as [string, string]);
  }
  return { vocab: vocabulary, merges };
}
