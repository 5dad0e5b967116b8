/**
 * Single-threaded float32 GEMM in AssemblyScript, compiled to about 2 KB of WebAssembly that works in the memory of TF.js's WASM backend.
 * Blocking and packing after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008).
 *
 * - Strides say where an element lies, so that a transpose costs nothing: packing reads through the strides.
 * - A micro tile is 5 rows x 8 columns: 10 accumulators hide the latency of a multiply-add (4 x 8 does not quite), and with 2 vectors of B and
 *   1 of A they fit the 16 vector registers of x86 (6 x 8 and 4 x 16 spill).
 * - This module owns no memory: no data segment, no globals, no allocation. Addresses and the scratch space come from the caller.
 *
 * Dims: m rows of A, n columns of B, k what is summed. `rs`, `cs`: distance between rows and between columns, in elements.
 */

const MR: i32 = 5;
const NR: i32 = 8;
/** Elements of k in one packed block: a micro panel of B (8 x 256 floats, 8 KB) stays in the first-level cache. */
const KC: i32 = 256;
/** Rows of A in one packed block (60 KB: stays in the second-level cache). */
const MC: i32 = 60;
/** Columns of B in one packed block (512 KB). */
const NC: i32 = 512;
/** Up to this many rows, a B that lies in rows is read in place: packing it would cost as much as the product. */
const UNPACKED_ROWS: i32 = 8;
const TILE_BYTES: usize = 160;

function ceilTo(x: i32, step: i32): i32 {
  return ((x + step - 1) / step) * step;
}

/** Bytes of scratch that `gemm` needs for these sizes. */
export function scratchBytes(m: i32, n: i32, k: i32): usize {
  if (m <= 1 || n <= 1) return 0;
  const rows = min(ceilTo(m, MR), MC);
  const columns = min(ceilTo(n, NR), NC);
  return TILE_BYTES + ((<usize>(rows + columns) * <usize>min(k, KC)) << 2);
}

/** out[b] = A[b] x B[b] for `batch` products that lie `aBatch`, `bBatch` and m * n elements apart (0: the same matrix every time). */
export function gemm(
  batch: i32,
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aBatch: i32,
  ars: i32,
  acs: i32,
  b: usize,
  bBatch: i32,
  brs: i32,
  bcs: i32,
  out: usize,
  scratch: usize,
): void {
  const outBytes = (<usize>m * <usize>n) << 2;
  if (k === 0) memory.fill(out, 0, <usize>batch * outBytes);
  for (let i: i32 = 0; i < batch; i++) {
    if (m === 1) vector(n, k, a, b, bcs, brs, out);
    else if (n === 1) vector(m, k, b, a, ars, acs, out);
    else blocks(m, n, k, a, ars, acs, b, brs, bcs, out, scratch);
    a += (<usize>aBatch) << 2;
    b += (<usize>bBatch) << 2;
    out += outBytes;
  }
}

function madd(x: v128, y: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, y, sum);
  return f32x4.add(f32x4.mul(x, y), sum);
}

/** The general product, block by block. */
function blocks(m: i32, n: i32, k: i32, a: usize, ars: i32, acs: i32, b: usize, brs: i32, bcs: i32, out: usize, scratch: usize): void {
  const packedA = scratch + TILE_BYTES;
  const packedB = packedA + ((<usize>min(ceilTo(m, MR), MC) * <usize>min(k, KC)) << 2);
  const inPlace = m <= UNPACKED_ROWS && bcs === 1;
  const ldc = (<usize>n) << 2;
  for (let jc: i32 = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    const whole = inPlace ? nc & ~(NR - 1) : 0; // columns that are read in place; the rest is packed
    for (let pc: i32 = 0; pc < k; pc += KC) {
      const kc = min(KC, k - pc);
      const bBlock = b + ((<usize>pc * <usize>brs + <usize>jc * <usize>bcs) << 2);
      pack(nc - whole, kc, bBlock + ((<usize>whole * <usize>bcs) << 2), bcs, brs, packedB, NR);
      for (let ic: i32 = 0; ic < m; ic += MC) {
        const mc = min(MC, m - ic);
        pack(mc, kc, a + ((<usize>ic * <usize>ars + <usize>pc * <usize>acs) << 2), ars, acs, packedA, MR);
        for (let jr: i32 = 0; jr < nc; jr += NR) {
          const nr = min(NR, nc - jr);
          const packed = jr >= whole;
          const bPanel = packed ? packedB + ((<usize>(jr - whole) * <usize>kc) << 2) : bBlock + ((<usize>jr) << 2);
          const bStep: usize = (<usize>(packed ? NR : brs)) << 2;
          for (let ir: i32 = 0; ir < mc; ir += MR) {
            const mr = min(MR, mc - ir);
            const c = out + <usize>(ic + ir) * ldc + ((<usize>(jc + jr)) << 2);
            const aPanel = packedA + ((<usize>ir * <usize>kc) << 2);
            if (mr === MR && nr === NR) {
              tile(kc, aPanel, bPanel, bStep, c, ldc, pc > 0);
            } else {
              tile(kc, aPanel, bPanel, bStep, scratch, NR << 2, false);
              copyTile(mr, nr, scratch, c, ldc, pc > 0);
            }
          }
        }
      }
    }
  }
}

