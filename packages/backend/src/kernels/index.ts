/** What stock TF.js 4.22 lacks or gets wrong, backend by backend; test/parity.test.ts shows what each is for. */
import type { BackendName } from '../backend-name.ts';
import { fixBatchBroadcast } from './batch-matmul.ts';
import { registerEinsum } from './einsum.ts';
import { fixNegativeAxis } from './negative-axis.ts';
import { registerSearchSorted } from './search-sorted.ts';
import { registerUnsortedSegmentSum } from './unsorted-segment-sum.ts';
import { fixBools, fixCast, fixClip, fixGather, fixOneHot, fixStridedSlice } from './wasm-dtypes.ts';
import { fixSums } from './wasm-sums.ts';

/** Call once, when the backend has started. */
export function completeKernels(backend: BackendName): void {
  fixNegativeAxis(backend);
  if (backend === 'tensorflow') registerSearchSorted(backend);
  else registerEinsum(backend);
  if (backend === 'wasm') {
    registerUnsortedSegmentSum();
    fixCast();
    fixGather();
    fixStridedSlice();
    fixOneHot();
    fixClip();
    fixBools();
    fixSums();
  } else {
    // On wasm our own product (../gemm) takes every broadcast.
    fixBatchBroadcast(backend);
  }
}
