/**
 * The index of the museum: every cheat that we know, what it does, where it comes from, and why it earns nothing.
 * `row` is the kind of cheat as other graders have met it; 'ours' is what we thought of ourselves:
 * 1 work on another queue, 2 work after the answer, 3 lazy output, 4 patched clock, 5 hooks in native memory, 6 forged result channel, 7 stolen signature,
 * 8 cache by identity, 9 cache by fingerprint, 10 batched calls, 11 replay across phases, 12 warm-up detected, 13 overwritten input, 14 freed memory,
 * 15 search for expected values, 16 reset error counter, 17 known seed, 18 stored or constant answers, 19 lower precision, 20 persisting cache,
 * 21 one case driven to zero, 22 routing by shape, 23 the library, the reference or a fallback, 24 overwritten framework, 25 uninitialised memory,
 * 26 (banned words: see ../honest), 27 slowing the reference down.
 *
 * Not here, because nothing in a CPU exercise can express it: 1, 5, 7, 16, 20, 21 and 25
 * (they need a GPU, native code or a verdict that is made in the learner's process), and zip slip (the grader unpacks no archive: it reads folders).
 */
import type { Cheat } from './cheat.ts';
import { folders } from './folders.ts';

type Row = readonly [
  name: string,
  row: Cheat['row'],
  exercise: string,
  reason: RegExp,
  does: string,
  more?: Pick<Cheat, 'threshold' | 'test' | 'untrusted'>,
];

