/** A number for everything in the arguments that the learner's code could have changed; equal before and after means unchanged. */
import { tf } from '@llm-ladder/backend';

/** Beyond this many elements only the frame of a tensor is digested (is it still there?): reading more would distort what is timed. */
const largest = 2 ** 16;

export function digest(value: unknown): number {
  let hash = 0x811c9dc5;
  const add = (n: number): void => {
    // The rotation keeps two changes of the highest bit (two flipped signs) from cancelling out.
    hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ n, 0x9e3779b1);
  };
  const addText = (text: string): void => {
    add(text.length);
    for (let i = 0; i < text.length; i++) add(text.charCodeAt(i));
  };
  const number = new Float64Array(1);
  const words = new Int32Array(number.buffer);
  const seen = new Set<object>();

  const walk = (node: unknown): void => {
    if (typeof node === 'number') {
      number[0] = node;
      add(words[0]!);
      add(words[1]!);
    } else if (typeof node === 'function' || typeof node === 'symbol') add(1);
    else if (typeof node !== 'object' || node === null) addText(String(node));
    else if (node instanceof tf.Tensor) tensor(node);
    else if (ArrayBuffer.isView(node)) bytes(new Uint8Array(node.buffer, node.byteOffset, node.byteLength));
    else if (!seen.has(node)) container(node);
  };
  const tensor = (node: tf.Tensor): void => {
    add(node.isDisposed ? 2 : 3);
    if (node.isDisposed || node.size > largest || (tf.getBackend() !== 'wasm' && tf.getBackend() !== 'cpu')) return;
    const data = node.dataSync();
    bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  };
  const bytes = (data: Uint8Array): void => {
    add(data.length);
    const whole = data.length >> 2;
    if (data.byteOffset % 4 === 0) {
      const view = new Int32Array(data.buffer, data.byteOffset, whole);
      for (let i = 0; i < whole; i++) add(view[i]!);
      for (let i = whole * 4; i < data.length; i++) add(data[i]!);
    } else for (let i = 0; i < data.length; i++) add(data[i]!);
  };
  const container = (node: object): void => {
    seen.add(node);
    if (Array.isArray(node)) {
      add(node.length);
      for (const item of node) walk(item);
    } else if (node instanceof Map) {
      add(node.size);
      for (const [key, item] of node) {
        walk(key);
        walk(item);
      }
    } else if (node instanceof Set) {
      add(node.size);
      for (const item of node) walk(item);
    } else if (Object.getPrototypeOf(node) === Object.prototype) {
      for (const [key, item] of Object.entries(node)) {
        addText(key);
        walk(item);
      }
    } // a held object may change: that is what its methods are for
  };
  walk(value);
  return hash;
}
