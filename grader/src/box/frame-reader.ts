/** Frames out of a stream of bytes. */
import { caps, FrameError } from './codec.ts';

/** Cuts a stream of bytes into frames; whatever the sizes of the pieces. It holds one frame at most, and no memory for bytes that have only been announced. */
export class FrameReader {
  readonly #onFrame: (body: Uint8Array) => void;
  readonly #head = new Uint8Array(4);
  #headBytes = 0;
  /** Of the frame that is arriving. */
  #body: Uint8Array | undefined;
  #bodyBytes = 0;
  #wanted = 0;

  constructor(onFrame: (body: Uint8Array) => void) {
    this.#onFrame = onFrame;
  }

  /** Takes the next piece; calls back once per complete frame, whose bytes nobody else writes to. Throws FrameError when a length passes the cap. */
  push(chunk: Uint8Array): void {
    // A plain view: Buffer's slice would share memory where ours copies.
    let rest = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    while (rest.length > 0) {
      if (this.#headBytes < 4) {
        const part = rest.subarray(0, 4 - this.#headBytes);
        this.#head.set(part, this.#headBytes);
        this.#headBytes += part.length;
        rest = rest.subarray(part.length);
        if (this.#headBytes < 4) return;
        this.#wanted = new DataView(this.#head.buffer).getUint32(0);
        if (this.#wanted === 0) throw new FrameError('an empty frame');
        if (this.#wanted > caps.frameBytes) throw new FrameError(`a frame of ${this.#wanted} bytes (at most ${caps.frameBytes})`);
      }
      const part = rest.subarray(0, this.#wanted - this.#bodyBytes);
      rest = rest.subarray(part.length);
      // The usual case: the whole frame in one piece, and no copy.
      const body = part.length === this.#wanted ? part : this.#gather(part);
      if (body === undefined) return;
      this.#headBytes = this.#bodyBytes = 0;
      this.#body = undefined;
      this.#onFrame(body);
    }
  }

  /** Adds to the frame; gives it once it is whole. The room doubles as bytes arrive, so that a sender pays for what it makes the grader hold. */
  #gather(part: Uint8Array): Uint8Array | undefined {
    const held = this.#bodyBytes + part.length;
    if (this.#body === undefined || this.#body.length < held) {
      const larger = new Uint8Array(Math.min(this.#wanted, Math.max(1 << 16, 2 * held)));
      if (this.#body !== undefined) larger.set(this.#body.subarray(0, this.#bodyBytes));
      this.#body = larger;
    }
    this.#body.set(part, this.#bodyBytes);
    this.#bodyBytes = held;
    return held === this.#wanted ? this.#body : undefined;
  }
}
