import { Dice } from '@llm-ladder/data/corpus/phrases';
import { expect, test } from 'vitest';
import { makeCorpus } from '../course/corpus.ts';
import { Tokenizer } from '../src/bbpe-codec.ts';
import { trainBpe } from '../src/bbpe-train.ts';
import { encodeStream } from '../src/encode-stream.ts';

const special = ['<|im_end|>'];
const corpus = makeCorpus(60_000, 5);
const model = { ...trainBpe(corpus, { vocab: 700, special }), special };
const POOL = [
  ..."ab XY'strevmld",
  ...'中文，。',
  '🙂',
  '👩‍🚀',
  '\ud83d',
  'é',
  '\u0301',
  ' ',
  ' ',
  '\n',
  '\u3000',
  '\u0085',
  '\u00a8',
  '٣',
  'Ⅷ',
  '.',
  '<|im_end|>',
];

async function all(parts: AsyncIterable<readonly number[]>): Promise<number[]> {
  const ids: number[] = [];
  for await (const part of parts) ids.push(...part);
  return ids;
}

/** Cuts a text anywhere, in the middle of characters too, and into empty chunks. */
function chunksOf(text: string, dice: Dice): string[] {
  const chunks: string[] = [];
  for (let from = 0; from < text.length; ) {
    const to = from + dice.below(5);
    chunks.push(text.slice(from, to));
    from = to;
  }
  return chunks;
}

test.each([undefined, 'NFKC'] as const)('wherever the chunks end, ids are those of the whole text (normalize: %s)', async (normalize) => {
  const tokenizer = new Tokenizer({ ...model, ...(normalize && { normalize }) });
  const dice = new Dice(7);
  let apart = 0;
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: dice.below(40) }, () => dice.pick(POOL)).join('');
    const chunks = chunksOf(text, dice);
    const whole = tokenizer.encode(text);
    expect(await all(encodeStream(tokenizer, chunks)), JSON.stringify(chunks)).toEqual(whole);
    const naive = chunks.flatMap((chunk) => tokenizer.encode(chunk));
    if (naive.join() !== whole.join()) apart++;
  }
  expect(apart).toBeGreaterThan(1000); // encoding each chunk alone is not the same
});

test('a long text is never held: what has been read and not encoded stays below a chunk and a line', async () => {
  const tokenizer = new Tokenizer(model);
  const longest = Math.max(...corpus.map(({ length }) => length));
  const CHUNK = 1000;
  let read = 0;
  async function* endless(): AsyncGenerator<string> {
    const text = corpus.join('');
    for (let from = 0; from < text.length * 3; from += CHUNK) {
      const chunk = (text + text).slice(from % text.length, (from % text.length) + CHUNK);
      read += chunk.length;
      yield chunk;
    }
  }
  let encoded = 0;
  for await (const ids of encodeStream(tokenizer, endless())) {
    encoded += tokenizer.decode(ids).length;
    expect(read - encoded).toBeLessThan(CHUNK + longest);
  }
  expect(encoded).toBe(read);
});