const slow = /of the reference's throughput, at least 0\.7 is needed/;
const wrong = /worst at \[/;
const refused = /which this exercise may not use/;
const ratio = 'attention keeps up with the reference';
const growth = 'twice the time costs four times the work, not eight';
const memory = 'attention needs less memory than the wasteful form';
const pe = 'sinusoid-pe';

const files: readonly Row[] = [
  // lazy outputs, work after the answer
  ['lazy-promise', 3, pe, /sinusoidal returned a Promise/, 'answers with a Promise'],
  ['lazy-thenable', 3, pe, /sinusoidal returned a Promise/, 'answers with a thenable object'],
  ['lazy-getter', 3, 'sdpa', slow, 'computes in getters of the result', { threshold: ratio }],
  ['lazy-proxy', 3, 'sdpa', slow, 'computes in a Proxy around a tensor', { threshold: ratio }],
  ['lazy-typed-array', 3, pe, /expected shape \[\d+, \d+\]/, 'returns a subclassed typed array'],
  ['lazy-to-primitive', 3, pe, /expected a tensor, got an object/, 'returns an object with valueOf, toJSON and the like'],
  ['agreeable-object', 3, pe, /expected a tensor, got an object/, 'returns an object that tells matchers that it is equal'],
  ['later-timer', 2, pe, wrong, 'fills its output in after the answer'],
  ['later-worker', 2, pe, /Worker is not a constructor/, 'leaves the work to a thread'],
  ['spin-beside', 27, 'sdpa', slow, 'leaves a loop running to slow the reference down', { threshold: ratio }],

  // clocks
  ['clock-stopped', 4, 'sdpa', slow, 'stops Date, performance.now, hrtime and tf.util.now', { threshold: ratio }],
  ['clock-no-timers', 4, pe, /took longer than 1\.5 s/, 'takes the timers away and never ends'],

  // the result channel
  ['forge-stdout', 6, pe, wrong, 'prints reports with full points'],
  ['forge-frames', 6, pe, refused, 'breaks the module lock to write on descriptor 3'],
  ['lock-map-get', 23, pe, refused, 'breaks the module lock by Map.prototype.get'],
  // Its startsWith answers yes to everything, so the refusal takes a built-in for a missing file.
  ['lock-regexp-url', 23, pe, /imports 'node:fs', which|ended before it answered/, 'breaks the module lock by text and URL methods'],
  ['real-process', 'ours', pe, wrong, 'catches the real process in Function.prototype.call'],
  ['polluted-objects', 6, pe, wrong, 'adds passed and score to every object'],
  ['exit-zero', 6, pe, /ended itself: process\.exit\(0\)/, 'calls process.exit(0) while it is loaded'],
  ['abort-in-call', 6, pe, /process\.exit/, 'calls process.abort in a call'],
  ['exit-hook', 6, pe, /threw RangeError: gave up/, 'hangs onto the end of the process'],
  ['kill-parent', 6, pe, /kill is not a function/, 'sends signals to the grader'],
  ['kill-by-thrown-getters', 'ours', pe, /threw/, 'throws a Proxy that throws'],

  // expected values, seeds
  ['heap-snapshot', 15, pe, refused, 'writes a snapshot of the heap'],
  ['heap-inspector', 15, pe, refused, 'debugs itself'],
  ['spy-prototypes', 15, pe, wrong, 'listens in methods of prototypes for expected values'],
  ['heap-scan', 14, pe, wrong, 'searches freed memory for an answer'],
  ['gc-expected', 15, pe, wrong, 'waits for collected values'],
  ['callback-error-told', 15, 'tool-loop', /"role": "tool"/, 'answers with the words of the assertion that its callback failed'],
  [
    'callback-error-swallowed',
    15,
    'tool-loop',
    /secret/,
    'goes on where an assertion in a tool refused it',
    { test: 'a tool gets its arguments as values' },
  ],
  ['seed-environment', 17, pe, wrong, 'looks for the seed in the environment'],
  [
    'sealed-key',
    'ours',
    'sdpa',
    /found \[/,
    'looks for the key of sealed suites and their text, and tells what it finds (../seal/reach.test.ts)',
  ],
  ['random-fixed', 17, 'sdpa', wrong, 'makes Math.random and crypto constant'],

  // replays
  ['cache-by-shape', 8, 'sdpa', wrong, 'plays the first answer of each shape again', { threshold: ratio }],
  ['cache-by-fingerprint', 9, 'sdpa', wrong, 'plays answers again by a cheap fingerprint', { threshold: ratio }],
  ['cache-of-sizes', 11, 'masks', /times as long for twice the input/, 'plays work of the sixth power again', { threshold: growth }],
  ['previous-answer', 18, 'layernorm', wrong, 'answers with the answer to the call before'],
  ['batch-the-queue', 10, 'sdpa', wrong, 'collects calls to answer the last one', { threshold: ratio }],
  ['warm-up-detected', 12, 'sdpa', slow, 'dawdles while it is warmed up', { threshold: ratio }],
  [
    'growth-padded',
    12,
    'masks',
    /of the reference's throughput, at least 0\.1 is needed/,
    'waits in short calls to make its growth look small',
    { threshold: "a large mask takes less than ten times the reference's time" },
  ],
  ['route-by-shape', 22, 'sdpa', wrong, 'returns zeros for the timed shape', { threshold: ratio }],
  ['half-the-answer', 22, 'sdpa', /expected shape/, 'leaves an output out for the timed shape', { threshold: ratio }],
  [
    'memory-taken-before',
    'ours',
    'sdpa',
    /of the naive form's memory/,
    'takes memory while it is loaded to hide the peak of a call',
    { threshold: memory },
  ],

  // fakes
  ['zero-the-input', 13, 'layernorm', wrong, 'overwrites its inputs'],
  ['nan', 15, 'layernorm', /got NaN/, 'returns NaN'],
  ['infinity', 15, 'layernorm', /got Infinity/, 'returns infinities'],
  ['zeros', 18, 'layernorm', wrong, 'returns zeros'],
  ['copy-of-input', 18, 'layernorm', wrong, 'returns its input'],
  ['constant', 18, 'sdpa', wrong, 'returns the mean answer'],
  ['stored-goldens', 18, 'layernorm', wrong, 'holds the answers to the fixed inputs'],
  ['coarse-numbers', 19, 'layernorm', wrong, 'computes with eight bits'],
  ['always-refuses', 23, 'mha', /threw ShapeError/, 'throws the error that tests ask for'],
  ['never-written', 23, 'mha', /not written|mha/, 'says that it is not written yet'],

  // ways to code that is not the learner's
  ['import-reference', 23, 'sdpa', refused, 'exports the reference'],
  ['import-index', 23, 'layernorm', refused, 'exports from the whole package'],
  ['import-later-exercise', 23, 'mha', refused, 'exports a part of a later exercise'],
  ['import-hidden-suite', 23, 'sdpa', refused, 'imports the hidden suite'],
  ['import-grader', 23, 'sdpa', refused, 'registers a test of its own'],
  ['import-try-catch', 23, pe, wrong, 'tries every way and falls back to zeros'],
  ['import-data-url', 23, pe, refused, 'imports through a data: URL'],
  ['require-made', 23, pe, refused, 'makes a require'],
  ['hooks-of-its-own', 23, pe, refused, 'registers module hooks'],
  ['process-binding', 23, pe, /is not a function/, 'takes the file system from process'],
  ['eval-import', 23, pe, refused, 'imports from made code'],
  ['fetch-solution', 23, pe, /fetch is not defined/, 'downloads the solution'],
  ['child-process', 23, pe, refused, 'starts a process'],
  ['patch-data-sync', 24, 'sdpa', wrong, 'replaces the method that reads tensors'],
  ['patch-kernels', 24, 'sdpa', /expected|threw/, 'replaces kernels'],
  [
    'forged-kernel-counts',
    'ours',
    'sdpa',
    /takes no box's own word/,
    'hides its matrix products from the counter',
    { untrusted: 'two matrix products are enough' },
  ],
  [
    'forged-tensor-counts',
    'ours',
    'sdpa',
    /takes no box's own word/,
    'patches the count of tensors',
    { untrusted: 'attention: keeps no tensors over 20 calls' },
  ],

  // words in reports
  ['words-in-errors', 6, pe, /threw Error: .*All tests passed/, 'throws orders to terminals, XML readers and CI runners'],
  ['words-in-names', 6, pe, /expected the export sinusoidal, got no exports/, 'exports names that are orders'],

  // resources
  ['endless-loop', 'ours', pe, /took longer than 1\.5 s/, 'never answers'],
  ['endless-microtasks', 'ours', pe, /took longer than 1\.5 s/, 'never answers and starves timers'],
  ['atomics-wait', 'ours', pe, /took longer than 1\.5 s/, 'sleeps for ever'],
  ['memory-bomb', 'ours', pe, /limit on memory/, 'takes all memory'],
  ['output-bomb', 'ours', pe, /limit on (output|memory)|write ENOBUFS/, 'prints a gigabyte'],
  [
    'huge-result',
    'ours',
    'copy-reverse',
    /got an array of 1000000 of other content/,
    'returns a list whose difference from the expected one takes hours to print',
    { test: 'translating nothing gives nothing' },
  ],
  ['deep-result', 'ours', pe, /nested deeper/, 'nests lists without end'],
  ['self-containing-result', 'ours', pe, /contains itself/, 'returns an object that contains itself'],
];

export const cheats: readonly Cheat[] = [
  ...files.map(([name, row, exercise, reason, does, more]) => ({ name, row, exercise, reason, does, ...more })),
  ...folders,
];
