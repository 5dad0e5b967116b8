/** A conversation with a model over two streams: in a terminal, or line by line. */
import { createInterface, type Interface } from 'node:readline';
import { LadderError } from '@llm-ladder/backend/errors';
import { printable } from '@llm-ladder/data/printable';
import type { ChatMessage } from '@llm-ladder/formats/chat-template';
import type { LanguageModel } from '../model-folder.ts';
import { type AnswerOptions, answer } from './answer.ts';

type Say = (words: { readonly en: string; readonly zh: string }) => string;

export interface Talk {
  readonly model: LanguageModel;
  readonly options: Omit<AnswerOptions, 'signal' | 'onDropped'>;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Where notices go that are no answers. */
  readonly notices: NodeJS.WritableStream;
  readonly say: Say;
}

/** Answers every line of the input that is not blank, each answer followed by a new line, and remembers what was said. Ends with the input. */
export async function answerLines(talk: Talk): Promise<void> {
  const conversation = new Conversation(talk);
  for await (const line of createInterface({ input: talk.input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    let text = '';
    for await (const piece of conversation.say(line)) text += piece;
    talk.output.write(`${printable(text).trim()}\n`);
  }
}

/** A prompt, and answers as they come. Ctrl-C stops an answer; Ctrl-C or Ctrl-D on an empty line, or Ctrl-C twice, ends the conversation. */
export async function talkInTerminal(talk: Talk): Promise<void> {
  const conversation = new Conversation(talk);
  const lines = createInterface({ input: talk.input, output: talk.output, prompt: '> ', terminal: true });
  let answering: AbortController | undefined;
  lines.on('SIGINT', () => {
    if (answering !== undefined && !answering.signal.aborted) answering.abort();
    else if (answering === undefined && lines.line !== '') clearLine(lines);
    else lines.close();
  });
  let closed = false;
  lines.on('close', () => {
    closed = true;
    answering?.abort();
  });

  lines.prompt();
  for await (const line of lines) {
    if (line.trim() !== '') {
      answering = new AbortController();
      try {
        for await (const piece of conversation.say(line, answering.signal)) talk.output.write(printable(piece));
      } catch (error) {
        if (!LadderError.isInstance(error)) throw error; // a message that is too long is no reason to leave
        talk.notices.write(error.message);
      }
      const stopped = answering.signal.aborted && !closed;
      talk.output.write(stopped ? talk.say({ en: ' ... (stopped)\n\n', zh: ' ……（已停止）\n\n' }) : '\n\n');
      answering = undefined;
    }
    if (closed) return;
    lines.prompt();
  }
  talk.output.write('\n');
}

// --- helpers ---

/** What was said so far. An answer that was stopped counts as far as it came. */
class Conversation {
  readonly #talk: Talk;
  readonly #messages: ChatMessage[] = [];
  #saidDropped = false;

  constructor(talk: Talk) {
    this.#talk = talk;
  }

  /** The answer to one message, in pieces. A message that cannot be answered is forgotten. */
  async *say(content: string, signal?: AbortSignal): AsyncGenerator<string, void> {
    const { model, options } = this.#talk;
    const messages: ChatMessage[] = [...this.#messages, { role: 'user', content }];
    let text = '';
    for await (const piece of answer(model, messages, {
      ...options,
      ...(signal && { signal }),
      onDropped: () => this.#sayDropped(),
    })) {
      text += piece;
      yield piece;
    }
    this.#messages.push({ role: 'user', content }, { role: 'assistant', content: text.trim() });
  }

  #sayDropped(): void {
    if (this.#saidDropped) return;
    this.#saidDropped = true;
    const { maxLen } = this.#talk.model.cfg;
    this.#talk.notices.write(
      this.#talk.say({
        en: `(The conversation no longer fits into the model's ${maxLen} tokens. From now on the oldest turns are left out.)\n`,
        zh: `（对话超出了模型的 ${maxLen} 个词元。从现在起，最早的几轮会被略去。）\n`,
      }),
    );
  }
}

/** Empties the line that is being typed, as a shell does on Ctrl-C. */
function clearLine(lines: Interface): void {
  lines.write(null, { ctrl: true, name: 'e' });
  lines.write(null, { ctrl: true, name: 'u' });
}