/** Writes `count` lanes x kc as panels of `width` lanes (5 or 8), zero where the last panel has none: panel, then k, then lane. */
function pack(count: i32, kc: i32, source: usize, laneStride: i32, kStride: i32, target: usize, width: i32): void {
  const laneBytes = (<usize>laneStride) << 2;
  const kBytes = (<usize>kStride) << 2;
  const step = (<usize>width) << 2;
  for (let lane: i32 = 0; lane < count; lane += width) {
    for (let group: i32 = 0; group < width; group += 4) {
      const there = count - lane - group;
      const from = source + <usize>(lane + group) * laneBytes;
      const to = target + ((<usize>group) << 2);
      if (there >= 4 && group + 4 <= width) {
        if (laneStride === 1) copyLanes(kc, from, kBytes, to, step);
        else if (kStride === 1) transposeLanes(kc, from, laneBytes, to, step);
        else someLanes(4, 4, kc, from, laneBytes, kBytes, to, step);
      } else {
        someLanes(min(4, width - group), there, kc, from, laneBytes, kBytes, to, step);
      }
    }
    target += step * <usize>kc;
  }
}

function copyLanes(kc: i32, from: usize, kBytes: usize, to: usize, step: usize): void {
  for (let p: i32 = 0; p < kc; p++) {
    v128.store(to, v128.load(from));
    from += kBytes;
    to += step;
  }
}

