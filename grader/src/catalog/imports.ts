/** Finds and rewrites what a TypeScript file imports, without parsing it: import statements start a line in code that Biome formats. */

export interface ImportSite {
  readonly specifier: string;
  /** Where the specifier's text (without quotes) starts and ends. */
  readonly start: number;
  readonly end: number;
  /** 1-based. */
  readonly line: number;
}

const patterns = [
  /^[ \t]*(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])([^'"\n]+)\1/gm, // import { a } from './b.ts', also over several lines
  /^[ \t]*import\s*(['"])([^'"\n]+)\1/gm, // import './b.ts'
  /\bimport\(\s*(['"])([^'"\n]+)\1\s*\)/g, // import('./b.ts'), as a value or as a type
];

/** Every import, in the order of the file. Text inside comments is not looked at. */
export function scanImports(source: string): ImportSite[] {
  const code = blankComments(source);
  const sites: ImportSite[] = [];
  for (const pattern of patterns) {
    for (const match of code.matchAll(pattern)) {
      const specifier = match[2]!;
      const start = match.index + match[0].lastIndexOf(specifier);
      sites.push({ specifier, start, end: start + specifier.length, line: source.slice(0, start).split('\n').length });
    }
  }
  return sites.sort((a, b) => a.start - b.start);
}

/** The source with each specifier replaced by what `rewrite` gives; undefined keeps it. */
export function rewriteImports(source: string, rewrite: (specifier: string) => string | undefined): string {
  let text = '';
  let from = 0;
  for (const site of scanImports(source)) {
    text += source.slice(from, site.start) + (rewrite(site.specifier) ?? site.specifier);
    from = site.end;
  }
  return text + source.slice(from);
}

/** The same text, character for character, with comments turned to spaces; strings and templates are left alone. */
function blankComments(source: string): string {
  const tokens = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g;
  return source.replace(tokens, (token) => (token.startsWith('//') || token.startsWith('/*') ? token.replace(/[^\n]/g, ' ') : token));
}
