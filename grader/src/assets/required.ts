/** What an exercise or a test requires of this machine besides the course itself: `model:minilm` is a model in the cache of `ladder model`. */
import { modelHere } from '@llm-ladder/data/model-cache';
import type { Exercise } from '../catalog/types.ts';
import { say, type Words } from '../format/words.ts';
import type { Suite, SuiteEntry } from '../suite/types.ts';

const MODEL = 'model:';

/** The model that a requirement names: 'minilm' of 'model:minilm'. */
export function modelOf(requirement: string): string {
  return requirement.slice(MODEL.length);
}

/** Those that are not here. UsageError for a model that nobody knows. */
export function absentOf(requirements: readonly string[]): readonly string[] {
  return requirements.filter((one) => modelHere(modelOf(one)) === undefined);
}

/** Everything that one test needs: what its exercise requires, and what it requires itself. */
export function requirementsOf(
  { manifest }: Exercise,
  { options }: { readonly options: Pick<SuiteEntry['options'], 'requires'> },
): readonly string[] {
  return [...new Set([...(manifest.requires ?? []), ...(options.requires ?? [])])];
}

/** Name of a test -> what is not here of what it needs. Where that holds for the gate, nothing behind it can be judged: then it holds for every test. */
export function absentByTest(exercise: Exercise, { entries }: Suite): ReadonlyMap<string, readonly string[]> {
  const absent = new Map(
    entries.map((entry) => [entry.name, absentOf(requirementsOf(exercise, entry))] as const).filter(([, missing]) => missing.length > 0),
  );
  const gate = entries.find((entry) => entry.kind === 'test' && entry.options.gate);
  const ofGate = (gate && absent.get(gate.name)) ?? [];
  return ofGate.length === 0 ? absent : new Map(entries.map(({ name }) => [name, [...new Set([...ofGate, ...(absent.get(name) ?? [])])]]));
}

/** `ladder model add minilm use`. */
export function commandFor(missing: readonly string[]): string {
  return `ladder model add ${missing.map(modelOf).join(' ')}`;
}

/** Why a test did not run, and the command that fetches what it needs. */
export function notHere(missing: readonly string[]): string {
  const list = missing.join(', ');
  const words: Words = {
    en: `not run: ${list} is not on this machine: ${commandFor(missing)}`,
    zh: `未运行：本机没有 ${list}：${commandFor(missing)}`,
  };
  return say(words);
}
