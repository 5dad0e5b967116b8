/**
 * Chat templates: from messages to the ids that a model continues.
 *
 * Format: the Jinja templates of Hugging Face's tokenizer_config.json, rendered by @huggingface/jinja.
 * - A special token stands only where the template puts one. While the template runs, the characters that a special token starts or ends with are
 *   replaced in the messages by characters that nobody uses; afterwards the text is cut at special tokens, and only then are they put back. So
 *   <|im_end|> in a message is text, also when it comes in pieces that the template joins.
 * - A template that looks into messages for such text (</think> in some) does not find it.
 */
import { Template } from '@huggingface/jinja';
import { UsageError } from '@llm-ladder/backend/errors';
import type { TokenIds } from './hf-config.ts';
import { splitter } from './special-tokens.ts';

export interface ChatMessage {
  /** 'system', 'user', 'assistant', or what else the template knows: lower-case letters and _. */
  readonly role: string;
  readonly content: string;
}

/** What a conversation needs of a model. */
export interface ChatModel {
  /** Jinja, as in tokenizer_config.json; a model that was only pretrained has none. */
  readonly chatTemplate?: string;
  readonly special: readonly string[];
  readonly vocab: ReadonlyMap<string, number>;
  readonly tokens: TokenIds;
  /** `encode` never makes a special token out of text. */
  readonly tokenizer: { readonly encode: (text: string) => number[] };
  /** Where it was read from, for messages. */
  readonly source: string;
}

/** ChatML: <|im_start|>, the role, a new line, the text, <|im_end|>, a new line. */
export const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/**
 * The ids of a conversation; with `addGenerationPrompt` they end where the assistant speaks next. A lone surrogate becomes U+FFFD.
 * Throws UsageError for a model without a chat template, roles that are no names, and messages that the template refuses.
 */
export function renderChat(
  model: ChatModel,
  messages: readonly ChatMessage[],
  { addGenerationPrompt = false }: { readonly addGenerationPrompt?: boolean } = {},
): number[] {
  if (model.chatTemplate === undefined)
    throw new UsageError('renderChat', 'a model with a chat template', `${model.source}, which was only pretrained`, {
      hint: 'a model that was trained on conversations has one',
    });
  const odd = messages.find(({ role }) => !/^[a-z_]+$/.test(role));
  if (odd !== undefined) throw new UsageError('renderChat', 'roles of lower-case letters', JSON.stringify(odd.role));

  const texts = messages.map(({ content }) => content.toWellFormed());
  const shadows = new Shadows(model.special, [model.chatTemplate, ...texts]);
  const literalOf = (id: number | undefined) => model.special.find((literal) => model.vocab.get(literal) === id) ?? '';
  const rendered = render(model, {
    messages: messages.map(({ role }, i) => ({ role, content: shadows.hide(texts[i]!) })),
    add_generation_prompt: addGenerationPrompt,
    bos_token: literalOf(model.tokens.bos),
    eos_token: literalOf(model.tokens.eos[0]),
    pad_token: literalOf(model.tokens.pad),
  });
  const pieces = rendered.split(splitter(model.special)); // every second one is a special
  return pieces.flatMap((piece, i) => (i % 2 === 1 ? [model.vocab.get(piece)!] : model.tokenizer.encode(shadows.show(piece))));
}

// --- helpers ---

function render({ chatTemplate, source }: Pick<ChatModel, 'chatTemplate' | 'source'>, values: Record<string, unknown>): string {
  try {
    return new Template(chatTemplate!).render(values);
  } catch (cause) {
    throw new UsageError('renderChat', `messages that the chat template of ${source} takes`, (cause as Error).message, { cause });
  }
}

/** Characters in disguise: one of the private-use ones, which no text here uses, for each that a special token starts or ends with. */
class Shadows {
  readonly #shadowOf = new Map<string, string>();
  readonly #charOf = new Map<string, string>();

  constructor(special: readonly string[], texts: readonly string[]) {
    const used = new Set([...texts, ...special].flatMap((text) => Array.from(text)));
    let codePoint = 0xe000; // U+E000..U+F8FF, then planes 15 and 16: far more than any text uses
    for (const char of special.flatMap((literal) => [Array.from(literal)[0]!, Array.from(literal).at(-1)!])) {
      if (this.#shadowOf.has(char)) continue;
      while (used.has(String.fromCodePoint(codePoint))) codePoint = codePoint === 0xf8ff ? 0xf0000 : codePoint + 1;
      const shadow = String.fromCodePoint(codePoint);
      used.add(shadow);
      this.#shadowOf.set(char, shadow);
      this.#charOf.set(shadow, char);
    }
  }

  hide(text: string): string {
    return Array.from(text, (char) => this.#shadowOf.get(char) ?? char).join('');
  }

  show(text: string): string {
    return Array.from(text, (char) => this.#charOf.get(char) ?? char).join('');
  }
}
