/** A typed array of a class of its own, which makes its numbers up as they are read. */
class Lazy extends Float32Array {
  override get length() {
    return 70;
  }
  override *[Symbol.iterator](): any {
    for (;;) yield Math.sin(1);
  }
}
export const sinusoidal = (T: number, D: number) => new Lazy(T * D);
