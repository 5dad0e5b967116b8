/** What is known of one cheat. */
export interface Cheat {
  /** Its file in museum/, without the ending; for a cheat that is a folder, what `folder` does to an honest one. */
  readonly name: string;
  readonly does: string;
  readonly row: number | 'ours';
  /** Slug of the exercise that it attacks: of the transformer module, or the toy `tool-loop`. */
  readonly exercise: string;
  /** What the report must say. */
  readonly reason: RegExp;
  /** A right solution that cheats on this threshold; without it nothing at all may be earned. */
  readonly threshold?: string;
  /** A right solution but for this test. */
  readonly test?: string;
  /** Rests on the box's own word: `--strict` takes the points of this test or threshold out of the total. */
  readonly untrusted?: string;
  /** Changes the submission's folder, which holds the cheat's file (the solution where there is none) and the honest one. */
  readonly folder?: (folder: string, solutions: string) => void;
}
