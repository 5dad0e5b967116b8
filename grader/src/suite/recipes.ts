/** How texts, lists, Maps, objects and messages are drawn and made smaller: fast-check, with what language exercises need besides. Read only when it is used. */

import type { Arbitrary } from 'fast-check';
import * as fastCheck from 'fast-check';
import type { Value } from '../box/values.ts';

export type { Arbitrary };
export { fastCheck };

/** Simplest first. Letters, digits and blanks; Han characters, inside and beyond the first plane; letters with marks of two code points; emoji. */
const CHARACTERS = ['a', 'b', 'A', '0', ' ', '.', '\n', '大', '模', '，', 'é', 'e\u0301', 'ß', '𠮷', '😀', '👩‍💻'];

export interface TextOptions {
  readonly min?: number;
  /** Characters at most; 12 unless told. */
  readonly max?: number;
  /** What a text is made of, simplest first; a character may have several code points. */
  readonly of?: readonly string[];
}

export interface Message {
  readonly [key: string]: Value;
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

function text({ min = 0, max = 12, of = CHARACTERS }: TextOptions = {}): Arbitrary<string> {
  return fastCheck.string({ unit: fastCheck.constantFrom(...of), minLength: min, maxLength: max });
}

/** A conversation: a system message or none, then the user and the assistant in turns. At least one message, 6 at most unless told. */
function messages({
  max = 6,
  content = text({ min: 1 }),
}: {
  readonly max?: number;
  readonly content?: Arbitrary<string>;
} = {}): Arbitrary<Message[]> {
  return fastCheck.tuple(fastCheck.boolean(), fastCheck.array(content, { minLength: 1, maxLength: max })).map(([system, contents]) =>
    contents.map((content, i) => {
      const turn = system ? i - 1 : i;
      return { role: turn < 0 ? 'system' : turn % 2 === 0 ? 'user' : 'assistant', content };
    }),
  );
}

type FastCheck = typeof fastCheck;

/** fast-check, and what language exercises need besides. */
export interface Draw extends FastCheck {
  readonly text: typeof text;
  readonly messages: typeof messages;
}

export const drawing: Draw = { ...fastCheck, text, messages };
