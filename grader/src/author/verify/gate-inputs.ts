/** Whether the gate of an exercise draws its inputs: fixed ones can be stored with their answers, and then the gate proves nothing. */
import { inspect } from 'node:util';
import type { Box } from '../../box/types.ts';
import { Adapter, Handle, isPlainObject, type Value } from '../../box/values.ts';
import type { Exercise } from '../../catalog/types.ts';
import { ReferenceHost } from '../../judge/reference-host.ts';
import { openContext } from '../../judge/run-test.ts';
import type { SubjectHost } from '../../judge/subject.ts';
import type { Suite, SuiteTest } from '../../suite/types.ts';
import type { VerifySetup } from './findings.ts';

const SEEDS = ['verify', 'verify with another seed'];

/** Runs the gate, which the solution passes, under two seeds with the solution in the learner's place, and compares what it sent. The problem as a sentence, if there is one. */
export async function checkGateInputs(
  exercise: Exercise,
  { entries }: Suite,
  setup: Pick<VerifySetup, 'driver' | 'backend' | 'open'>,
  box: Box,
): Promise<string[]> {
  const gate = entries.find((entry): entry is SuiteTest => entry.kind === 'test' && entry.options.gate === true);
  if (!gate) return []; // said elsewhere
  const host = new ReferenceHost(exercise, { driver: setup.driver, backend: setup.backend, open: setup.open, referenceBox: box });
  const runs: string[] = [];
  for (const seed of SEEDS) {
    const sent: string[] = [];
    const learner = listening(host, sent);
    const { run, close } = openContext(exercise, { learner, reference: host }, seed, gate);
    try {
      await run(gate.fn);
    } finally {
      await close();
    }
    runs.push(sent.join('\n'));
  }
  if (runs[0] !== runs[1]) return [];
  return [`the gate '${gate.name}' sends the same inputs in every run: draw some of them with random, so that stored answers earn nothing`];
}

/** The host with a box that writes down what it is sent, and what callbacks answer. */
function listening(host: ReferenceHost, sent: string[]): SubjectHost {
  const record = (args: readonly Value[]): readonly Value[] => {
    sent.push(written(args));
    return args.map((arg) => withEars(arg, sent));
  };
  let heard: { readonly of: Box; readonly box: Box } | undefined; // one for each box: handles belong to the one that gave them
  return {
    who: 'reference',
    entry: host.entry,
    asyncExports: host.asyncExports,
    timeLeft: () => host.timeLeft(),
    spent: () => undefined,
    open: async () => {
      const { box, exports } = await host.open();
      if (heard?.of === box) return { box: heard.box, exports };
      const call: Box['call'] = (target, args, options) => box.call(target, record(args), options);
      const grad: Box['grad'] = (target, args, options) => box.grad(target, record(args), options);
      const others = { get: (_: Box, name: string) => (name === 'call' ? call : name === 'grad' ? grad : own(box, name)) };
      heard = { of: box, box: new Proxy(box, others as ProxyHandler<Box>) };
      return { box: heard.box, exports };
    },
  };
}

/** A field of the box; its methods go on being the box's. */
function own(box: Box, name: string): unknown {
  const value = Reflect.get(box, name) as unknown;
  return typeof value === 'function' ? value.bind(box) : value;
}

/** A value in which each function also writes down what it answers: the inputs of a search come from its callbacks. */
function withEars(value: Value, sent: string[]): Value {
  if (typeof value === 'function') {
    const fn = value as (...args: Value[]) => unknown;
    return (async (...args: Value[]) => {
      const answer = (await fn(...args)) as Value;
      sent.push(written(answer));
      return answer;
    }) as unknown as Value;
  }
  if (value instanceof Adapter) return new Adapter(value.kind, withEars(value.data, sent));
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => withEars(item, sent));
  if (isPlainObject(value))
    return Object.fromEntries(Object.entries(value as Record<string, Value>).map(([key, item]) => [key, withEars(item, sent)]));
  return value;
}

/** Everything in a value as text; a handle without its number, which counts up from run to run. */
function written(value: unknown): string {
  const plain = (one: unknown): unknown => {
    if (one instanceof Handle) return one.className;
    if (Array.isArray(one)) return one.map(plain);
    return isPlainObject(one) ? Object.fromEntries(Object.entries(one).map(([key, item]) => [key, plain(item)])) : one;
  };
  return inspect(plain(value), { depth: 20, maxArrayLength: null, maxStringLength: null });
}