function transposeLanes(kc: i32, from: usize, laneBytes: usize, to: usize, step: usize): void {
  let p: i32 = 0;
  for (; p + 4 <= kc; p += 4) {
    const r0 = v128.load(from);
    const r1 = v128.load(from + laneBytes);
    const r2 = v128.load(from + 2 * laneBytes);
    const r3 = v128.load(from + 3 * laneBytes);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
    v128.store(to + step, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
    v128.store(to + 2 * step, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
    v128.store(to + 3 * step, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
    from += 16;
    to += 4 * step;
  }
  if (p < kc) someLanes(4, 4, kc - p, from, laneBytes, 4, to, step);
}

/** The first `there` of `lanes` lanes, then zeros. */
function someLanes(lanes: i32, there: i32, kc: i32, from: usize, laneBytes: usize, kBytes: usize, to: usize, step: usize): void {
  for (let lane: i32 = 0; lane < lanes; lane++) {
    let source = from;
    let target = to;
    for (let p: i32 = 0; p < kc; p++) {
      store<f32>(target, lane < there ? load<f32>(source) : 0);
      source += kBytes;
      target += step;
    }
    from += laneBytes;
    to += 4;
  }
}

/** c (5 x 8, rows `ldc` bytes apart) = or += packed panel of A x panel of B whose rows lie `bStep` bytes apart; kc > 0. */
function tile(kc: i32, a: usize, b: usize, bStep: usize, c: usize, ldc: usize, accumulate: bool): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  let c40 = c00;
  let c41 = c00;
  const end = a + <usize>kc * 20;
  do {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(a);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    const a1 = v128.load_splat<f32>(a, 4);
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    const a2 = v128.load_splat<f32>(a, 8);
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    const a3 = v128.load_splat<f32>(a, 12);
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
    const a4 = v128.load_splat<f32>(a, 16);
    c40 = madd(a4, b0, c40);
    c41 = madd(a4, b1, c41);
    a += 20;
    b += bStep;
  } while (a !== end);
  const c1 = c + ldc;
  const c2 = c1 + ldc;
  const c3 = c2 + ldc;
  const c4 = c3 + ldc;
  if (accumulate) {
    c00 = f32x4.add(c00, v128.load(c));
    c01 = f32x4.add(c01, v128.load(c, 16));
    c10 = f32x4.add(c10, v128.load(c1));
    c11 = f32x4.add(c11, v128.load(c1, 16));
    c20 = f32x4.add(c20, v128.load(c2));
    c21 = f32x4.add(c21, v128.load(c2, 16));
    c30 = f32x4.add(c30, v128.load(c3));
    c31 = f32x4.add(c31, v128.load(c3, 16));
    c40 = f32x4.add(c40, v128.load(c4));
    c41 = f32x4.add(c41, v128.load(c4, 16));
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c1, c10);
  v128.store(c1, c11, 16);
  v128.store(c2, c20);
  v128.store(c2, c21, 16);
  v128.store(c3, c30);
  v128.store(c3, c31, 16);
  v128.store(c4, c40);
  v128.store(c4, c41, 16);
}

/** The part of a 5 x 8 tile that lies inside the output. */
function copyTile(mr: i32, nr: i32, from: usize, c: usize, ldc: usize, accumulate: bool): void {
  for (let i: i32 = 0; i < mr; i++) {
    for (let j: i32 = 0; j < nr; j++) {
      const to = c + ((<usize>j) << 2);
      const value = load<f32>(from + ((<usize>(i * NR + j)) << 2));
      store<f32>(to, accumulate ? load<f32>(to) + value : value);
    }
    c += ldc;
  }
}

/** out[j] = sum over p of x[p] M[j, p], one pass over the memory of M: the product with a single row or column. */
function vector(count: i32, k: i32, x: usize, matrix: usize, rs: i32, ks: i32, out: usize): void {
  if (rs === 1 && ks !== 1) sumOfRows(count, k, x, matrix, (<usize>ks) << 2, out);
  else dotProducts(count, k, x, matrix, (<usize>rs) << 2, out);
}

/** out = x[0] row 0 + x[1] row 1 + ...: four rows at a time, so that out is read and written once for four of them. */
function sumOfRows(count: i32, k: i32, x: usize, row: usize, rowBytes: usize, out: usize): void {
  const all = (<usize>count) << 2;
  const end = (<usize>(count & ~3)) << 2;
  memory.fill(out, 0, all);
  let p: i32 = 0;
  for (; p + 4 <= k; p += 4) {
    const r1 = row + rowBytes;
    const r2 = r1 + rowBytes;
    const r3 = r2 + rowBytes;
    const v0 = v128.load_splat<f32>(x);
    const v1 = v128.load_splat<f32>(x, 4);
    const v2 = v128.load_splat<f32>(x, 8);
    const v3 = v128.load_splat<f32>(x, 12);
    let at: usize = 0;
    for (; at < end; at += 16) {
      let sum = v128.load(out + at);
      sum = madd(v0, v128.load(row + at), sum);
      sum = madd(v1, v128.load(r1 + at), sum);
      sum = madd(v2, v128.load(r2 + at), sum);
      sum = madd(v3, v128.load(r3 + at), sum);
      v128.store(out + at, sum);
    }
    for (; at < all; at += 4) {
      let sum = load<f32>(out + at);
      sum += load<f32>(x) * load<f32>(row + at);
      sum += load<f32>(x, 4) * load<f32>(r1 + at);
      sum += load<f32>(x, 8) * load<f32>(r2 + at);
      sum += load<f32>(x, 12) * load<f32>(r3 + at);
      store<f32>(out + at, sum);
    }
    row = r3 + rowBytes;
    x += 16;
  }
  for (; p < k; p++) {
    const v = v128.load_splat<f32>(x);
    let at: usize = 0;
    for (; at < end; at += 16) v128.store(out + at, madd(v, v128.load(row + at), v128.load(out + at)));
    for (; at < all; at += 4) store<f32>(out + at, load<f32>(out + at) + load<f32>(x) * load<f32>(row + at));
    row += rowBytes;
    x += 4;
  }
}

/** out[j] = x . row j: four rows at a time, so that x is loaded once for all of them. */
function dotProducts(count: i32, k: i32, x: usize, row: usize, rowBytes: usize, out: usize): void {
  for (let j: i32 = 0; j < count; j += 4) {
    const left = count - j;
    const r1 = left > 1 ? row + rowBytes : row;
    const r2 = left > 2 ? row + 2 * rowBytes : row;
    const r3 = left > 3 ? row + 3 * rowBytes : row;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let at: usize = 0;
    const end = (<usize>(k & ~3)) << 2;
    for (; at < end; at += 16) {
      const v = v128.load(x + at);
      s0 = madd(v, v128.load(row + at), s0);
      s1 = madd(v, v128.load(r1 + at), s1);
      s2 = madd(v, v128.load(r2 + at), s2);
      s3 = madd(v, v128.load(r3 + at), s3);
    }
    let d0 = lanes(s0);
    let d1 = lanes(s1);
    let d2 = lanes(s2);
    let d3 = lanes(s3);
    const all = (<usize>k) << 2;
    for (; at < all; at += 4) {
      const v = load<f32>(x + at);
      d0 += v * load<f32>(row + at);
      d1 += v * load<f32>(r1 + at);
      d2 += v * load<f32>(r2 + at);
      d3 += v * load<f32>(r3 + at);
    }
    store<f32>(out, d0);
    if (left > 1) store<f32>(out, d1, 4);
    if (left > 2) store<f32>(out, d2, 8);
    if (left > 3) store<f32>(out, d3, 12);
    row += 4 * rowBytes;
    out += 16;
  }
}

function lanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}
