/** Turns templates into sentences: `[a|b|c]` is a choice, may be nested and empty, and `{name}` is a slot that the scene fills. */
import { UsageError } from '@llm-ladder/backend/errors';

/** Slot name -> what stands there. */
export type Scene = Readonly<Record<string, string>>;

/** A generator with 32 bits of state (mulberry32): the same seed gives the same text on every machine. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** What comes next depends on this number alone: `new Dice(dice.state)` goes on as `dice` would. */
  get state(): number {
    return this.#state;
  }

  /** A number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number in [0, n). */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** `count` different items, in random order. */
  some<T>(items: readonly T[], count: number): T[] {
    const left = [...items];
    return Array.from({ length: Math.min(count, left.length) }, () => left.splice(this.below(left.length), 1)[0] as T);
  }
}

/** One text of a template. UsageError for a slot that the scene does not have and for brackets that do not match. */
export function expand(template: string, scene: Scene, dice: Dice): string {
  let at = 0;
  /** Reads choices up to a closing bracket, or to the end, and takes one of them. */
  const choices = (inside: boolean): string => {
    const options = [''];
    for (; at < template.length; at++) {
      const letter = template[at] as string;
      if (letter === ']' && inside) return dice.pick(options);
      if (letter === ']') throw new UsageError('expand', 'brackets that match', JSON.stringify(template));
      if (letter === '|' && inside) options.push('');
      else if (letter === '[') {
        at += 1;
        options[options.length - 1] += choices(true);
      } else if (letter === '{') {
        const end = template.indexOf('}', at);
        options[options.length - 1] += slot(template.slice(at + 1, end), scene, template);
        at = end;
      } else options[options.length - 1] += letter;
    }
    if (inside) throw new UsageError('expand', 'brackets that match', JSON.stringify(template));
    return options[0] as string;
  };
  return choices(false);
}

// --- helpers ---

/** `{Hero}` is `{hero}` with a capital, for the beginning of a sentence. */
function slot(name: string, scene: Scene, template: string): string {
  const lower = name.charAt(0).toLowerCase() + name.slice(1);
  const value = scene[lower];
  if (value === undefined) throw new UsageError('expand', `a scene with {${lower}}`, JSON.stringify(template));
  return name === lower ? value : value.charAt(0).toUpperCase() + value.slice(1);
}
