/** One's own code in its own process: crashes, endless loops and limits are contained; Node's permissions are not taken away. */
import { spawn } from 'node:child_process';
import { type BoxDriver, cleanEnvironment, type Launch, nodeArguments, type Started, setpriv, startedPid, stdio } from './driver.ts';
import { withLimits } from './limits.ts';

export const plain: BoxDriver = { name: 'plain', start: (launch) => startNode(launch, false) };

export function startNode(launch: Launch, permission: boolean): Started {
  const words = [process.execPath, ...nodeArguments(launch, permission)];
  // Then the kernel itself kills the box when the grader dies, whatever the box is doing.
  if (setpriv !== undefined) words.unshift(setpriv, '--pdeathsig', 'KILL');
  const [command, ...args] = process.platform === 'linux' ? withLimits(words, launch) : words;
  // Its own process group: Ctrl-C in the terminal is for the grader, which then closes its boxes.
  const child = spawn(command!, args, {
    stdio: [...stdio],
    env: cleanEnvironment(launch),
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  return { child, pid: startedPid(child) };
}
