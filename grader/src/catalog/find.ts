/** Turns a learner's words into an exercise, or into one error that names the nearest ones. */
import { basename, isAbsolute, relative, resolve } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { inWords } from '../format/words.ts';
import type { Catalog, Exercise } from './types.ts';

/** `transformer/sdpa`, `sdpa`, `01-sdpa`, `transformer/01`, `attention.ts`, or a path to the file or its folder. UsageError with the nearest names. */
export function findExercise(catalog: Catalog, words: string): Exercise {
  const all = catalog.modules.flatMap((module) => module.exercises);
  const matches = matching(catalog, all, words);
  if (matches.length === 1) return matches[0]!;
  if (matches.length > 1) {
    const ids = matches.map((one) => one.id).join(', ');
    throw inWords(new UsageError(words, 'one exercise', `${matches.length}: ${ids}`), {
      message: `${words}：应为一道练习，实为 ${matches.length} 道：${ids}`,
    });
  }
  throw unknown(catalog, words);
}

/** Each word names an exercise or a whole module; no words mean everything. Keeps the ladder's order, without doubles. */
export function selectExercises(catalog: Catalog, words: readonly string[]): readonly Exercise[] {
  const all = catalog.modules.flatMap((module) => module.exercises);
  if (words.length === 0) return all;
  const wanted = new Set<Exercise>();
  for (const word of words) {
    const name = asPath(catalog, word)[0] ?? word.replace(/\/+$/, '');
    const module = catalog.modules.find((one) => one.id === name || one.packageName === word);
    const isModule = module !== undefined && (asPath(catalog, word).length <= 1 || word === module.packageName);
    for (const exercise of isModule ? module.exercises : [findExercise(catalog, word)]) wanted.add(exercise);
  }
  return all.filter((exercise) => wanted.has(exercise));
}

function matching(catalog: Catalog, all: readonly Exercise[], words: string): readonly Exercise[] {
  const rules: ((exercise: Exercise) => boolean)[] = [
    (one) => one.id === words,
    (one) => `${one.module.id}/${one.folder}` === words,
    (one) => one.slug === words || one.folder === words,
    (one) => /^\d+$/.test(words.split('/').at(-1)!) && sameNumber(one, words),
    (one) => one.manifest.file === words || one.manifest.file === `${words}.ts`,
  ];
  for (const rule of rules) {
    const found = all.filter(rule);
    if (found.length > 0) return found;
  }
  const [module, folder] = asPath(catalog, words);
  return all.filter((one) => one.module.id === module && one.folder === folder);
}

function sameNumber(exercise: Exercise, words: string): boolean {
  const parts = words.split('/');
  const rightModule = parts.length === 1 || parts[0] === exercise.module.id;
  return parts.length <= 2 && rightModule && exercise.order === Number(parts.at(-1));
}

/** The parts below `exercises/` or `solutions/` when the words are such a path, from the working directory or from the root. */
function asPath(catalog: Catalog, words: string): string[] {
  for (const base of [process.cwd(), catalog.root]) {
    const path = relative(catalog.root, resolve(base, words)).replaceAll('\\', '/');
    const [tree, ...rest] = path.split('/');
    if ((tree === 'exercises' || tree === 'solutions') && !isAbsolute(path)) return rest;
  }
  return [];
}

function unknown(catalog: Catalog, words: string): UsageError {
  const names = catalog.modules.flatMap((module) => [module.id, ...module.exercises.map((exercise) => exercise.id)]);
  const near = nearest(words, names);
  const nearby = near.join(', ');
  const got = near.length > 0 ? `a name that is not there; near it: ${nearby}` : 'a name that is not there';
  return inWords(new UsageError(words, 'an exercise', got, { hint: 'ladder list shows all of them' }), {
    message: `${words}：没有叫这个名字的练习${near.length > 0 ? `；相近的有：${nearby}` : ''}`,
    hint: 'ladder list 可列出全部练习',
  });
}

/** The up to three names that are closest to the words, by edit distance on the whole name, on its last part and on the longer words of that. */
export function nearest(words: string, names: readonly string[]): string[] {
  const asked = basename(words.toLowerCase()).replace(/^\d+-|\.ts$/g, '');
  const scored = names.map((name) => {
    const last = name.split('/').at(-1)!;
    const [inAll, inLast] = [editDistance(words.toLowerCase(), name), editDistance(asked, last)];
    const distance = Math.min(inAll, inLast, ...last.split('-').map((word) => wordDistance(asked, word)));
    return { name, distance: last.startsWith(asked) && asked.length > 1 ? Math.min(distance, 1) : distance };
  });
  return scored
    .filter(({ distance, name }) => distance <= Math.max(2, Math.floor(name.split('/').at(-1)!.length / 3)))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** `sinusiod` is meant for `sinusoid-pe`; a short word is near too many others. */
function wordDistance(asked: string, word: string): number {
  const distance = editDistance(asked, word);
  return distance <= Math.floor(word.length / 4) ? distance + 1 : Number.POSITIVE_INFINITY;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
