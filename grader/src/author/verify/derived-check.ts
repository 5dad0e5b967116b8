/** `derived.json` against what a run of verify found: the author is told what is stale, or with `--write` the file says what is true now. */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { derivedFile, readDerived } from '../../catalog/derived.ts';
import type { Exercise } from '../../catalog/types.ts';
import type { Calibration, Derived, Patterns } from '../../format/derived.ts';
import type { Mutants } from '../../format/mutants.ts';
import type { TestReport } from '../../report/report.ts';
import type { Suite } from '../../suite/types.ts';
import { hashOf, writeAtomic } from '../../system/files.ts';
import type { VerifySetup } from './findings.ts';
import { type MutantsRun, withoutTests } from './mutants-run.ts';

const PARTS = ['points', 'translation', 'calibration', 'patterns'] as const;

/**
 * Compares the file with the suite, the READMEs and the patterns that were found, or writes it. Calibration is only compared by its names: figures differ from
 * run to run. A run that was not full has seen some of each mutant's failures: they must be among those that are known.
 */
export async function checkDerived(exercise: Exercise, { suite, absent, mutants, findings, setup }: MutantsRun): Promise<void> {
  const write = setup.write && !exercise.sealed && absent.size === 0;
  const known = await readDerived(exercise).catch((error: unknown) => {
    if (write) return undefined; // it is written afresh
    throw error;
  });
  const command = `${exercise.sealed ? 'ladder unseal, then ' : ''}ladder verify --write ${exercise.id}`;
  const calibration = stillTrue(known?.calibration ?? {}, suite, mutants);
  const uncalibrated = thresholdNames(suite).filter((name) => !(name in calibration));
  if (uncalibrated.length > 0 && (write ? !setup.thresholds : known))
    findings.problems.push(`derived.json has no calibration of ${uncalibrated.map((name) => `'${name}'`).join(', ')}: ${command}`);

  let translation = await translationOf(exercise);
  if (known && isOld(known.translation, translation) && !(write && setup.translated)) {
    const same = `where its text needs no change: ladder verify --write --translated ${exercise.id}`;
    findings.problems.push(`README.zh.md was translated from an earlier README.md; translate, then ${command} (${same})`);
    translation = known.translation; // nobody may bless it by the way
  }
  const patterns = Object.fromEntries(findings.mutants.map(({ name, killedBy }) => [name, [...killedBy]]));
  const exactly = (known: Patterns): boolean => JSON.stringify(withoutTests(known, absent)) === JSON.stringify(patterns);
  const holds = known && (findings.full ? exactly(known.patterns) : agree(known.patterns, patterns));
  const next: Derived = {
    points: { tests: sumOf(suite, 'test'), performance: sumOf(suite, 'performance') },
    translation,
    calibration,
    patterns: holds ? known.patterns : patterns,
    ...(known?.verified === undefined ? {} : { verified: known.verified }),
  };
  const stale = PARTS.filter((part) => JSON.stringify(known?.[part]) !== JSON.stringify(next[part]));
  if (stale.length === 0) return;
  if (write) await writeDerived(exercise, next);
  else if (setup.write && absent.size > 0) findings.problems.push('derived.json is not written: some of the tests did not run');
  else findings.problems.push(`derived.json is ${known ? `stale (${stale.join(', ')})` : 'missing'}: ${command}`);
}

/** Stores what thresholds measured just now; what was not measured stays as it is. UsageError where there is no `derived.json` yet. */
export async function storeCalibration(exercise: Exercise, suite: Suite, fresh: Derived['calibration']): Promise<void> {
  const known = await readDerived(exercise);
  if (known === undefined || exercise.sealed || Object.keys(fresh).length === 0) return;
  const all = { ...known.calibration, ...fresh };
  const inOrder = suite.entries.flatMap(({ name }) => (name in all ? [[name, all[name]!] as const] : []));
  await writeDerived(exercise, { ...known, calibration: Object.fromEntries(inOrder) });
}

/** What a threshold measured of the reference and of its naive controls, on this machine, today. */
export function calibrationOf(
  reference: TestReport | undefined,
  naive: Readonly<Record<string, TestReport | undefined>>,
  { backend }: Pick<VerifySetup, 'backend'>,
): Calibration {
  return {
    reference: figureOf(reference),
    naive: Object.fromEntries(Object.entries(naive).map(([name, report]) => [name, figureOf(report)])),
    machine: `${os.availableParallelism()} cores, ${backend}`,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Writes `derived.json`; only verify may. GraderError when it cannot be written. */
export async function writeDerived(exercise: Exercise, derived: Derived): Promise<void> {
  await writeAtomic(derivedFile(exercise), `${JSON.stringify(derived, null, 2)}\n`);
}

// --- helpers ---

/** True where the known patterns are those of the same mutants, and know of every failure that was seen. */
function agree(known: Patterns, seen: Patterns): boolean {
  if (JSON.stringify(Object.keys(known)) !== JSON.stringify(Object.keys(seen))) return false;
  return Object.entries(seen).every(([mutant, failed]) => failed.every((name) => known[mutant]!.includes(name)));
}

function figureOf(report: TestReport | undefined): number | null {
  const { median, count, ...kernels } = report?.details ?? {};
  const counts = Object.values(kernels).filter((value) => typeof value === 'number');
  const figure = Number(median ?? count ?? Math.max(...counts));
  return Number.isFinite(figure) ? Number(figure.toPrecision(3)) : null;
}

/** The thresholds that any machine can measure. */
function thresholdNames({ entries }: Suite): string[] {
  return entries.flatMap((entry) => (entry.kind === 'performance' && entry.options.on !== 'gpu' ? [entry.name] : []));
}

/** The entries whose threshold is there, with the naive controls that it has. */
function stillTrue(calibration: Derived['calibration'], { entries }: Suite, { naive = [] }: Mutants): Derived['calibration'] {
  const kept = entries.flatMap(({ name, kind }) => {
    const entry = kind === 'performance' ? calibration[name] : undefined;
    const controls = naive.filter(({ fails }) => fails === name).map((control) => control.name);
    return entry && sorted(Object.keys(entry.naive)) === sorted(controls) ? [[name, entry] as const] : [];
  });
  return Object.fromEntries(kept);
}

const sorted = (names: readonly string[]): string => JSON.stringify(names.toSorted());

async function translationOf({ courseDir }: Exercise): Promise<Derived['translation']> {
  const [en, zh] = await Promise.all(['README.md', 'README.zh.md'].map((name) => readFile(path.join(courseDir, name), 'utf8')));
  return { en: hashOf(en!), zh: hashOf(zh!) };
}

/** The English text changed and the Chinese one did not. */
function isOld(known: Derived['translation'], now: Derived['translation']): boolean {
  return known.en !== now.en && known.zh === now.zh;
}

function sumOf({ entries }: Suite, kind: 'test' | 'performance'): number {
  return entries.reduce((sum, entry) => sum + (entry.kind === kind ? entry.options.points : 0), 0);
}
