/**
 * Texts and conversations as rows of tokens, ready for training.
 *
 * - A text becomes `<s> text </s>`, and texts stand one after the other (`packDocs`). No token is guessed from another text.
 * - A conversation stays in one row, after the others that fit. Only what the assistant says counts: its words and the token that ends its turn.
 * - Rows are typed arrays: a token takes 13 bytes, whatever the size of the corpus.
 */
import { UsageError } from '@llm-ladder/backend/errors';
import type { Dialogue } from '@llm-ladder/data/corpus/dialogues';
import type { Tokenizer } from '../bbpe-codec.ts';
import { packDocs } from '../pack.ts';

/** The tokens that no text makes. Their ids are their places in this list. */
export const SPECIAL = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'] as const;
export const [BOS, EOS, TURN, TURN_END] = [1, 2, 3, 4] as const;

/** Dims: N rows of `len` places each, one row after the other. */
export interface Rows {
  readonly len: number;
  readonly ids: Int32Array; // [N * len]
  readonly docId: Int32Array; // [N * len]
  readonly pos: Int32Array; // [N * len]
  /** 1 where the token is one to learn: something before it, in the same row and document, leads to it. */
  readonly counts: Uint8Array; // [N * len]
}

const CHUNK = 200_000; // tokens that are packed at a time

/** Texts in rows of `len` tokens. The tokens of the last, unfilled row of each 200,000 are left out. */
export function textRows(texts: Iterable<string>, tokenizer: Pick<Tokenizer, 'encode'>, len: number): Rows {
  const rows = new RowList(len);
  let docs: number[][] = [];
  let tokens = 0;
  const pack = () => {
    const { ids, docId, pos } = packDocs(docs, len, EOS);
    for (const [n, row] of ids.entries())
      rows.add(
        row,
        docId[n]!,
        pos[n]!,
        docId[n]!.map((doc, at) => (at > 0 && doc === docId[n]![at - 1] ? 1 : 0)),
      );
    [docs, tokens] = [[], 0];
  };
  for (const text of texts) {
    if (text === '') continue;
    const doc = [BOS, ...tokenizer.encode(text)];
    docs.push(doc);
    tokens += doc.length + 1;
    if (tokens >= CHUNK) pack();
  }
  if (docs.length > 0) pack();
  return rows.done();
}

/** Ids of a conversation in ChatML, and which of them count. */
export interface ChatExample {
  readonly ids: number[];
  readonly counts: number[];
}

/** `<|im_start|>role\ncontent<|im_end|>\n` for each turn. What stands in a message is text, also when it looks like a special token. */
export function chatExample(dialogue: Dialogue, tokenizer: Pick<Tokenizer, 'encode'>): ChatExample {
  const ids: number[] = [];
  const counts: number[] = [];
  const add = (tokens: readonly number[], count: 0 | 1) => {
    for (const id of tokens) {
      ids.push(id);
      counts.push(count);
    }
  };
  for (const { role, content } of dialogue) {
    if (role === 'assistant') {
      add([TURN, ...tokenizer.encode('assistant\n')], 0); // encoded apart from the answer, as it stands when an answer is asked for
      add([...tokenizer.encode(content), TURN_END], 1);
    } else add([TURN, ...tokenizer.encode(`${role}\n${content}`), TURN_END], 0);
    add(tokenizer.encode('\n'), 0);
  }
  return { ids, counts };
}

/** Conversations in rows of `len` tokens, filled up with `</s>`. One that is longer than a row is left out, and counted. */
export function chatRows(
  dialogues: Iterable<Dialogue>,
  tokenizer: Pick<Tokenizer, 'encode'>,
  len: number,
): { rows: Rows; tooLong: number } {
  const rows = new RowList(len);
  let tooLong = 0;
  let row: ChatExample[] = [];
  let used = 0;
  const close = () => {
    const filling = { ids: Array<number>(len - used).fill(EOS), counts: Array<number>(len - used).fill(0) };
    const docs = used < len ? [...row, filling] : row;
    rows.add(
      docs.flatMap(({ ids }) => ids),
      docs.flatMap(({ ids }, doc) => ids.map(() => doc)),
      docs.flatMap(({ ids }) => ids.map((_, at) => at)),
      docs.flatMap(({ counts }) => counts),
    );
    [row, used] = [[], 0];
  };
  for (const dialogue of dialogues) {
    const example = chatExample(dialogue, tokenizer);
    if (example.ids.length > len || !example.counts.includes(1)) {
      tooLong += 1;
      continue;
    }
    if (used + example.ids.length > len) close();
    row.push(example);
    used += example.ids.length;
  }
  if (row.length > 0) close();
  return { rows: rows.done(), tooLong };
}

/** How many rows there are. */
export function rowCount({ ids, len }: Rows): number {
  return ids.length / len;
}

// --- helpers ---

/** Rows that are added one by one, in arrays that double when they are full. */
class RowList {
  readonly #len: number;
  #ids = new Int32Array(1024);
  #docId = new Int32Array(1024);
  #pos = new Int32Array(1024);
  #counts = new Uint8Array(1024);
  #used = 0;

  constructor(len: number) {
    if (!Number.isInteger(len) || len < 2) throw new UsageError('rows', 'a whole length of at least 2', String(len));
    this.#len = len;
  }

  add(ids: readonly number[], docId: readonly number[], pos: readonly number[], counts: readonly number[]): void {
    const end = this.#used + this.#len;
    if (end > this.#ids.length) {
      const size = Math.max(end, 2 * this.#ids.length);
      [this.#ids, this.#docId, this.#pos] = [grown(this.#ids, size), grown(this.#docId, size), grown(this.#pos, size)];
      const counts = new Uint8Array(size);
      counts.set(this.#counts);
      this.#counts = counts;
    }
    this.#ids.set(ids, this.#used);
    this.#docId.set(docId, this.#used);
    this.#pos.set(pos, this.#used);
    this.#counts.set(counts, this.#used);
    this.#used = end;
  }

  done(): Rows {
    const used = this.#used;
    return {
      len: this.#len,
      ids: this.#ids.slice(0, used),
      docId: this.#docId.slice(0, used),
      pos: this.#pos.slice(0, used),
      counts: this.#counts.slice(0, used),
    };
  }
}

function grown(array: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(array);
  return larger;
}
