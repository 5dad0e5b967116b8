/** Finds a Node that strips types: the running one when it is new enough, else the one that came as a platform package. */
import fs from 'node:fs';
import path from 'node:path';

const WANTED = 24;

/** Returns the path of a Node >= 24, or throws an error whose hint says how to get one. */
export function findNode(root) {
  if (Number.parseInt(process.versions.node, 10) >= WANTED) return process.execPath;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const file = path.join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (fs.existsSync(file)) return fs.realpathSync(file);
  throw Object.assign(new Error(`ladder: expected Node >= ${WANTED}, got ${process.versions.node}`), {
    hint:
      process.platform === 'darwin'
        ? `Install it with: brew install node@${WANTED}   (or from nodejs.org), then run the same command again.`
        : `Install Node ${WANTED} from nodejs.org, then run the same command again.`,
  });
}
