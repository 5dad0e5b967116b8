/** Why bubblewrap does not start on a Linux machine, as far as the machine says so itself. */
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type Obstacle =
  | 'absent' // not installed
  | 'apparmor' // Ubuntu 24.04 and later: namespaces are for programs with a profile of their own
  | 'sysctl' // user namespaces are switched off for ordinary users (older Debian)
  | 'count' // there may be none at all
  | 'refused'; // something else, usually the container around us

export interface Machine {
  readonly root: boolean;
  /** Where programs are looked up. */
  readonly path: string;
  /** The kernel's settings. */
  readonly sys: string;
}

const here = (): Machine => ({ root: process.getuid?.() === 0, path: process.env.PATH ?? '', sys: '/proc/sys' });

/** What stands before bubblewrap, given that it did not start. */
export function bubblewrapObstacle({ root, path, sys }: Machine = here()): Obstacle {
  const setting = (name: string): string => {
    try {
      return readFileSync(join(sys, name), 'utf8').trim();
    } catch {
      return '';
    }
  };
  if (!path.split(delimiter).some((folder) => existsSync(join(folder, 'bwrap')))) return 'absent';
  if (setting('user/max_user_namespaces') === '0') return 'count';
  if (!root && setting('kernel/unprivileged_userns_clone') === '0') return 'sysctl';
  if (!root && setting('kernel/apparmor_restrict_unprivileged_userns') === '1') return 'apparmor';
  return 'refused';
}
