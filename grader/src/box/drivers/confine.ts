/**
 * Shuts a process in without namespaces, so without privileges: Landlock (landlock(7)) leaves it some folders to read and nothing to write, the system call filter
 * leaves it no network and no other process. Both are set by the process itself before it becomes the box; Node has no way to, so a few lines of Perl do it:
 * Debian, Ubuntu and their containers always have perl-base.
 */
import { execFileSync } from 'node:child_process';
import { GraderError } from '@llm-ladder/backend/errors';
import { seccompFilter } from './seccomp.ts';

export interface Confinement {
  /** Files and folders to read and execute; those that are not there are left out. */
  readonly read: readonly string[];
  /** Device files to use. */
  readonly devices: readonly string[];
}

const perl = '/usr/bin/perl';
const prctlNumber = { x64: 157, arm64: 167 } as Readonly<Record<string, number>>;

// Landlock's three calls have the same numbers on every machine; rights it knows: 13 of them at first, then REFER, TRUNCATE and, with version 5, IOCTL_DEV.
const script = String.raw`
my ($prctl, $filter, $landlock, $paths) = splice @ARGV, 0, 4;
sub must { my ($done, $what) = @_; $done >= 0 or die "confine: $what: $!\n"; return $done }
must(syscall($prctl, 38, 1, 0, 0, 0), 'no_new_privs');
if ($landlock > 0) {
  my $rights = (1 << ($landlock < 2 ? 13 : $landlock < 3 ? 14 : $landlock < 5 ? 15 : 16)) - 1;
  my $handled = pack 'Q', $rights;
  my $set = must(syscall(444, $handled, 8, 0), 'a Landlock ruleset');
  for (split /\0/, pack 'H*', $paths) {
    my ($kind, $path) = split /:/, $_, 2;
    sysopen my $file, $path, 0x200000 or next;
    my $rule = pack 'Q l', $rights & ($kind eq 'device' ? 0x8006 : -d $path ? 0xd : 0x5), fileno $file;
    must(syscall(445, $set, 1, $rule, 0), "a Landlock rule for $path");
  }
  must(syscall(446, $set, 0), 'Landlock');
}
my $code = pack 'H*', $filter;
my $program = pack 'S x![P] P', length($code) / 8, $code;
must(syscall($prctl, 22, 2, $program, 0, 0), 'the system call filter');
exec { $ARGV[0] } @ARGV or die "confine: $ARGV[0]: $!\n";
`;

/** The command, started with nothing but what `confinement` leaves it. Throws GraderError where Perl is missing. */
export function confined(command: readonly string[], { read, devices }: Confinement): string[] {
  const paths = [...read.map((path) => `read:${path}`), ...devices.map((path) => `device:${path}`)].join('\0');
  const filter = seccompFilter().toString('hex');
  return [perl, '-e', script, String(prctlNumber[process.arch]), filter, String(landlockVersion()), hex(paths), ...command];
}

const hex = (text: string): string => Buffer.from(text).toString('hex');
let version: number | undefined;

/** 0 where the kernel, or the filter of the container around us, has no Landlock. Throws GraderError where Perl is missing. */
export function landlockVersion(): number {
  if (version !== undefined) return version;
  try {
    version = Math.max(0, Number(execFileSync(perl, ['-e', 'print syscall(444, 0, 0, 1)'], { encoding: 'utf8', env: {} })));
  } catch (cause) {
    throw new GraderError('box', `box: expected ${perl} to run, got ${(cause as Error).message}`, { hint: 'apt install perl-base', cause });
  }
  return version;
}
