/** Reports of every kind, with the worst text that a learner's program or a folder's name can bring. */
import fc from 'fast-check';
import { makeExerciseReport, makeReport, type NotGraded, type Provenance, type Report, type TestReport } from '../../src/report/report.ts';

export const provenance: Provenance = {
  backend: 'wasm',
  box: 'bubblewrap',
  seed: 'abc',
  grader: '0.1.0',
  modules: { transformer: '0.1.0' },
  submission: 'ada',
  startedAt: '2026-11-23T19:00:00.000Z',
  finishedAt: '2026-11-23T19:00:02.500Z',
};

export function line(name: string, status: TestReport['status'], maxPoints = 2, more: Partial<TestReport> = {}): TestReport {
  return {
    name,
    kind: 'test',
    status,
    points: status === 'passed' ? maxPoints : 0,
    maxPoints,
    message: status === 'passed' ? null : 'why',
    durationMs: 12,
    ...more,
  };
}

const fragments = [
  '\u001b[31mred',
  '\u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007',
  '\u001b\u001b[31m[2J',
  '\u009b2J',
  '\u0000\u0007\u0008\u007f',
  '\ud800',
  '\udfff',
  '\uffff\ufffe',
  '\u202egnp.exe\u2066',
  '\u2028',
  '\r\n',
  '\r',
  '\n\n',
  '\t',
  ' ',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  ']]>',
  '<!-- ',
  '&lt;&#10;&nope;',
  '"',
  "'",
  ',',
  '=HYPERLINK("https://evil.example")',
  '+1',
  '-1',
  '@SUM(A1)',
  '```',
  '\n```\n<b>out</b>',
  '~~~',
  '\n# heading',
  '\n| a | b |\n|---|---|\n',
  '|',
  '\\|',
  '\\',
  '**',
  '__',
  '[x](javascript:alert(1))',
  '![x](https://evil.example/x.png)',
  'https://evil.example',
  'www.evil.example',
  'a@evil.example',
  '@everyone',
  '\n::error file=x::boom',
  '\n  ::add-mask::1',
  ':::stop-commands::x',
  '##vso[task.complete result=Succeeded;]',
  '##[error]',
  '###[x',
  'attention.ts:12',
  '梯子',
  '👩‍👩‍👧',
];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.array(fc.constantFrom(...fragments), { maxLength: 6 }).map((parts) => parts.join('')),
);
const optional = fc.option(text);

const statuses = ['passed', 'failed', 'waiting', 'inconclusive', 'not-run'] as const;
const test = fc
  .record({
    name: text,
    zh: text,
    kind: fc.constantFrom('test' as const, 'performance' as const),
    status: fc.constantFrom(...statuses),
    maxPoints: fc.nat(9),
    message: optional,
    durationMs: fc.double({ min: 0, max: 1e5, noNaN: true }),
  })
  .map(({ name, status, maxPoints, ...more }) => line(name, status, maxPoints, more));
const tests = fc.uniqueArray(test, { selector: ({ name }) => name, maxLength: 8 });

const exercise = (id: string) =>
  fc
    .record({
      tests,
      rejected: fc.option(fc.record({ code: text, reason: text }), { freq: 5 }),
      todo: fc.boolean(),
      lacksModel: fc.oneof({ arbitrary: fc.constant(false), weight: 4 }, fc.constant(true)),
    })
    .map((one) => {
      const { rejected, todo } = one;
      const missing = { missing: ['model:minilm'] };
      const all = one.lacksModel
        ? one.tests.map(({ name, maxPoints }) => line(name, 'not-run', maxPoints, missing))
        : rejected === null
          ? one.tests
          : one.tests.map(({ name, maxPoints }) => line(name, 'waiting', maxPoints, { message: null }));
      return makeExerciseReport(id, all, { todo, rejected });
    });

const notGraded = (id: string) => fc.record({ id: fc.constant(id), reason: fc.option(text, { freq: 2 }), tests });

const ids = ['transformer/sdpa', 'transformer/mha', 'rag/bm25', 'llm-train/adam', 'agent/loop'];

/** A whole report three times out of four, else a partial one or one that the grader failed at. */
export const someReport: fc.Arbitrary<Report> = fc
  .record({
    graded: fc.nat(4),
    open: fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, fc.integer({ min: 1, max: 2 })),
    submission: text,
    seed: text,
  })
  .chain(({ graded, open, submission, seed }) =>
    fc
      .record({
        exercises: fc.tuple(...ids.slice(0, graded).map(exercise)),
        open: fc.tuple(...ids.slice(graded, graded + open).map(notGraded)),
      })
      .map((all) => makeReport(all.exercises, { ...provenance, submission, seed, notGraded: all.open as NotGraded[] })),
  );
