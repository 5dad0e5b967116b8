/** The report as one JSON document: design.md 9 is its contract. Every number and text is as it was graded; totals are the report's own. */
import type { Report } from './report.ts';

// JSON allows them, but a terminal that shows the document obeys them.
const INVISIBLE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** One line of JSON. A number that JSON lacks (an infinite ratio) becomes text rather than null; characters that a terminal would obey are escaped. */
export function json(report: Report): string {
  const text = JSON.stringify(report, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
  return text.replace(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
