/** Breaks the module lock by Map.prototype.get, which then knows every name, and asks for files. */
import { tf } from '@llm-ladder/backend';

const { get } = Map.prototype;
const { has } = Set.prototype;
let asked = 0;
Map.prototype.get = function (key) {
  return key === 'node:fs' ? (asked++ === 0 ? key : undefined) : Reflect.apply(get, this, [key]);
};
Set.prototype.has = function (key) {
  return key === 'node:fs' || Reflect.apply(has, this, [key]);
};
await import('node:fs' as string);
throw new Error('GOT IN');
export const sinusoidal = () => tf.zeros([1]);
