/** What a run shows while it goes on: in a terminal one line that is written over, elsewhere a line now and then. */

/** What a run writes on: process.stdout, or a stand-in. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const BAR = 24; // cells at most
const PLAIN_SHARE = 0.1; // without a terminal: a line for each tenth

export class Screen {
  readonly #out: Output;
  #shown = false;
  #lastShare = new Map<string, number>();

  constructor(out: Output) {
    this.#out = out;
  }

  line(text: string): void {
    this.#clear();
    this.#out.write(`${text}\n`);
  }

  /** `done` of 0 to 1: `name ████░░ 43 % text`. */
  progress(name: string, done: number, text: string): void {
    const percent = `${Math.floor(100 * done)} %`.padStart(5);
    if (!this.#out.isTTY) {
      const share = Math.floor(done / PLAIN_SHARE + 1e-9);
      if (share <= (this.#lastShare.get(name) ?? -1)) return;
      this.#lastShare.set(name, share);
      this.#out.write(`${name} ${percent}  ${text}\n`);
      return;
    }
    const room = (this.#out.columns ?? 80) - 1 - cells(`${name}  ${percent}  ${text}`);
    const bar = Math.max(0, Math.min(BAR, room));
    const full = Math.round(bar * done);
    const whole = `${name} ${'█'.repeat(full)}${'░'.repeat(bar - full)} ${percent}  ${text}`;
    this.#out.write(`\r\u001b[K${cut(whole, (this.#out.columns ?? 80) - 1)}`);
    this.#shown = true;
  }

  /** Takes the progress line away. */
  #clear(): void {
    if (this.#shown) this.#out.write('\r\u001b[K');
    this.#shown = false;
  }
}

/** `1 h 5 min`, `2 min 10 s`, `9 s`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s >= 3600) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return s >= 60 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${s} s`;
}

/** `950`, `4.1k`, `1.2M`. */
export function short(n: number): string {
  if (n >= 1e6) return `${(n / 1e6).toFixed(1)}M`;
  return n >= 1000 ? `${(n / 1000).toFixed(1)}k` : `${Math.round(n)}`;
}

// --- helpers ---

/** Cells of a terminal that a text takes: two for a character of East Asian scripts. */
function cells(text: string): number {
  return Array.from(text, (char) => ((char.codePointAt(0) as number) >= 0x2e80 ? 2 : 1)).reduce<number>((sum, n) => sum + n, 0);
}

function cut(text: string, room: number): string {
  let used = 0;
  const fits = (char: string) => {
    used += cells(char);
    return used <= room;
  };
  return Array.from(text).filter(fits).join('');
}
