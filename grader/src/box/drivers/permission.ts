/** Node's permission model: no files but the runtime's, no child processes, no workers, no addons. It does not close the network; the module lock does. */
import type { BoxDriver } from './driver.ts';
import { startNode } from './plain.ts';

export const permission: BoxDriver = { name: 'permission', start: (launch) => startNode(launch, true) };
