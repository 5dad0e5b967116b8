/** What a TypeScript file exports, read from its text: the names that a learner's file must have are those of the reference. */
import { regionSpans } from './regions.ts';

/** The values that a source exports; `*` where it passes on all of another file. */
export function exportedNames(source: string): Set<string> {
  const names = new Set<string>();
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  for (const [, name] of code.matchAll(/^export\s+(?:async\s+)?(?:abstract\s+)?(?:function\s*\*?|class|const|let|var)\s+([\w$]+)/gm))
    names.add(name!);
  for (const [, list] of code.matchAll(/^export\s*\{([^}]*)\}/gm)) {
    for (const entry of list!.split(',').map((one) => one.trim())) {
      if (entry !== '' && !entry.startsWith('type ')) names.add(entry.split(/\s+as\s+/).at(-1)!);
    }
  }
  if (/^export\s*\*/m.test(code)) names.add('*');
  return names;
}

/** Names of the exported functions and classes of a reference that hold a region: what the learner writes. UsageError for regions that do not pair up. */
export function writtenExports(reference: string, where: string): Set<string> {
  const text = reference.replaceAll('\r\n', '\n');
  const declared = [...text.matchAll(/^(export )?(?:async )?(?:function\*?|(?:abstract )?class|const|let) ([\w$]+)/gm)];
  const owners = regionSpans(text, where).map(({ start }) => declared.findLast(({ index }) => index < start));
  return new Set(owners.flatMap((owner) => (owner?.[1] ? [owner[2]!] : [])));
}
