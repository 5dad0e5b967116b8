/** Cuts a learner's stub and a solution out of the reference: design.md 3. */
import { UsageError } from '@llm-ladder/backend/errors';
import { rewriteImports, scanImports } from '../catalog/imports.ts';

export interface CutOptions {
  /** Where the text is from, for errors: `packages/transformer/src/attention.ts`. */
  readonly where: string;
  readonly packageName: string;
  /** The exercise's id, which the stub's error names. */
  readonly exercise: string;
}

interface Region {
  readonly task: string;
  readonly indent: string;
  /** Lines of the two markers, from 0. */
  readonly begin: number;
  readonly end: number;
}

const opening = /^([ \t]*)\/\/ ?#region\b[ \t]*(.*)$/;
const closing = /^[ \t]*\/\/ ?#endregion\b/;
const errorsModule = '@llm-ladder/backend/errors';

/** The reference with each region's body replaced by a TODO line and a throw, and siblings imported as package subpaths. UsageError for regions that do not pair up. */
export function cutStub(reference: string, options: CutOptions): string {
  const lines = splitLines(reference);
  const regions = findRegions(lines, options.where);
  if (regions.length === 0) {
    throw new UsageError(options.where, 'at least one `// #region exercise: what to write` ... `// #endregion`', 'none', {
      hint: 'docs/authoring.md',
    });
  }
  for (const { task, indent, begin, end } of regions.toReversed()) {
    lines.splice(begin, end - begin + 1, `${indent}// TODO: ${task}`, `${indent}throw new NotImplemented('${options.exercise}');`);
  }
  return withNotImplemented(siblingsAsSubpaths(lines.join('\n'), options.packageName));
}

/** The reference without its region markers, with siblings imported as package subpaths. UsageError for regions that do not pair up. */
export function cutSolution(reference: string, options: CutOptions): string {
  const lines = splitLines(reference);
  const markers = new Set(findRegions(lines, options.where).flatMap(({ begin, end }) => [begin, end]));
  return siblingsAsSubpaths(lines.filter((_, index) => !markers.has(index)).join('\n'), options.packageName);
}

/** What each region asks for, in order: `scores, mask, softmax, weighted sum`. */
export function regionTasks(reference: string, where: string): string[] {
  return findRegions(splitLines(reference), where).map(({ task }) => task);
}

/** Where the bodies of the regions lie in a text with \n line ends, as offsets. */
export function regionSpans(reference: string, where: string): { readonly start: number; readonly end: number }[] {
  const lines = splitLines(reference);
  const offset = (line: number): number => lines.slice(0, line).reduce((sum, { length }) => sum + length + 1, 0);
  return findRegions(lines, where).map(({ begin, end }) => ({ start: offset(begin + 1), end: offset(end) }));
}

/** `./attention.ts` becomes `@llm-ladder/transformer/attention`, so an unsolved exercise never blocks the next one. */
export function siblingsAsSubpaths(source: string, packageName: string): string {
  return rewriteImports(source, (specifier) =>
    specifier.startsWith('./') ? `${packageName}/${specifier.slice(2).replace(/\.ts$/, '')}` : undefined,
  );
}

function splitLines(text: string): string[] {
  return text.replaceAll('\r\n', '\n').split('\n');
}

function findRegions(lines: readonly string[], where: string): Region[] {
  const regions: Region[] = [];
  // Other regions fold code for editors; they only have to pair up.
  const open: { readonly line: number; readonly task: string | undefined; readonly indent: string }[] = [];
  for (const [index, line] of lines.entries()) {
    const begin = opening.exec(line);
    if (begin !== null) {
      const outer = open.find(({ task }) => task !== undefined);
      if (outer !== undefined) {
        throw new UsageError(
          `${where}:${index + 1}`,
          `#endregion for the region of line ${outer.line + 1} before another #region`,
          'a region inside an exercise',
        );
      }
      const task = /^exercise\b(.*)$/.exec(begin[2]!.trim())?.[1]?.replace(/^\s*:/, '').trim();
      if (task === '') throw new UsageError(`${where}:${index + 1}`, 'what to write after `// #region exercise:`', 'nothing');
      open.push({ line: index, task, indent: begin[1]! });
    } else if (closing.test(line)) {
      const begun = open.pop();
      if (begun === undefined) throw new UsageError(`${where}:${index + 1}`, 'a #region before this #endregion', 'none');
      if (begun.task !== undefined) regions.push({ task: begun.task, indent: begun.indent, begin: begun.line, end: index });
    }
  }
  const left = open[0];
  if (left !== undefined) throw new UsageError(`${where}:${left.line + 1}`, '#endregion for this region', 'the end of the file');
  return regions;
}

function withNotImplemented(stub: string): string {
  const merged = /^import \{([^}]*)\} from '@llm-ladder\/backend\/errors';/m.exec(stub);
  if (merged !== null) {
    const names = merged[1]!
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    if (names.includes('NotImplemented')) return stub;
    const all = [...names, 'NotImplemented'].sort().join(', ');
    return stub.replace(merged[0], () => `import { ${all} } from '${errorsModule}';`);
  }
  const line = `import { NotImplemented } from '${errorsModule}';\n`;
  const at = insertionPoint(stub);
  const gap = scanImports(stub).length === 0 && stub.slice(at, at + 1) !== '\n' ? '\n' : '';
  return `${stub.slice(0, at)}${line}${gap}${stub.slice(at)}`;
}

/** After the import of the backend, else before the first import, else after the header comment. */
function insertionPoint(source: string): number {
  const sites = scanImports(source);
  const backend = sites.find(({ specifier }) => specifier === '@llm-ladder/backend');
  if (backend !== undefined) return source.indexOf('\n', backend.end) + 1;
  const first = sites[0];
  if (first !== undefined) {
    const before = source.slice(0, first.start);
    return Math.max(...[...before.matchAll(/^(?:import|export)\b/gm)].map((match) => match.index));
  }
  return /^(?:\/\*[\s\S]*?\*\/\n|\/\/[^\n]*\n)*/.exec(source)![0].length;
}
