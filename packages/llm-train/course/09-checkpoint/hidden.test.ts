import { boxed, expect, performance, TensorValue, tensor, test } from '@llm-ladder/grader/suite';

test('ten steps, a checkpoint and ten more equal twenty steps, bit for bit', {
  points: 5,
  zh: '十步、存档、再十步，与二十步逐位相同',
  gate: true,
}, async ({ learner, random }) => {
  const seed = random.seed();
  const saved = await learner.save(boxed('fresh', seed, 10));
  const loaded = await learner.load(saved);
  const resumed = await learner.load(await learner.save(boxed('goOn', loaded, 10)));
  const straight = await learner.load(await learner.save(boxed('fresh', seed, 20)));
  expect(firstOther(resumed, straight)).toBe('none');
  expect(straight.optimizer.step).toBe(20);
  expect(straight.weights.w).toHaveShape([3, 2]);
  expect(firstOther(loaded, straight)).not.toBe('none'); // ten steps more do change something
});

test('nothing is left out: means, random numbers, the place in the data, the rate', {
  points: 2,
  zh: '什么都不遗漏：滑动平均、随机数、数据位置、学习率',
}, async ({ learner, random }) => {
  const state = {
    weights: { w: random.normal([3, 5]), layers: [{ g: random.normal([4]) }, { g: random.normal([2]) }] },
    optimizer: { step: 7, m: [random.normal([3, 5])], v: [random.uniform([3, 5])] },
    rng: [random.seed(), random.seed()],
    data: { epoch: 2, cursor: 11 },
    schedule: { step: 9, lr: random.next() },
  };
  expect(firstOther(await learner.load(await learner.save(state)), state)).toBe('none');
});

test('every bit of a float32 comes back', { points: 1, zh: 'float32 的每一位都能还原' }, async ({ learner, random }) => {
  const tricky = Float32Array.of(-0, 0, Infinity, -Infinity, 1e-45, 3.4028235e38, 0.1, 1 / 3, 1 + 2 ** -23, random.next());
  expect(firstOther(await learner.load(await learner.save({ tricky: tensor(tricky) })), { tricky: tensor(tricky) })).toBe('none');
});

test('plain numbers come back exactly', { points: 1, zh: '普通的数精确还原' }, async ({ learner, random }) => {
  const state = {
    list: [0.1, 0, -0, 1e-300, 2 ** 53, NaN, Infinity, -Infinity, random.next()],
    text: '大模型 "x"',
    yes: true,
    no: false,
    nothing: null,
  };
  expect(firstOther(await learner.load(await learner.save(state)), state)).toBe('none');
});

test('dtypes and shapes come back', { points: 2, zh: '类型和形状都能还原' }, async ({ learner, random }) => {
  const state = {
    ids: random.integers([2, 3], { min: -5, max: 100 }),
    mask: new TensorValue('bool', [5], Uint8Array.of(1, 0, 0, 1, 1)), // 5 bytes: what lies behind is not on a multiple of 4
    scalar: tensor([2.5], []),
    empty: tensor([], [0, 4]),
    cube: random.normal([2, 1, 3]),
    bytes: Uint8Array.of(1, 2, 255),
    words: Uint32Array.of(4_000_000_000, 7),
    doubles: Float64Array.of(Math.PI, -0),
    lists: [[], {}, [[1]]],
  };
  expect(firstOther(await learner.load(await learner.save(state)), state)).toBe('none');
  // Wherever the data begin: a text before them is longer and longer.
  for (let length = 0; length < 8; length++) {
    const moved = { text: 'x'.repeat(length), doubles: Float64Array.of(Math.E, length), ids: random.integers([3], { max: 9 }) };
    expect(firstOther(await learner.load(await learner.save(moved)), moved)).toBe('none');
  }
});

test('the bytes may lie anywhere in a larger buffer', { points: 1, zh: '字节可以位于更大缓冲区的任意位置' }, async ({
  learner,
  random,
}) => {
  const state = { bytes: Uint8Array.of(1, 2, 3), w: random.normal([3, 2]) };
  const saved: Uint8Array = await learner.save(state);
  const larger = new Uint8Array(saved.length + 3).fill(9);
  larger.set(saved, 1);
  expect(firstOther(await learner.load(larger.subarray(1, saved.length + 1)), state)).toBe('none');
});

test('a tied weight is stored once', { points: 2, zh: '共享的权重只存一份' }, async ({ learner, random }) => {
  const table = random.normal([64, 32]); // 8 KiB
  const saved: Uint8Array = await learner.save(boxed('tied', table));
  expect(saved.length).toBeGreaterThanOrEqual(8192);
  expect(saved.length).toBeLessThan(8192 + 2048);
  const { embed, head } = await learner.load(saved);
  expect(firstOther({ embed, head }, { embed: table, head: table })).toBe('none');
});

test('a damaged checkpoint is refused', { points: 3, zh: '拒绝损坏的存档' }, async ({ learner, random }) => {
  const saved: Uint8Array = await learner.save({ step: 12, w: random.normal([8, 9]), b: random.normal([3]) });
  await learner.load(saved); // whole
  const places = [0, 5, 9, saved.length - 1, saved.length - 5, ...Array.from({ length: 30 }, () => random.integer(0, saved.length))];
  for (const at of places) {
    const changed = saved.slice();
    changed[at]! ^= 1 << random.integer(0, 8);
    await expect(learner.load(changed)).toReject();
  }
  for (const length of [0, 3, 11, 12, 20, Math.floor(saved.length / 2), saved.length - 4, saved.length - 1])
    await expect(learner.load(saved.slice(0, length))).toReject();
  const longer = new Uint8Array(saved.length + 4);
  longer.set(saved);
  await expect(learner.load(longer)).toReject();
  const swapped = saved.slice(); // two words change places: a sum of all bytes would not notice
  const middle = 4 * Math.floor(saved.length / 8);
  swapped.set(saved.subarray(middle, middle + 4), middle + 4);
  swapped.set(saved.subarray(middle + 4, middle + 8), middle);
  await expect(learner.load(swapped)).toReject();
});

