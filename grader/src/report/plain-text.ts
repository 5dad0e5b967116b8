/**
 * Text of unknown origin made harmless before it is shown. A learner's program has a word in every message, and names come from folders and manifests:
 * any of it may carry escape sequences, text that runs backwards, half characters, or orders to the machine that prints the log.
 */
import { stripVTControlCharacters } from 'node:util';

// Tabs and line ends stay; what is no character at all has no form in XML.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]/g;
// Marks, embeddings, overrides and isolates: they show a line in another order than it has.
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Letters, tabs and line ends only: no escape sequences, control characters, direction marks or lone surrogates. */
export function plainText(text: string): string {
  const lines = text.replace(/\r\n?|[\u2028\u2029]/g, '\n');
  return stripVTControlCharacters(lines).replace(CONTROLS, '').replace(DIRECTIONS, '').toWellFormed();
}

/** The same on one line; `?` when nothing is left. */
export function plainLine(text: string): string {
  return plainText(text).replace(/\s+/g, ' ').trim() || '?';
}

/** Text for a CI log, where a line that begins with `::`, or `##vso[` anywhere, is an order to the runner. */
export function logText(text: string): string {
  return plainText(text)
    .replace(/^([^\S\n]*):(?=:)/gm, '$1: ')
    .replace(/##(?=\w*\[)/g, '# #');
}
