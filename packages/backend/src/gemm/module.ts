/** The WebAssembly side: picks the build that the engine runs and puts it into the memory of TF.js's WASM backend. */
import { plainSimd, relaxedSimd } from './generated/gemm-wasm.ts';
import { shareMemory } from './shared-memory.ts';

export type GemmFlavour = 'relaxed-simd' | 'simd';

/** Exports of scripts/gemm-assembly/. Addresses are bytes, strides of matrices are elements. */
export interface GemmExports {
  scratchBytes(m: number, n: number, k: number): number;
  gemm(
    batch: number,
    m: number,
    n: number,
    k: number,
    a: number,
    aBatch: number,
    aRowStride: number,
    aColumnStride: number,
    b: number,
    bBatch: number,
    bRowStride: number,
    bColumnStride: number,
    out: number,
    scratch: number,
  ): void;
  copyBlocks(from: number, to: number, blocks: number, blockBytes: number, fromStep: number, toStep: number): void;
  adam(
    count: number,
    weights: number,
    out: number,
    first: number,
    second: number,
    gradient: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
  ): void;
  crossEntropy(rows: number, width: number, logits: number, targets: number, losses: number, gradient: number): void;
  rmsNorm(rows: number, D: number, x: number, gain: number, y: number, rstd: number, epsilon: number): void;
  rmsNormGradient(rows: number, D: number, dy: number, x: number, gain: number, rstd: number, dx: number, dgain: number): void;
  swiGlu(n: number, gate: number, up: number, y: number): void;
  swiGluGradient(n: number, dy: number, gate: number, up: number, dgate: number, dup: number): void;
  rotate(
    rows: number,
    T: number,
    H: number,
    K: number,
    x: number,
    cosine: number,
    sine: number,
    y: number,
    sign: number,
    interleaved: boolean,
  ): void;
  causalSoftmax(rows: number, T: number, S: number, scores: number, weights: number, scale: number): void;
  causalSoftmaxGradient(rows: number, T: number, S: number, dy: number, weights: number, dx: number, scale: number): void;
}

/** A WebAssembly.Memory. */
export interface Memory {
  readonly buffer: ArrayBufferLike;
}

/** A WebAssembly.Module; worker threads take it as it is. */
export interface Module {
  readonly module: 'WebAssembly.Module';
}

// Typed here: TypeScript declares WebAssembly among the types of browsers only.
const engine = (globalThis as unknown as { WebAssembly?: Engine }).WebAssembly;
interface Engine {
  readonly Memory: new (descriptor: { initial: number; maximum: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => Module;
  readonly Instance: new (
    module: Module,
    imports: { env: { memory: Memory }; training: { ln(x: number): number } },
  ) => { readonly exports: unknown };
  validate(bytes: Uint8Array): boolean;
}

let flavourInUse: GemmFlavour | undefined;
const modules = new Map<string, Module>();
const instances = new WeakMap<Memory, GemmExports>();

/** Which build this engine runs; undefined without SIMD. `wanted` (for tests) asks for one build. */
export function gemmFlavour(wanted?: GemmFlavour): GemmFlavour | undefined {
  const choices: readonly GemmFlavour[] = wanted === undefined ? ['relaxed-simd', 'simd'] : [wanted];
  if (flavourInUse === undefined || (wanted !== undefined && wanted !== flavourInUse)) {
    flavourInUse = choices.find((flavour) => engine?.validate(bytesOf(flavour)));
  }
  return flavourInUse;
}

/** The build in use, for a memory of its own or for one that threads share (an import says which). Undefined without SIMD. */
export function gemmModule(shared: boolean): Module | undefined {
  const flavour = gemmFlavour();
  if (flavour === undefined || engine === undefined) return undefined;
  const key = `${flavour} ${shared}`;
  const known = modules.get(key);
  if (known !== undefined) return known;
  const bytes = bytesOf(flavour);
  const module = new engine.Module(shared ? shareMemory(bytes) : bytes);
  modules.set(key, module);
  return module;
}

function bytesOf(flavour: GemmFlavour): Uint8Array {
  return Uint8Array.from(atob(flavour === 'simd' ? plainSimd : relaxedSimd), (letter) => letter.charCodeAt(0));
}

/** Tells a memory from the other exports of a WebAssembly instance. */
export function isMemory(value: unknown): value is Memory {
  return engine !== undefined && value instanceof engine.Memory;
}

/** Is this memory one that threads can share? */
export function isShared({ buffer }: Memory): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer;
}

/** The functions, working in `memory`; undefined without SIMD. */
export function instantiate(memory: Memory): GemmExports | undefined {
  const known = instances.get(memory);
  if (known !== undefined) return known;
  const module = gemmModule(isShared(memory));
  if (engine === undefined || module === undefined) return undefined;
  const functions = new engine.Instance(module, { env: { memory }, training: { ln: Math.log } }).exports as GemmExports;
  instances.set(memory, functions);
  return functions;
}

/** Forgets the instance, so that the next product uses the build asked for last (for tests that compare the two). */
export function forget(memory: Memory): void {
  instances.delete(memory);
}
