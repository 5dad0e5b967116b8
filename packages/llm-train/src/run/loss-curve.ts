/** The losses of a run: as a table in a file, as a picture, and in the terminal. */
import type { StageName } from './presets.ts';
import type { Update } from './training.ts';

/** One line of loss.csv. */
export type LossPoint = Pick<Update, 'step' | 'stage' | 'loss' | 'lr' | 'norm'> & { readonly tokensPerSecond: number };

export const CSV_HEADER = 'step,stage,loss,learning_rate,gradient_norm,tokens_per_second\n';

export function csvLine({ step, stage, loss, lr, norm, tokensPerSecond }: LossPoint): string {
  return `${step},${stage},${loss},${lr},${norm},${Math.round(tokensPerSecond)}\n`;
}

/** The points of such a file up to a step. A line that was cut off is passed over. */
export function readCsv(text: string, upTo: number): LossPoint[] {
  return text.split('\n').flatMap((line) => {
    const [step, stage, loss, lr, norm, speed] = line.split(',');
    const point = {
      step: Number(step),
      stage: stage as StageName,
      loss: Number(loss),
      lr: Number(lr),
      norm: Number(norm),
      tokensPerSecond: Number(speed),
    };
    return speed === undefined || speed === '' || !(point.step >= 1 && point.step <= upTo) ? [] : [point];
  });
}

/** Mean loss of up to `window` updates that end with each one. */
export function smoothed(losses: readonly number[], window = 20): number[] {
  let sum = 0;
  return losses.map((loss, at) => {
    sum += loss - (at >= window ? losses[at - window]! : 0);
    return sum / Math.min(at + 1, window);
  });
}

/** The curve in `height` lines of dots, steps to the right, with the loss at its left side. */
export function terminalCurve(losses: readonly number[], { width = 60, height = 10 } = {}): string {
  if (losses.length === 0) return '';
  const [columns, rows] = [Math.min(width, Math.ceil(losses.length / 2)) * 2, height * 4]; // a character holds 2 x 4 dots
  const [low, high] = range(losses);
  const cells = Array.from({ length: height }, () => new Uint8Array(columns / 2));
  for (let column = 0; column < columns; column++) {
    const [from, to] = [(column * losses.length) / columns, ((column + 1) * losses.length) / columns].map(Math.floor) as [number, number];
    const part = losses.slice(from, Math.max(from + 1, to));
    const mean = part.reduce((sum, loss) => sum + loss, 0) / part.length;
    if (!Number.isFinite(mean)) continue;
    const row = Math.min(rows - 1, Math.floor(((high - mean) / (high - low)) * rows));
    const dots = column % 2 === 0 ? [1, 2, 4, 64] : [8, 16, 32, 128];
    cells[Math.floor(row / 4)]![column >> 1]! |= dots[row % 4]!;
  }
  const lines = cells.map((cell, row) => {
    const label = row === 0 ? high : row === height - 1 ? low : undefined;
    const side = label === undefined ? '' : label.toFixed(2);
    return `${side.padStart(6)} │${Array.from(cell, (dots) => String.fromCharCode(0x2800 + dots)).join('')}`;
  });
  const end = `${losses.length}`;
  return [...lines, `       └${'─'.repeat(columns / 2)}`, `        1${end.padStart(Math.max(end.length + 1, columns / 2 - 1))}`].join('\n');
}

/** The curve as a picture of 720 x 400: every update as a thin line, its mean over 20 as a thick one, a border between the stages. */
export function svgCurve(points: readonly LossPoint[], title: string): string {
  const [left, right, top, bottom] = [56, 704, 40, 360];
  const losses = points.map(({ loss }) => loss);
  const [low, high] = range(losses);
  const x = (at: number) => left + ((right - left) * at) / Math.max(1, points.length - 1);
  const y = (loss: number) => top + ((bottom - top) * (high - loss)) / (high - low);
  const line = (values: readonly number[]) => values.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const ticks = Array.from({ length: 5 }, (_, i) => low + ((high - low) * i) / 4);
  const border = points.findIndex(({ stage }) => stage === 'sft');
  const text = (content: string) => content.replace(/[<>&]/g, (char) => `&#${char.charCodeAt(0)};`);
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 400" font-family="system-ui, sans-serif" font-size="12">',
    '<rect width="720" height="400" fill="#fff"/>',
    `<text x="${left}" y="24" font-size="14">${text(title)}</text>`,
    ...ticks.map(
      (tick) =>
        `<line x1="${left}" x2="${right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" stroke="#ddd"/>` +
        `<text x="${left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${tick.toFixed(2)}</text>`,
    ),
    ...(border > 0
      ? [
          `<line x1="${x(border).toFixed(1)}" x2="${x(border).toFixed(1)}" y1="${top}" y2="${bottom}" stroke="#999" stroke-dasharray="4 4"/>`,
          `<text x="${(x(border) + 6).toFixed(1)}" y="${top + 12}" fill="#666">SFT</text>`,
        ]
      : []),
    `<polyline points="${line(losses)}" fill="none" stroke="#9ecae1" stroke-width="1"/>`,
    `<polyline points="${line(byStage(points))}" fill="none" stroke="#08519c" stroke-width="2"/>`,
    `<text x="${left}" y="384">1</text><text x="${right}" y="384" text-anchor="end">${points.at(-1)?.step ?? 0}</text>`,
    '</svg>\n',
  ].join('\n');
}

// --- helpers ---

/** Means that do not reach over the border of two stages. */
function byStage(points: readonly LossPoint[]): number[] {
  return (['pretrain', 'sft'] as const).flatMap((stage) => smoothed(points.filter((one) => one.stage === stage).map(({ loss }) => loss)));
}

/** Smallest and largest, a little apart where they are one. */
function range(losses: readonly number[]): [low: number, high: number] {
  const finite = losses.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  return high > low ? [low, high] : [low, low + 1];
}
