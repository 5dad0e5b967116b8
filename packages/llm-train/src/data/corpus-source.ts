/** What `--data` gives to training: texts and conversations, read from disk again at each pass, so that a corpus may be larger than memory. */
import type { Dialogue } from '../corpus/dialogues.ts';
import type { Words } from '../words.ts';

export interface CorpusSource {
  /** One entry for each file, in the order in which they are read. */
  readonly files: readonly CorpusFile[];
  /** How many of them all files have together. */
  readonly texts: number;
  readonly dialogues: number;
  /** Bytes of all files on disk. */
  readonly bytes: number;
  /** Documents for pretraining and for the tokenizer: paragraphs of .txt (blank lines part them), `{"text": ...}` of .jsonl. Each call is a new pass. */
  readonly eachText: () => Iterable<string>;
  /** Conversations for SFT: `{"messages": [{"role", "content"}]}` and `{"conversations": [{"from", "value"}]}` of .jsonl. Each call is a new pass. */
  readonly eachDialogue: () => Iterable<Dialogue>;
}

export interface CorpusFile {
  readonly path: string;
  readonly bytes: number;
  readonly texts: number;
  readonly dialogues: number;
  /** Lines that could not be used. */
  readonly skipped: number;
  /** Why, for the first of them: `line 17: expected JSON, got "{"`. */
  readonly firstSkipped?: Words;
}
