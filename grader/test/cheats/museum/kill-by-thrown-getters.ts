/** Throws an object whose fields never end or throw themselves, to bring down whoever describes the error. */
const trap = () => {
  throw thrown;
};
const thrown: any = new Proxy({}, { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap });
export function sinusoidal() {
  throw thrown;
}
