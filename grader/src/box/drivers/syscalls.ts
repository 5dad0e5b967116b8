/**
 * The system calls that a box may make, by their numbers on x86_64 and aarch64 (null: the machine has no such call). What Node 24, V8, WASM, TensorFlow and Dawn on a
 * software GPU were seen to call (strace -f over the contract tests), and the calls that another C library or kernel uses for the same. No call makes a process, a
 * socket, a namespace or a mount, and none reaches another process.
 */
/** What becomes of a call; the three in the middle look at an argument first. */
export type Outcome = 'allow' | 'threads' | 'terminal' | 'self' | 'absent' | 'refuse';

type Numbers = readonly [x64: number | null, arm64: number | null];

/** Numbers beyond this one are younger than the table: they do not exist, so that a C library falls back to what it used before. */
export const newestNumber = 462; // mseal, Linux 6.10

// biome-ignore format: one call a line would hide the groups
const allowed: Readonly<Record<string, Numbers>> = {
  // What is open already.
  read: [0, 63], write: [1, 64], readv: [19, 65], writev: [20, 66], pread64: [17, 67], pwrite64: [18, 68], preadv: [295, 69], pwritev: [296, 70],
  close: [3, 57], lseek: [8, 62], fcntl: [72, 25], dup: [32, 23], dup2: [33, null], dup3: [292, 24], pipe: [22, null], pipe2: [293, 59],
  eventfd2: [290, 19], poll: [7, null], ppoll: [271, 73], select: [23, null], pselect6: [270, 72], epoll_create1: [291, 20], epoll_ctl: [233, 21],
  epoll_wait: [232, null], epoll_pwait: [281, 22], epoll_pwait2: [441, 441], fsync: [74, 82], fdatasync: [75, 83],
  // The socket that it was given.
  getsockname: [51, 204], getpeername: [52, 205], getsockopt: [55, 209], setsockopt: [54, 208], shutdown: [48, 210],
  // Files, as far as the file system lets it.
  open: [2, null], openat: [257, 56], stat: [4, null], lstat: [6, null], fstat: [5, 80], newfstatat: [262, 79], statx: [332, 291], statfs: [137, 43],
  fstatfs: [138, 44], access: [21, null], faccessat: [269, 48], faccessat2: [439, 439], readlink: [89, null], readlinkat: [267, 78],
  getdents64: [217, 61], getcwd: [79, 17], ftruncate: [77, 46], fallocate: [285, 47], fadvise64: [221, 223],
  // Memory.
  mmap: [9, 222], munmap: [11, 215], mprotect: [10, 226], mremap: [25, 216], madvise: [28, 233], brk: [12, 214], mlock: [149, 228], mlock2: [325, 284],
  munlock: [150, 229], mincore: [27, 232], msync: [26, 227], membarrier: [324, 283], memfd_create: [319, 279], get_mempolicy: [239, 236],
  set_mempolicy: [238, 237], mbind: [237, 235], pkey_alloc: [330, 289], pkey_mprotect: [329, 288], pkey_free: [331, 290],
  // Threads.
  futex: [202, 98], set_robust_list: [273, 99], get_robust_list: [274, 100], rseq: [334, 293], set_tid_address: [218, 96], gettid: [186, 178],
  getpid: [39, 172], getppid: [110, 173], sched_yield: [24, 124], sched_getaffinity: [204, 123], sched_setaffinity: [203, 122],
  sched_getparam: [143, 121], sched_getscheduler: [145, 120], sched_get_priority_max: [146, 125], sched_get_priority_min: [147, 126],
  getpriority: [140, 141], setpriority: [141, 140], getcpu: [309, 168], arch_prctl: [158, null], exit: [60, 93], exit_group: [231, 94],
  tgkill: [234, 131], restart_syscall: [219, 128],
  // Signals within the process.
  rt_sigaction: [13, 134], rt_sigprocmask: [14, 135], rt_sigreturn: [15, 139], rt_sigpending: [127, 136], rt_sigtimedwait: [128, 137],
  rt_sigsuspend: [130, 133], sigaltstack: [131, 132],
  // Time.
  nanosleep: [35, 101], clock_nanosleep: [230, 115], clock_gettime: [228, 113], clock_getres: [229, 114], gettimeofday: [96, 169], time: [201, null],
  times: [100, 153],
  // Who it is, and what this machine is.
  getuid: [102, 174], geteuid: [107, 175], getgid: [104, 176], getegid: [108, 177], getresuid: [118, 148], getresgid: [120, 150],
  getgroups: [115, 158], capget: [125, 90], uname: [63, 160], sysinfo: [99, 179], getrusage: [98, 165], getrlimit: [97, 163], prlimit64: [302, 261],
  getrandom: [318, 278],
  // The start of the box's own program, which comes after the filter.
  execve: [59, 221],
};

// biome-ignore format: as above
const others: readonly (readonly [Outcome, Readonly<Record<string, Numbers>>])[] = [
  ['threads', { clone: [56, 220] }],
  ['terminal', { ioctl: [16, 29] }],
  ['self', { prctl: [157, 167] }],
  // Said to be absent, not forbidden: glibc then takes clone, whose flags a filter can read, and libuv takes epoll.
  ['absent', { clone3: [435, 435], io_uring_setup: [425, 425], io_uring_enter: [426, 426], io_uring_register: [427, 427] }],
];

/** What becomes of each number that is not simply refused. */
export function outcomes(arch: 'x64' | 'arm64'): ReadonlyMap<number, Outcome> {
  const column = arch === 'x64' ? 0 : 1;
  const found = new Map<number, Outcome>();
  for (const [outcome, calls] of [['allow', allowed] as const, ...others])
    for (const numbers of Object.values(calls)) if (numbers[column] !== null) found.set(numbers[column], outcome);
  return found;
}
