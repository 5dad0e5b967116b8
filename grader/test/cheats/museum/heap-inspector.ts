/** Opens the debugger on itself. */
import { Session } from 'node:inspector/promises';
export const sinusoidal = () => new Session().connect();
