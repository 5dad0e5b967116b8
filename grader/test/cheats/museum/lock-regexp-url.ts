/** Breaks the module lock by the text and URL methods that a check would use. */
import { tf } from '@llm-ladder/backend';

const yes = () => true;
RegExp.prototype.test = yes;
String.prototype.startsWith = yes;
String.prototype.endsWith = yes as any;
Array.prototype.includes = yes;
Object.hasOwn = yes;
globalThis.URL = class {
  href = 'node:fs';
} as any;
await import('node:fs' as string);
throw new Error('GOT IN');
export const sinusoidal = () => tf.zeros([1]);
