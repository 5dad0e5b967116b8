/** Formats with a limit on size: messages are cut evenly until the whole fits; no test is ever dropped. */
import { UsageError } from '@llm-ladder/backend/errors';

const ROOM_FOR_ALL = 65_535; // longer messages help nobody

/** The text of `render` with the longest messages that fit into `limit` bytes. UsageError when even names alone do not. */
export function fitted(format: string, limit: number, render: (cut: (message: string) => string) => string): string {
  const rendered = (length: number): string => render((message) => cutTo(message, length));
  const fits = (text: string): boolean => Buffer.byteLength(text) <= limit;
  const whole = rendered(ROOM_FOR_ALL);
  if (fits(whole)) return whole;
  let best = rendered(0);
  if (!fits(best)) {
    throw new UsageError(`report ${format}`, `at most ${limit} bytes`, `${Buffer.byteLength(best)} without any message`, {
      hint: 'grade one module at a time, each into a file of its own',
    });
  }
  for (let low = 0, high = ROOM_FOR_ALL; high - low > 1; ) {
    const middle = (low + high) >> 1;
    const text = rendered(middle);
    if (fits(text)) {
      best = text;
      low = middle;
    } else high = middle;
  }
  return best;
}

/** The first `length` characters, with a mark where something is missing. */
export function cutTo(message: string, length: number): string {
  if (message.length <= length) return message;
  return length < 4 ? '' : `${message.slice(0, length - 4).toWellFormed()} ...`;
}
