/** loss.csv there and back, the curve as dots and as a picture; what a run shows in a terminal and elsewhere. */
import { describe, expect, test } from 'vitest';
import { CSV_HEADER, csvLine, type LossPoint, readCsv, smoothed, svgCurve, terminalCurve } from '../../src/run/loss-curve.ts';
import { duration, Screen, short } from '../../src/run/screen.ts';

const points: LossPoint[] = Array.from({ length: 30 }, (_, at) => ({
  step: at + 1,
  stage: at < 20 ? 'pretrain' : 'sft',
  loss: 7 - at / 5,
  lr: 1e-3,
  norm: 0.5,
  tokensPerSecond: 1000,
}));

describe('loss.csv', () => {
  const text = `${CSV_HEADER}${points.map(csvLine).join('')}`;

  test('comes back as it was, up to a step', () => {
    expect(readCsv(text, 99)).toEqual(points);
    expect(readCsv(text, 12)).toEqual(points.slice(0, 12));
  });

  test('a line that was cut off is passed over', () => {
    expect(readCsv(text.slice(0, -8), 99)).toEqual(points.slice(0, -1));
  });
});

test('smoothed is the mean of the last few', () => {
  expect(smoothed([4, 2, 6, 8], 2)).toEqual([4, 3, 4, 7]);
});

describe('terminalCurve', () => {
  test('falls from the upper left to the lower right', () => {
    const falling = terminalCurve(
      points.map(({ loss }) => loss),
      { width: 15, height: 4 },
    ).split('\n');
    expect(falling).toHaveLength(6);
    expect(falling[0]).toMatch(/^ {2}7\.00 │⠉⠒/);
    expect(falling[3]).toMatch(/^ {2}1\.20 │\u2800+.*[^\u2800]$/);
    expect(
      terminalCurve(
        points.map(({ loss }) => -loss),
        { width: 15, height: 4 },
      ),
    ).not.toBe(falling.join('\n'));
  });

  test('one value, none, and one that is no number do no harm', () => {
    expect(terminalCurve([])).toBe('');
    expect(terminalCurve([2, 2, 2])).toContain('2.00');
    expect(terminalCurve([2, Number.NaN, 3])).toContain('3.00');
  });
});

test('svgCurve is a picture with both curves, a border and an escaped title', () => {
  const svg = svgCurve(points, 'a < b & c');
  expect(svg).toContain('a &#60; b &#38; c');
  const [thin, thick] = [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, list]) => list!.split(' '));
  expect(thin).toHaveLength(30);
  expect(thick).toHaveLength(30);
  expect([thin![0], thin!.at(-1)]).toEqual(['56.0,40.0', '704.0,360.0']);
  expect(svg.match(/stroke-dasharray/g)).toHaveLength(1);
  expect(svgCurve(points.slice(0, 20), 'x')).not.toContain('stroke-dasharray');
});

describe('Screen', () => {
  function written(isTTY: boolean, columns: number): string {
    const parts: string[] = [];
    const screen = new Screen({ isTTY, columns, write: (part: string) => parts.push(part) });
    for (let step = 1; step <= 100; step++) screen.progress('预训练', step / 100, 'loss 2.00');
    screen.line('done');
    return parts.join('');
  }

  test('without a terminal: a line for each tenth, and no control characters', () => {
    const lines = written(false, 80).trimEnd().split('\n');
    expect(lines).toHaveLength(12); // the first, ten tenths, done
    expect(lines[5]).toBe('预训练  50 %  loss 2.00');
    expect(lines.some((line) => line.includes('\r') || line.includes('\u001b'))).toBe(false);
  });

  test('in a terminal: one line that is written over and never wider than the screen', () => {
    for (const columns of [20, 40, 200]) {
      const [line, ...others] = written(true, columns).split('\n');
      expect(others).toEqual(['']);
      for (const shown of line!.split('\r\u001b[K').slice(1)) {
        const cells = Array.from(shown).reduce((sum, char) => sum + (char > '\u2e80' ? 2 : 1), 0);
        expect(cells).toBeLessThan(columns);
      }
      expect(line!.endsWith('\r\u001b[Kdone')).toBe(true);
    }
  });

  test('short words for times and amounts', () => {
    expect([9.4, 130, 3900].map(duration)).toEqual(['9 s', '2 min 10 s', '1 h 5 min']);
    expect([950, 4100, 1_234_000].map(short)).toEqual(['950', '4.1k', '1.2M']);
  });
});
