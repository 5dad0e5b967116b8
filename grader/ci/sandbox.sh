#!/usr/bin/env bash
# Makes the strong box possible on a CI machine with Debian or Ubuntu: installs bubblewrap, and where AppArmor keeps
# namespaces from it (Ubuntu 24.04) lets bubblewrap, and only it, have them. Says so when it cannot, and never fails the
# job: the grader then takes a weaker box and names it, or refuses with --strict. For machines that are thrown away.
set -u

chinese() { case "${LADDER_LANG:-${LC_ALL:-${LANG:-}}}" in zh*) true ;; *) false ;; esac; }
say() { if chinese; then echo "$2"; else echo "$1"; fi; }
warn() { if [ "${GITHUB_ACTIONS:-}" = true ]; then echo "::warning::$(say "$1" "$2")"; else say "$1" "$2"; fi; }
works() { bwrap --unshare-all --die-with-parent --ro-bind / / --proc /proc --dev /dev true 2>/dev/null; }
done_if_works() { if works; then say "$1" "$2"; exit 0; fi; }
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo -n "$@"; else false; fi
}

if ! command -v bwrap >/dev/null; then
  { as_root apt-get update && as_root apt-get install -y --no-install-recommends bubblewrap; } >/dev/null 2>&1
fi
if ! command -v bwrap >/dev/null; then
  warn 'bubblewrap could not be installed: the grader takes a weaker box' 'bubblewrap 安装失败：评分器将使用较弱的沙箱'
  exit 0
fi
done_if_works 'bubblewrap works' 'bubblewrap 可用'

# The narrow way first: a profile that allows namespaces to bubblewrap alone.
if command -v apparmor_parser >/dev/null; then
  as_root tee /etc/apparmor.d/bwrap >/dev/null 2>&1 <<PROFILE
abi <abi/4.0>,
include <tunables/global>
profile bwrap $(command -v bwrap) flags=(unconfined) {
  userns,
}
PROFILE
  as_root apparmor_parser -r /etc/apparmor.d/bwrap >/dev/null 2>&1
  done_if_works 'bubblewrap works, with an AppArmor profile of its own' 'bubblewrap 可用（为它加了 AppArmor 配置）'
fi
as_root sysctl -q -w kernel.apparmor_restrict_unprivileged_userns=0 >/dev/null 2>&1
done_if_works 'bubblewrap works; AppArmor now allows namespaces to every program' 'bubblewrap 可用；AppArmor 现在允许所有程序使用命名空间'
warn 'this machine keeps namespaces from bubblewrap: the grader takes another box' '这台机器不给 bubblewrap 命名空间：评分器将使用别的沙箱'
