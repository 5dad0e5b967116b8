/** What a reader of an incomplete report must know first. */
import { say } from '../format/words.ts';
import { plainLine, plainText } from './plain-text.ts';
import { faultsOf, isPartial, type Report } from './report.ts';

/** Which exercises have no verdict, and why; empty for a whole report. */
export function notGradedText(report: Report): string {
  if (!isPartial(report)) return '';
  const faults = faultsOf(report);
  const open = report.notGraded.filter(({ reason }) => reason === null);
  const lines: string[] = [];
  if (faults.length > 0) {
    lines.push(
      say({
        en: `Not gradable: the grader failed at ${faults.length} of ${count(report)} exercises. That is no zero: run it again.`,
        zh: `无法评分：${count(report)} 题中有 ${faults.length} 题评分器自身出错。这不是零分，请重新运行。`,
      }),
      ...faults.map(({ id, reason }) => `  - ${plainLine(id)}: ${plainText(reason)}`),
    );
  }
  if (open.length > 0) {
    lines.push(
      say({
        en: `Partial: ${open.length} of ${count(report)} exercises were not graded (${names(open)}). The total is of the others.`,
        zh: `结果不完整：${count(report)} 题中有 ${open.length} 题尚未评分（${names(open)}）。总分只含其余各题。`,
      }),
    );
  }
  return lines.join('\n');
}

const count = ({ exercises, notGraded }: Report): number => exercises.length + notGraded.length;
const names = (open: readonly { readonly id: string }[]): string => open.map(({ id }) => plainLine(id)).join(', ');
