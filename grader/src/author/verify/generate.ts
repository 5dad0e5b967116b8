/** Mutants that nobody wrote: every small slip inside an exercise's regions, one at a time, that is still a program. */
import { type AnyNode, type Program, parse } from 'acorn';
import { strip } from '../../box/strip.ts';
import { regionSpans } from '../../format/regions.ts';
import { Random } from '../../suite/random.ts';
import { type Slip, slipsAt } from './operators.ts';

export interface GeneratedMutant {
  /** Kind of slip, what stood there, what stands there now, and which of equal ones: it stays when lines move. */
  readonly key: string;
  readonly line: number;
  /** The whole changed reference. */
  readonly text: string;
}

const LONGEST_SHOWN = 90;
const CONTEXT = 30;

/** All of them, in the order of the text. `where` names the file in errors. */
export async function generateMutants(reference: string, where: string): Promise<GeneratedMutant[]> {
  const text = reference.replaceAll('\r\n', '\n');
  const regions = regionSpans(text, where);
  const inside = ({ start, end }: Slip): boolean => regions.some((region) => region.start <= start && end <= region.end);
  // Types become spaces, so places in the tree are places in the text.
  const slips = slipsIn(syntaxTree(await strip(text, where)), [], text).filter(inside);

  const mutants: GeneratedMutant[] = [];
  const texts = new Set([text]);
  const ordinals = new Map<string, number>();
  for (const slip of slips.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const changed = text.slice(0, slip.start) + slip.put + text.slice(slip.end);
    if (texts.has(changed)) continue;
    texts.add(changed);
    const name = `${slip.operator}: ${shown(slip, text)}`;
    const ordinal = (ordinals.get(name) ?? 0) + 1;
    ordinals.set(name, ordinal);
    if (!(await isProgram(changed, where))) continue;
    mutants.push({ key: ordinal === 1 ? name : `${name} #${ordinal}`, line: text.slice(0, slip.start).split('\n').length, text: changed });
  }
  return mutants;
}

/** `count` of them, drawn by the seed; all when there are no more. */
export function sample(mutants: readonly GeneratedMutant[], count: number, seed: string): GeneratedMutant[] {
  const chosen = new Set(Random.for(seed, 'generated mutants').shuffle(mutants).slice(0, count));
  return mutants.filter((mutant) => chosen.has(mutant));
}

function syntaxTree(code: string): Program {
  return parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
}

async function isProgram(text: string, where: string): Promise<boolean> {
  try {
    syntaxTree(await strip(text, where));
    return true;
  } catch {
    return false;
  }
}

function slipsIn(node: AnyNode, above: readonly AnyNode[], text: string): Slip[] {
  if (node.type === 'ThrowStatement') return []; // the words of an error are no behaviour of the exercise
  const children = Object.values(node).flat().filter(isNode);
  return [...slipsAt(node, above, text), ...children.flatMap((child) => slipsIn(child, [node, ...above], text))];
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** `x.sub(y) -> x.add(y)`, on one line; of a long expression the part around the change. */
function shown({ start, end, put, shown: node }: Slip, text: string): string {
  const long = node.end - node.start > LONGEST_SHOWN;
  const from = long ? Math.max(node.start, start - CONTEXT) : node.start;
  const to = long ? Math.min(node.end, end + CONTEXT) : node.end;
  const line = (middle: string): string => `${text.slice(from, start)}${middle}${text.slice(end, to)}`.replace(/\s+/g, ' ').trim();
  const [before, after] = [line(text.slice(start, end)), line(put)];
  const cut = (part: string): string =>
    part.length > 2 * LONGEST_SHOWN ? `${part.slice(0, LONGEST_SHOWN)} ... ${part.slice(-CONTEXT)}` : part;
  return `${cut(before)} -> ${cut(after)}`;
}
