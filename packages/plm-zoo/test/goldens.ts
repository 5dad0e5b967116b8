/** Where this module's fixtures lie. */
import { goldensOf } from '../../transformer/test/goldens.ts';

export const goldens = goldensOf(import.meta.dirname);
