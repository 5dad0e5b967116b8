/**
 * `course/<nn>-<slug>/derived.json`: all that a machine derives about an exercise. Only `ladder verify --write` writes it; nothing that a person writes repeats it.
 */
import { z } from 'zod';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hex');
/** Null where nothing was measured: a ratio of the reference with itself, or a program that was stopped. */
const figure = z.number().nullable();

export const derivedSchema = z.strictObject({
  /** The sums of the hidden suite's points. */
  points: z.strictObject({ tests: z.int().min(0), performance: z.int().min(0) }),
  /** Hashes of README.md, and of the README.zh.md that was made from it. */
  translation: z.strictObject({ en: hash, zh: hash }),
  /** Threshold -> what was measured when it was last calibrated, in the unit of its bound. */
  calibration: z.record(
    z.string(),
    z.strictObject({
      reference: figure,
      /** Naive control -> its figure. */
      naive: z.record(z.string(), figure),
      /** '2 cores, wasm'. */
      machine: z.string().min(1),
      date: z.iso.date(),
    }),
  ),
  /** Mutant -> sorted names of the tests that fail on it. */
  patterns: z.record(z.string(), z.array(z.string())),
  /** Hash of all that the last full verification depended on. */
  verified: z.string().optional(),
});

export type Derived = z.infer<typeof derivedSchema>;
export type Calibration = Derived['calibration'][string];
/** Mutant name -> sorted names of the tests that fail on it. */
export type Patterns = Readonly<Record<string, readonly string[]>>;
