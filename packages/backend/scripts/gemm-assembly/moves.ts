/** Copies `blocks` runs of `blockBytes` that lie `fromStep` and `toStep` bytes apart: what slice, split and concat are made of. */
export function copyBlocks(from: usize, to: usize, blocks: i32, blockBytes: usize, fromStep: usize, toStep: usize): void {
  // A call of memory.copy costs more than a few vectors.
  const short = blockBytes <= 256 && (blockBytes & 15) === 0;
  for (let i: i32 = 0; i < blocks; i++) {
    if (short) {
      for (let at: usize = 0; at < blockBytes; at += 16) v128.store(to + at, v128.load(from + at));
    } else if (blockBytes === 4) {
      store<u32>(to, load<u32>(from));
    } else {
      memory.copy(to, from, blockBytes);
    }
    from += fromStep;
    to += toStep;
  }
}
