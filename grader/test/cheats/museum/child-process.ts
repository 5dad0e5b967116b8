/** Lets a process of its own compute and report. */
import { fork } from 'node:child_process';
export const sinusoidal = () => fork(import.meta.filename);
