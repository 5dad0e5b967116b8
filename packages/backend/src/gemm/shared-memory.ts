/**
 * Makes the memory of a WebAssembly binary one that threads can share: one bit in the limits of its memory, which must have a maximum.
 * TF.js ships its SIMD build for one thread only where it runs under Node; its kernels do not mind whose memory they work in.
 */

const IMPORTS = 2;
const MEMORIES = 5;
const HAS_MAXIMUM = 1;
const HAS_MAXIMUM_AND_IS_SHARED = 3;

/** A copy of the binary whose first memory, imported or its own, is shared; the very same bytes when it has none with a maximum. */
export function shareMemory(binary: Uint8Array): Uint8Array {
  const at = limitsOf(binary);
  if (at === undefined || binary[at] !== HAS_MAXIMUM) return binary;
  const shared = binary.slice();
  shared[at] = HAS_MAXIMUM_AND_IS_SHARED;
  return shared;
}

/** Runs `start` while every binary that is instantiated from bytes gets a shared memory. */
export async function withSharedMemory<T>(start: () => Promise<T>): Promise<T> {
  const engine = (globalThis as unknown as { WebAssembly: { instantiate: Instantiate } }).WebAssembly;
  const { instantiate } = engine;
  engine.instantiate = (source, imports) =>
    instantiate(
      source instanceof Uint8Array ? shareMemory(source) : source instanceof ArrayBuffer ? shareMemory(new Uint8Array(source)) : source,
      imports,
    );
  try {
    return await start();
  } finally {
    engine.instantiate = instantiate;
  }
}

// --- helpers ---

type Instantiate = (source: unknown, imports: unknown) => Promise<unknown>;

/** Where the flags of the first memory's limits stand (WebAssembly core specification 2.0, section 5.5). */
function limitsOf(binary: Uint8Array): number | undefined {
  let at = 8; // behind the magic number and the version
  const number = (): number => {
    for (let [value, shift] = [0, 0]; ; shift += 7) {
      const byte = binary[at++] as number;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const name = (): void => {
    const length = number();
    at += length;
  };
  while (at < binary.length) {
    const section = binary[at++];
    const size = number();
    const next = at + size;
    if (section === MEMORIES) return number() > 0 ? at : undefined;
    if (section === IMPORTS) {
      for (let left = number(); left > 0; left--) {
        name();
        name();
        const kind = binary[at++];
        if (kind === 2) return at;
        if (kind === 0)
          number(); // a function: its type
        else return undefined; // tables and globals come in no binary that we load
      }
    }
    at = next;
  }
  return undefined;
}
