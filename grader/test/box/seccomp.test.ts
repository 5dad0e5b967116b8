/** The system call filter: read by a small machine of ours for every number, and asked by real calls of a process under it. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { confined } from '../../src/box/drivers/confine.ts';
import { seccompFilter } from '../../src/box/drivers/seccomp.ts';
import { newestNumber, outcomes } from '../../src/box/drivers/syscalls.ts';
import { isLinux } from './helpers.ts';

const machines = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
const [ALLOW, EPERM, ENOSYS, KILL] = [0x7fff_0000, 0x0005_0001, 0x0005_0026, 0x8000_0000];

/** What the kernel would make of one call: linux/filter.h, the five instructions that the filter uses. */
function verdict(filter: Buffer, number: number, args: readonly number[] = [], arch: number = machines.x64): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(arch, 4);
  args.forEach((value, i) => {
    data.writeUInt32LE(value >>> 0, 16 + 8 * i);
  });
  let held = 0;
  for (let at = 0; ; at++) {
    const code = filter.readUInt16LE(8 * at);
    const k = filter.readUInt32LE(8 * at + 4);
    const jump = (holds: boolean): void => {
      at += filter.readUInt8(8 * at + (holds ? 2 : 3));
    };
    if (code === 0x20) held = data.readUInt32LE(k);
    else if (code === 0x15) jump(held === k);
    else if (code === 0x35) jump(held >= k);
    else if (code === 0x45) jump((held & k) !== 0);
    else if (code === 0x06) return k;
    else throw new Error(`an instruction that the filter should not have: ${code}`);
  }
}

