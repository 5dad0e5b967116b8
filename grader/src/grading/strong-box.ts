/** What to do for a stronger box, in one line, and what `--strict` asks of it. */
import { GraderError } from '@llm-ladder/backend/errors';
import { bubblewrapObstacle, type Driver, type Obstacle, readableInBox, strongDrivers } from '../box/index.ts';
import type { Exercise } from '../catalog/types.ts';
import { inWords, say, type Words } from '../format/words.ts';

const steps: Readonly<Record<Obstacle, Words>> = {
  absent: {
    en: "A stronger box: apt install bubblewrap (or your distribution's package).",
    zh: '更强的沙箱：apt install bubblewrap（或你所用发行版的同名软件包）。',
  },
  apparmor: {
    en: 'AppArmor keeps namespaces from bubblewrap (Ubuntu 24.04): sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    zh: 'AppArmor 不让 bubblewrap 建命名空间（Ubuntu 24.04）：sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  },
  sysctl: {
    en: 'This kernel keeps namespaces from ordinary users: sudo sysctl -w kernel.unprivileged_userns_clone=1',
    zh: '此内核不允许普通用户使用命名空间：sudo sysctl -w kernel.unprivileged_userns_clone=1',
  },
  count: {
    en: 'This kernel allows no user namespaces: sudo sysctl -w user.max_user_namespaces=15000',
    zh: '此内核不允许任何用户命名空间：sudo sysctl -w user.max_user_namespaces=15000',
  },
  refused: {
    en: 'bubblewrap is installed, but this machine (a container?) refuses it namespaces. Run the grader as root for the uid box.',
    zh: '已安装 bubblewrap，但这台机器（可能是容器）不给它命名空间。请以 root 运行评分器，改用 uid 沙箱。',
  },
};

/** The one step that leads from this box to a stronger one; undefined when there is nothing to gain. */
export function strongerBox(driver: Driver): string | undefined {
  if (strongDrivers.includes(driver)) return undefined;
  if (process.platform === 'linux') return say(steps[bubblewrapObstacle()]);
  return say({
    en: 'The strong boxes (bubblewrap, uid) are for Linux; Node --permission holds the code here.',
    zh: '强沙箱（bubblewrap、uid）只有 Linux 才有；这里由 Node --permission 隔离代码。',
  });
}

/** Throws GraderError when code that broke out of Node could read the hidden suites. */
export function requireStrong(driver: Driver, exercises: readonly Exercise[]): void {
  if (!strongDrivers.includes(driver)) {
    const [wanted, hint] = [strongDrivers.join(say({ en: ' or ', zh: ' 或 ' })), strongerBox(driver)];
    throw inWords(new GraderError('weak-box', `grade --strict: expected the box ${wanted}, got ${driver}`, { hint }), {
      message: `grade --strict：应有 ${wanted} 沙箱，实为 ${driver}`,
      hint,
    });
  }
  const open = exercises.find(({ suiteFile, sealed }) => !sealed && readableInBox(driver, suiteFile));
  if (open === undefined) return;
  const hint = `This kernel has no Landlock, so the files' modes must hold: chmod -R o-rwx ${open.module.root}`;
  const error = new GraderError('weak-box', `grade --strict: expected hidden suites that no other user can read, got ${open.suiteFile}`, {
    hint,
  });
  throw inWords(error, {
    message: `grade --strict：隐藏测试不应让其他用户读到，实为 ${open.suiteFile}`,
    hint: `此内核没有 Landlock，只能靠文件权限：chmod -R o-rwx ${open.module.root}`,
  });
}
