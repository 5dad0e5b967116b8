/** The two languages of everything that a learner reads. */

export interface Words {
  readonly en: string;
  readonly zh: string;
}

export type Lang = 'en' | 'zh';

let chosen: Lang | undefined;

/** Fixes the language for this process (`--lang`); undefined goes back to the environment. */
export function setLang(language: Lang | undefined): void {
  chosen = language;
}

/** The language to speak: `setLang`, else LADDER_LANG, else the locale (POSIX variables first, then what the system says). */
export function lang(): Lang {
  if (chosen !== undefined) return chosen;
  const { LADDER_LANG, LC_ALL, LC_MESSAGES, LANG } = process.env;
  const locale = LADDER_LANG || LC_ALL || LC_MESSAGES || LANG || Intl.DateTimeFormat().resolvedOptions().locale;
  return /^zh\b|^zh_/i.test(locale) ? 'zh' : 'en';
}

/** The words in the language of this process. */
export function say(words: Words): string {
  return words[lang()];
}

/** An error that is made in English, with its message and hint replaced where this process speaks Chinese. */
export function inWords<E extends Error>(error: E, zh: { readonly message: string; readonly hint?: string | undefined }): E {
  if (lang() !== 'zh') return error;
  error.message = zh.message;
  if (zh.hint !== undefined) Object.defineProperty(error, 'hint', { value: zh.hint });
  return error;
}
