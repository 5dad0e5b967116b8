import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { caps, decodeFrame, encodeFrame, extension, FrameError } from '../../src/box/codec.ts';
import { FrameReader } from '../../src/box/frame-reader.ts';
import { parseFromBox } from '../../src/box/protocol.ts';
import { Handle, rng, type TensorValue, tensor, type Value } from '../../src/box/values.ts';

const there = (value: unknown, functions = {}): unknown => decodeFrame(encodeFrame(value, functions).subarray(4), functions);

describe('values', () => {
  const values: readonly (readonly [string, Value])[] = [
    ['null', null],
    ['booleans', [true, false]],
    ['numbers', [0, 1, -1, 127, 128, -129, 65_536, 2 ** 40, -(2 ** 53), 0.1, Number.POSITIVE_INFINITY, Number.MIN_VALUE]],
    ['NaN', Number.NaN],
    ['bigints', [0n, -1n, 2n ** 200n, -(2n ** 64n)]],
    ['texts', ['', 'a\u0000b', '大模型', '\u{1f600}', 'x'.repeat(70_000)]],
    ['bytes', new Uint8Array([0, 255, 7])],
    [
      'typed arrays',
      [
        new Int8Array([-1]),
        new Uint8ClampedArray([9]),
        new Int16Array([-300]),
        new Uint16Array([300]),
        new Int32Array([-70_000]),
        new Uint32Array([4e9]),
        new Float32Array([0.5]),
        new Float64Array([0.1]),
        new BigInt64Array([-5n]),
        new BigUint64Array([5n]),
      ],
    ],
    ['nested lists and objects', { a: [1, { b: [[]] }], constructor: 1, toString: 'x' }],
    ['undefined in a list', [1, undefined, 3]],
    ['-0', [-0, 0, [-0], { a: -0, b: 0 }, new Map([['z', -0]]), new Set([[-0]])]],
    ['undefined fields', { a: undefined, b: { c: undefined, d: -0 }, e: [{ f: undefined }] }],
    // biome-ignore lint/suspicious/noSparseArray: it is what is sent
    ['a sparse list', [, 1, , undefined, [,], -0]],
    ['undefined alone', undefined],
    [
      'a Map with keys of every kind',
      new Map<Value, Value>([
        [1, 'one'],
        ['1', [1]],
        [[1, 2], new Map([['in', new Set([1])]])],
      ]),
    ],
    ['a Set', new Set([1, 'a', null])],
    [
      'tensors',
      [
        tensor([
          [1, 2],
          [3, 4],
        ]),
        tensor([1, 2], [2], 'int32'),
        tensor([1, 0], [2], 'bool'),
        tensor(5),
        tensor([], [0, 3]),
      ],
    ],
    ['a handle', new Handle(3, ['encode'], 'Tokenizer', { size: 3 })],
  ];

  test.each(values)('%s arrive as they were sent', (_name, value) => {
    expect(there([value])).toEqual([value]);
  });

  test('a tensor keeps NaN, infinities and the sign of zero', () => {
    const [sent] = there([tensor([Number.NaN, -0, Number.NEGATIVE_INFINITY])]) as [TensorValue];
    expect(Array.from(sent.values)).toEqual([Number.NaN, -0, Number.NEGATIVE_INFINITY]);
  });

  test('every JSON value survives', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        if (JSON.stringify(value).includes('__proto__')) return;
        expect(there([value])).toEqual([value]);
      }),
    );
  });

  test('a function crosses only where a table of functions allows it', () => {
    expect(() => encodeFrame([() => 1])).toThrow(FrameError);
    const frame = encodeFrame([async () => 1], { send: () => 7 });
    expect(() => decodeFrame(frame.subarray(4))).toThrow(/a function/);
    expect(decodeFrame(frame.subarray(4), { receive: (id) => () => id })).toEqual([expect.any(Function)]);
  });

  test('an adapter is refused by the end that makes no adapters', () => {
    expect(() => decodeFrame(encodeFrame([rng(1)]).subarray(4))).toThrow(/an adapter/);
  });
});

