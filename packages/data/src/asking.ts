/** Who asks for something that is fetched, so that errors can say it. */
import type { Words } from '@llm-ladder/backend/errors';

export interface Asking {
  /** What an error begins with: `data add hf:me/set`. */
  readonly where: string;
  /** What there is to do without a network, as the end of a hint. */
  readonly offline?: Words;
}

/** For a set of `ladder data add`. */
export function askingFor(name?: string): Asking {
  return {
    where: name === undefined ? 'data add' : `data add ${name}`,
    offline: { en: 'offline, ladder train uses its own stories', zh: '离线时 ladder train 用自带的故事' },
  };
}