test('what cannot be kept is refused when saving', { points: 1, zh: '存不了的东西在保存时就拒绝' }, async ({ learner }) => {
  expect(await learner.load(await learner.save({ weights: 1 }))).toEqual({ weights: 1 });
  for (const kind of ['function', 'class', 'undefined']) await expect(learner.save(boxed('unfit', kind))).toReject();
});

test('the newest has the largest number, not the last name', { points: 1, zh: '最新的是编号最大的，而不是名字排在最后的' }, async ({
  learner,
  random,
}) => {
  const steps = [9, 10, 100, 99, 1000, 20];
  const names = random.shuffle([...steps.map((step) => `step-${step}.ckpt`), ...others]);
  const sorted = [...steps].sort((a, b) => b - a).map((step) => `step-${step}.ckpt`);
  expect(await learner.newestFirst(names)).toEqual(sorted);
  expect(await learner.newestFirst(others)).toEqual([]);
});

test('all but the newest few expire, and nothing else', { points: 1, zh: '除最新的几个外都过期，其他文件不动' }, async ({
  learner,
  random,
}) => {
  const names = random.shuffle(['step-8.ckpt', 'step-9.ckpt', 'step-10.ckpt', 'step-11.ckpt', ...others]);
  expect(await learner.expired(names, 2)).toEqual(['step-9.ckpt', 'step-8.ckpt']);
  expect(await learner.expired(names, 9)).toEqual([]);
  for (const keep of [0, -1]) await expect(learner.expired(names, keep)).toReject(/keep/);
});

test('a damaged file is passed over, the one before it used', { points: 2, zh: '跳过损坏的文件，用前一个' }, async ({
  learner,
  random,
}) => {
  const files = new Map<string, Uint8Array>();
  for (const step of [8, 9, 10, 11]) files.set(`step-${step}.ckpt`, await learner.save({ step, w: random.normal([2]) }));
  files.set('step-11.ckpt', files.get('step-11.ckpt')!.slice(0, -9));
  files.get('step-10.ckpt')![20]! ^= 4;
  const names = random.shuffle([...files.keys(), ...others]);
  const asked: string[] = [];
  const read = async (name: string) => {
    asked.push(name);
    return files.get(name) ?? new Uint8Array(0);
  };
  const found = await learner.last(names, read);
  expect([found.name, found.state.step]).toEqual(['step-9.ckpt', 9]);
  expect(asked).toEqual(['step-11.ckpt', 'step-10.ckpt', 'step-9.ckpt']); // one at a time, and no older one
  expect((await learner.last(others, read)) ?? 'none').toBe('none');
  expect((await learner.last(['step-11.ckpt'], read)) ?? 'none').toBe('none');
});

performance('saving needs the bytes once', {
  points: 2,
  zh: '保存时字节只占一份',
  kind: 'memory',
  atMost: 0.75,
  of: 'naive',
  inputs: (random) => [Array.from({ length: 8 }, () => random.uniform([1024, 512]))], // 16 MiB
  run: async (subject, [weights]) => ((await subject.save({ weights })) as Uint8Array).length,
  check: (got, expected) => expect(Math.abs(got - expected)).toBeLessThan(4096), // a layout of one's own is fine
});

// --- helpers ---

/** Names that a folder of checkpoints may hold besides. */
const others = ['step-12.ckpt.tmp', 'old-step-99.ckpt', 'step-.ckpt', 'step-x.ckpt', 'best.ckpt', 'step-2000', 'log.txt'];

/** The path of the first difference between two trees, bit by bit, or 'none'. */
function firstOther(got: unknown, want: unknown, path = 'state'): string {
  if (want instanceof TensorValue) {
    if (!(got instanceof TensorValue)) return `${path} is no tensor`;
    if (got.dtype !== want.dtype || `${got.shape}` !== `${want.shape}`) return `${path} is ${got.dtype} [${got.shape}]`;
    return firstOther(got.values, want.values, path);
  }
  if (ArrayBuffer.isView(want)) {
    const [a, b] = [got, want] as unknown as [ArrayLike<number>, ArrayLike<number>];
    if (!ArrayBuffer.isView(got) || got.constructor.name !== want.constructor.name || a.length !== b.length)
      return `${path} is of another kind`;
    const at = Array.from(b).findIndex((value, i) => !Object.is(value, a[i]));
    return at === -1 ? 'none' : `${path}[${at}]: expected ${b[at]}, got ${a[at]}`;
  }
  if (typeof want !== 'object' || want === null) return Object.is(got, want) ? 'none' : `${path}: expected ${want}, got ${got}`;
  if (typeof got !== 'object' || got === null || Array.isArray(got) !== Array.isArray(want)) return `${path} is of another kind`;
  const keys = Object.keys(want);
  if (`${Object.keys(got)}` !== `${keys}`) return `${path} has the keys ${Object.keys(got)}`;
  for (const key of keys) {
    const found = firstOther((got as Record<string, unknown>)[key], (want as Record<string, unknown>)[key], `${path}.${key}`);
    if (found !== 'none') return found;
  }
  return 'none';
}