describe('hostile frames', () => {
  const bytes = (...list: number[]): Uint8Array => Uint8Array.from(list);

  test.each([
    ['nothing', bytes()],
    ['a byte that starts nothing', bytes(0xc1)],
    ['a text cut short', bytes(0xd9, 10, 65)],
    ['a list that promises more than there is', bytes(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ['bytes after the end', bytes(0xc0, 0xc0)],
    ['a tensor without a shape', bytes(0xc7, 1, 1, 0)],
    ['a tensor of a rank that nobody has', bytes(0xc7, 2, 1, 0, 200)],
    ['a tensor whose bytes do not fit', bytes(0xc7, 6, 1, 0, 1, 0, 0, 0, 9)],
    ['a tensor whose size overflows', bytes(0xc7, 18, 1, 0, 4, ...new Array(16).fill(255))],
    ['a bigint that is no number', bytes(0xc7, 3, 3, 65, 90, 32)],
    ['a typed array of half an element', bytes(0xc7, 2, 2, 6, 1)],
    ['a typed array of an unknown kind', bytes(0xd4, 2, 99)],
    ['a Map with a key alone', bytes(0xc7, 2, 4, 0x91, 1)],
    ['a Set of no list', bytes(0xd4, 5, 1)],
    ['a handle that is a number', bytes(0xd4, 6, 1)],
    ['a list whose hole lies outside', bytes(0xc7, 5, 9, 0x92, 0x91, 5, 0x91, 1)],
    ['a key __proto__', bytes(0x81, 0xa9, ...Buffer.from('__proto__'), 0x80)],
  ])('%s is refused', (_name, frame) => {
    expect(() => decodeFrame(frame)).toThrow(FrameError);
  });

  test('no random bytes do anything but decode or throw FrameError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (frame) => {
        try {
          decodeFrame(frame);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('lists nested without end are refused, as they are or wrapped in Maps', () => {
    expect(() => decodeFrame(new Uint8Array(100_000).fill(0x91))).toThrow(/nested deeper/);
    let nested = bytes(0xc0);
    for (let i = 0; i < 200; i++) {
      const payload = [0x92, 0x01, ...nested];
      nested = Uint8Array.from([0xc8, payload.length >> 8, payload.length & 255, 4, ...payload]);
    }
    expect(() => decodeFrame(nested)).toThrow(/nested deeper/);
  });

  test('a frame of more values than the cap is refused before it is built', () => {
    const count = 2 ** 23;
    const frame = new Uint8Array(5 + count).fill(0xc0);
    frame.set([0xdd, count >>> 24, (count >>> 16) & 255, (count >>> 8) & 255, count & 255]);
    expect(() => decodeFrame(frame)).toThrow(/more values in one frame/);
    frame[2] = 0x40; // half of them
    expect(decodeFrame(frame.subarray(0, 5 + 2 ** 22))).toHaveLength(2 ** 22);
  });

  test('what is sent may not nest deeper than what is taken', () => {
    let deep: Value = 1;
    for (let i = 0; i < caps.depth + 10; i++) deep = [deep];
    expect(() => encodeFrame(deep)).toThrow();
  });

  test('an object cannot carry a prototype', () => {
    const value = there([JSON.parse('{"constructor": {"prototype": {"polluted": 1}}}')]) as [object];
    expect(Object.getPrototypeOf(value[0])).toBe(Object.prototype);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test.each([
    [null],
    [[]],
    [['ready']],
    [['done', -1]],
    [['done', '1', 2]],
    [['error', 1, 'time-limit', {}]],
    [['callback', 1, 2, 'x']],
    [{ 0: 'ready' }],
  ])('the message %j is refused', (message) => {
    expect(() => parseFromBox(message)).toThrow(FrameError);
  });

  test('what a box says about itself is cut to numbers and plain text', () => {
    const stats = { tensorsKept: Number.NaN, bytesKept: '9', kernels: { a: 2, b: {} }, inputsChanged: 1 };
    expect(parseFromBox(['done', 1, 2, 'yes', stats])).toEqual([
      'done',
      1,
      2,
      false,
      { tensorsKept: 0, bytesKept: 0, kernels: { a: 2, b: 0 }, inputsChanged: false },
    ]);
    const error = { name: 1, message: `\u001b[2Jgone ${'x'.repeat(10_000)}` };
    const [, , , remote] = parseFromBox(['error', 1, 'threw', error]) as unknown as [
      string,
      number,
      string,
      { message: string; name: string },
    ];
    expect(remote.message.startsWith('[2Jgone')).toBe(true);
    expect(remote.message.length).toBeLessThanOrEqual(8000);
    expect(remote.name).toBe('Error');
  });
});

describe('the reader', () => {
  test('finds the frames however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 40 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (texts, cuts) => {
          const stream = Buffer.concat(texts.map((text) => encodeFrame(text)));
          const seen: unknown[] = [];
          const reader = new FrameReader((body) => seen.push(decodeFrame(body)));
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = cuts[i % cuts.length]!;
            reader.push(stream.subarray(at, at + size));
            at += size;
          }
          expect(seen).toEqual(texts);
        },
      ),
    );
  });

  test('refuses a length beyond the cap at once', () => {
    const reader = new FrameReader(() => {});
    expect(() => reader.push(Uint8Array.from([0xff, 0xff, 0xff, 0xff]))).toThrow(/at most/);
  });
});

describe('what MessagePack lacks', () => {
  test('fields of undefined are there, holes are not', () => {
    const back = there([{ a: undefined }, [1, undefined], new Array(2)]) as [object, unknown[], unknown[]];
    expect(Object.keys(back[0])).toEqual(['a']);
    expect(1 in back[1]).toBe(true);
    expect([back[2].length, 0 in back[2]]).toEqual([2, false]);
  });

  test.each([
    ['an index outside', extension.holes, [[2], [], [], [1]]],
    ['an index that is no number', extension.holes, [[], ['length'], [], [1]]],
    ['no list', extension.holes, [[0], [], [], { 0: 1 }]],
    ['a key that is not there', extension.blanks, [['b'], [], { a: 1 }]],
    ['a key of the prototype', extension.blanks, [['toString'], [], { a: 1 }]],
    ['no keys', extension.blanks, [null, [], { a: 1 }]],
    ['no object', extension.blanks, [[], [], [1]]],
  ])('refuses %s', (_, type, payload) => {
    const body = encodeFrame(payload).subarray(4);
    expect(() => decodeFrame(Uint8Array.from([0xc7, body.length, type, ...body]))).toThrow(FrameError);
  });
});
