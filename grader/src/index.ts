/** The grader as a library: find exercises, grade them, read the report. The command line is built on exactly this. */
export { type Catalog, type Exercise, loadCatalog, type ModuleInfo, type ProgramSource, programFor } from './catalog/catalog.ts';
export { type Lang, lang, say, setLang, type Words } from './format/words.ts';
export { type GradeOptions, grade, gradeOne } from './grading/grade.ts';
export { type RegradeOptions, type RegradeReport, regrade } from './grading/regrade.ts';
export { gradingSetup, type Setup, type SetupOptions } from './grading/setup.ts';
export { type ReferenceTest, referenceSuite } from './judge/reference-suite.ts';
export { FORMATS, type Format } from './report/formats.ts';
export type { ExerciseReport, NotGraded, Provenance, Rejection, Report, State, Status, TestReport } from './report/report.ts';
export { renderExercise, renderSummary } from './report/terminal.ts';
