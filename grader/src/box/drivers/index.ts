import type { Driver } from '../types.ts';
import { bubblewrap } from './bubblewrap.ts';
import type { BoxDriver } from './driver.ts';
import { permission } from './permission.ts';
import { plain } from './plain.ts';
import { uid } from './uid.ts';

export const drivers: Readonly<Record<Driver, BoxDriver>> = { plain, permission, uid, bubblewrap };