describe.each(['x64', 'arm64'] as const)('the filter of %s', (arch) => {
  const filter = seccompFilter(arch);
  const known = outcomes(arch);

  test('allows what the table says, and nothing else', () => {
    const got: Record<number, number> = {};
    const wanted: Record<number, number> = {};
    for (let number = 0; number < 1000; number++) {
      got[number] = verdict(filter, number, [], machines[arch]);
      const outcome = known.get(number);
      // With arguments of zero clone makes a process; ioctl and prctl do nothing that is refused.
      wanted[number] =
        outcome === 'absent' || number > newestNumber ? ENOSYS : outcome === undefined || outcome === 'threads' ? EPERM : ALLOW;
    }
    expect(got).toEqual(wanted);
  });

  test('lets clone make threads and nothing else', () => {
    const clone = arch === 'x64' ? 56 : 220;
    const thread = 0x3d_0f00; // as glibc makes them
    expect(verdict(filter, clone, [thread], machines[arch])).toBe(ALLOW);
    expect(verdict(filter, clone, [17], machines[arch])).toBe(EPERM); // fork: SIGCHLD
    for (const namespace of [0x80, 0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000])
      expect(verdict(filter, clone, [thread | namespace], machines[arch])).toBe(EPERM);
  });

  test('keeps terminals, the death signal and the filter itself out of reach', () => {
    const [ioctl, prctl] = arch === 'x64' ? [16, 157] : [29, 167];
    expect([0x5401, 0x5421].map((command) => verdict(filter, ioctl, [0, command], machines[arch]))).toEqual([ALLOW, ALLOW]);
    expect([0x5412, 0x541c, 0x5423].map((command) => verdict(filter, ioctl, [0, command], machines[arch]))).toEqual([EPERM, EPERM, EPERM]);
    expect(verdict(filter, prctl, [15], machines[arch])).toBe(ALLOW);
    for (const option of [1, 4, 22, 35, 0x5961_6d61]) expect(verdict(filter, prctl, [option], machines[arch])).toBe(EPERM);
  });

  test('ends a process that calls by the numbers of another machine', () => {
    for (const other of [0x4000_0003 /* i386 */, 0x4000_0028 /* arm */, machines[arch === 'x64' ? 'arm64' : 'x64']])
      expect(verdict(filter, 0, [], other)).toBe(KILL);
    expect(verdict(filter, 0x4000_0000, [], machines[arch])).toBe(KILL); // x32
  });

  // The kernel's headers are the other opinion on the numbers.
  const header = { x64: '/usr/include/x86_64-linux-gnu/asm/unistd_64.h', arm64: '/usr/include/asm-generic/unistd.h' }[arch];
  test.skipIf(!existsSync(header))('has the numbers of the kernel headers', () => {
    const text = readFileSync(header, 'utf8');
    const names = new Map([...text.matchAll(/#define __NR(?:3264)?_(\w+)\s+(\d+)/g)].map(([, name, number]) => [Number(number), name!]));
    const dangerous =
      /^(fork|vfork|kill|tkill|ptrace|process_vm_|mount|umount|pivot_root|chroot|unshare|setns|keyctl|add_key|bpf|perf_event|userfaultfd|socket|connect|bind|accept|sendmsg|sendto|init_module|finit_module|kexec|open_by_handle|name_to_handle|personality|pidfd_|set(re|res)?[ug]id|capset|reboot|swapon|quotactl|clone3|io_uring|seccomp|landlock)/;
    const allowed = [...known].filter(([, outcome]) => outcome !== 'absent').map(([number]) => names.get(number) ?? String(number));
    expect(allowed.filter((name) => dangerous.test(name) || /^\d+$/.test(name))).toEqual([]);
    expect(allowed).toEqual(expect.arrayContaining(['read', 'futex', 'mmap', 'openat', 'clone', 'prctl', 'exit_group']));
  });
});

test('a machine that the table does not know gets no filter', () => {
  expect(() => seccompFilter('riscv64')).toThrow(/expected an x64 or arm64 machine/);
});

const perl = '/usr/bin/perl';
const [x64, here] = [process.arch === 'x64', process.arch === 'x64' || process.arch === 'arm64'];
/** Calls by number: [x64, arm64], and arguments as Perl. */
const calls: Readonly<Record<string, readonly [number, number, string]>> = {
  'socket (inet)': [41, 198, '2, 1, 0'],
  'socket (unix)': [41, 198, '1, 1, 0'],
  'socket (netlink)': [41, 198, '16, 3, 0'],
  ptrace: [101, 117, '0, 0, 0, 0'],
  process_vm_readv: [310, 270, '1, 0, 0, 0, 0, 0'],
  kill: [62, 129, '$$, 0'],
  mount: [165, 40, '0, 0, 0, 0, 0'],
  keyctl: [250, 219, '0, -3, 0'],
  bpf: [321, 280, '0, 0, 0'],
  perf_event_open: [298, 241, '0, 0, -1, -1, 0'],
  userfaultfd: [323, 282, '0'],
  unshare: [272, 97, '0x10000000'],
  setns: [308, 268, '0, 0'],
  'clone (a process)': [56, 220, '17, 0, 0, 0, 0'],
  open_by_handle_at: [304, 265, '0, 0, 0'],
  personality: [135, 92, '0'],
  setuid: [105, 146, '0'],
  chroot: [161, 51, '0'],
  mkdirat: [258, 34, '-100, 0, 0'],
};

describe.runIf(isLinux && here && existsSync(perl))('a process under it', () => {
  async function ask(script: string, read = ['/usr', '/lib', '/lib64', '/bin', '/etc/ld.so.cache']): Promise<string> {
    const [command, ...args] = confined([perl, '-e', script], { read, devices: ['/dev/null'] });
    return (await promisify(execFile)(command!, args, { env: {} })).stdout;
  }

  test('is refused every way to the network, to other processes and to the kernel', async () => {
    const lines = Object.entries(calls).map(
      ([name, [onX64, onArm, args]]) => `$! = 0; $r = syscall(${x64 ? onX64 : onArm}, ${args}); print '${name}: ', $r, ' ', $! + 0, "\\n";`,
    );
    const expected = Object.keys(calls).map((name) => `${name}: -1 1\n`);
    expect(await ask(lines.join('\n'))).toBe(expected.join(''));
  });

  test('finds clone3 and io_uring absent', async () => {
    expect(await ask('for (435, 425) { $! = 0; print syscall($_, 0, 0), \' \', $! + 0, "\\n" }')).toBe('-1 38\n-1 38\n');
  });

  test('cannot fork', async () => {
    expect(await ask("print defined(fork) ? 'forked' : 'refused'")).toBe('refused');
  });

  test('reads what it was given and nothing else, and writes nothing', async () => {
    const script = `for ('/usr/bin/perl', '/etc/passwd', '${import.meta.filename}') { print open(my $f, '<', $_) ? 'read' : $! + 0, "\\n" }
print open(my $f, '>', '/tmp/ladder-written') ? 'wrote' : $! + 0, "\\n"; print open(my $n, '>', '/dev/null') ? 'wrote' : 'refused', "\\n";`;
    expect(await ask(script)).toBe('read\n13\n13\n13\nwrote\n');
  });

  test('is a Node that computes, with threads, and reaches nobody', async () => {
    const script = `const answers = [];
const attempt = async (what) => answers.push(await Promise.resolve().then(what).catch((error) => error.message.replace(process.execPath, 'node')));
await attempt(async () => (await import('node:child_process')).execFileSync(process.execPath, ['-p', '1']));
await attempt(async () => { const { Worker } = await import('node:worker_threads'); return new Promise((r) => new Worker('import("node:worker_threads").then((w) => w.parentPort.postMessage(42))', { eval: true }).on('message', r)); });
await attempt(async () => { const net = await import('node:net'); return new Promise((r) => net.connect(1, '127.0.0.1').on('error', (e) => r(e.code))); });
await attempt(async () => { const { writeFileSync } = await import('node:fs'); writeFileSync('/tmp/ladder-written', 'x'); });
await attempt(() => { process.kill(process.ppid, 0); });
console.log(JSON.stringify(answers));`;
    const [command, ...args] = confined([process.execPath, '--input-type=module', '-e', script], {
      read: ['/usr', '/lib', '/lib64', '/bin', '/etc/ld.so.cache', '/etc/ssl/openssl.cnf', '/proc/self', process.execPath],
      devices: ['/dev/null'],
    });
    const { stdout } = await promisify(execFile)(command!, args, { env: {} });
    expect(JSON.parse(stdout)).toEqual([
      'spawnSync node EPERM',
      42,
      'EPERM',
      "EACCES: permission denied, open '/tmp/ladder-written'",
      'kill EPERM',
    ]);
  });

  test('does what it did before', async () => {
    expect(await ask('print 6 * 7, " ", join "", sort split //, "cab"')).toBe('42 abc');
  });
});
