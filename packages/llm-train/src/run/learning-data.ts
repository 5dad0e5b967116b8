/** From texts to what a run learns from: a tokenizer trained on them, and rows of tokens for each stage. */
import { UsageError } from '@llm-ladder/backend/errors';
import { type Dialogue, dialogues } from '@llm-ladder/data/corpus/dialogues';
import { stories } from '@llm-ladder/data/corpus/stories';
import { Tokenizer } from '../bbpe-codec.ts';
import { trainBpe } from '../bbpe-train.ts';
import type { Saved } from '../checkpoint.ts';
import type { Preset, StageName } from './presets.ts';
import { chatRows, type Rows, rowCount, SPECIAL, textRows } from './rows.ts';

/** Where texts and conversations come from. Each call is a new pass. */
export interface Corpus {
  readonly eachText: () => Iterable<string>;
  readonly eachDialogue: () => Iterable<Dialogue>;
}

const STORY_BYTES = 160; // every story of ours is longer, every other message is shorter

export interface LearningData {
  readonly vocab: ReadonlyMap<string, number>;
  readonly merges: readonly (readonly [left: string, right: string])[];
  readonly tokenizer: Tokenizer;
  readonly rows: Readonly<Record<StageName, Rows>>;
}

/** What there is to say about the data. */
export interface DataReport {
  readonly tokens: number;
  readonly bytesPerToken: number;
  readonly textTokens: number;
  readonly chatTokens: number;
  /** Conversations longer than a row. */
  readonly tooLong: number;
}

/**
 * Our own stories and conversations: the same seed gives the same ones. Of the conversations that hold a story one in four is kept: the model knows
 * stories from pretraining, and they would leave a short answer too few of the tokens that count.
 */
export function ownCorpus({ textBytes, dialogues: count }: Pick<Preset, 'textBytes' | 'dialogues'>, seed: number): Corpus {
  return {
    eachText: function* () {
      for (const { text } of stories(seed, textBytes)) yield text;
    },
    eachDialogue: function* () {
      let withStory = 0;
      for (const talk of dialogues(seed, count)) {
        const hasStory = talk.some(({ content }) => Buffer.byteLength(content) > STORY_BYTES);
        if (!hasStory || withStory++ % 4 === 0) yield talk;
      }
    },
  };
}

/** Trains the tokenizer and cuts the rows; without `sft` no row of conversations. Throws UsageError for texts too short for one row. */
export function prepareData(
  { eachText, eachDialogue }: Corpus,
  { vocab: size, rowLength }: Pick<Preset, 'vocab' | 'rowLength'>,
  { sft }: { readonly sft: boolean },
): { readonly data: LearningData; readonly report: DataReport } {
  let bytes = 0;
  const texts = function* (): Generator<string> {
    for (const text of eachText()) {
      bytes += Buffer.byteLength(text);
      yield text;
    }
    if (sft) for (const turns of eachDialogue()) for (const { content } of turns) yield content;
  };
  const { vocab, merges } = trainBpe(texts(), { vocab: size, special: SPECIAL });
  const tokenizer = new Tokenizer({ vocab, merges, special: SPECIAL });
  const pretrain = textRows(eachText(), tokenizer, rowLength);
  const chat = chatRows(sft ? eachDialogue() : [], tokenizer, rowLength);
  if (rowCount(pretrain) === 0) {
    const got = bytes === 0 ? 'none' : `${bytes} bytes`;
    throw new UsageError('train: --data', `texts of at least ${rowLength} tokens (about a page)`, got);
  }
  const report = {
    tokens: vocab.size,
    bytesPerToken: bytes / pretrain.ids.length,
    textTokens: pretrain.ids.length,
    chatTokens: chat.rows.ids.length,
    tooLong: chat.tooLong,
  };
  return { data: { vocab, merges, tokenizer, rows: { pretrain, sft: chat.rows } }, report };
}

/** The data as a tree for `save`. */
export function savedData({ vocab, merges, rows: { pretrain, sft } }: LearningData): Saved {
  return { tokens: [...vocab.keys()], ids: [...vocab.values()], merges, rows: { pretrain, sft } as unknown as Saved };
}

/** The data of such a tree. */
export function restoredData(saved: Saved): LearningData {
  const { tokens, ids, merges, rows } = saved as unknown as Pick<LearningData, 'merges' | 'rows'> & { tokens: string[]; ids: number[] };
  const vocab = new Map(tokens.map((token, at) => [token, ids[at]!]));
  return { vocab, merges, rows, tokenizer: new Tokenizer({ vocab, merges, special: SPECIAL }) };
}
