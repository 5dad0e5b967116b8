/** One line of a .jsonl: a text, a conversation, or why it is neither. */

import type { Words } from '@llm-ladder/backend/errors';
import type { Dialogue, Message } from './corpus/dialogues.ts';

export type JsonLine = { readonly text: string } | { readonly dialogue: Dialogue } | { readonly fault: Words };

const ROLES: Readonly<Record<string, Message['role']>> = {
  system: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
};

const FORMS: Words = { en: '{"text"}, {"messages"} or {"conversations"}', zh: ' {"text"}、{"messages"} 或 {"conversations"}' };
const TURN: Words = { en: 'turns of system, user or assistant', zh: ' system、user 或 assistant 的发言' };

/** Reads `{"text"}`, `{"messages": [{"role", "content"}]}` or `{"conversations": [{"from", "value"}]}`; other fields do not matter. */
export function readJsonLine(line: string): JsonLine {
  const value = parseJson(line);
  return 'fault' in value ? value : readRow(value.value, () => line);
}

/** A value of JSON, or why it is none. */
export function parseJson(text: string): { readonly value: unknown } | { readonly fault: Words } {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return fault({ en: 'JSON', zh: ' JSON' }, text);
  }
}

/** What a row with the fields of such a line holds; `show` writes it for a fault. */
export function readRow(value: unknown, show: () => string): JsonLine {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fault(FORMS, show());
  const { text, messages, conversations } = value as Record<string, unknown>;
  if (typeof text === 'string')
    return text.trim() === '' ? { fault: { en: 'expected a text, got an empty one', zh: '应为文本，实为空文本' } } : { text };
  const turns = messages ?? conversations;
  if (!Array.isArray(turns)) return fault(FORMS, show());
  const dialogue: Message[] = [];
  for (const turn of turns as Record<string, unknown>[]) {
    const role = ROLES[String(turn?.role ?? turn?.from)];
    const content = turn?.content ?? turn?.value;
    if (role === undefined || typeof content !== 'string') {
      return fault(TURN, jsonOf(turn));
    }
    dialogue.push({ role, content });
  }
  const answers = dialogue.some(({ role, content }) => role === 'assistant' && content.trim() !== '');
  return answers ? { dialogue } : { fault: { en: 'expected an answer of the assistant, got none', zh: '应有助手的回答，实为没有' } };
}

/** JSON, also of a row of Parquet: it may have integers that JSON has not. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part)) ?? 'null';
}

/** Why a line cannot be used, with the start of it. */
export function fault(expected: Words, text: string): { readonly fault: Words } {
  const got = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return { fault: { en: `expected ${expected.en}, got ${got}`, zh: `应为${expected.zh}，实为 ${got}` } };
}
