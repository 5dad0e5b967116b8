/**
 * The box's system call filter, as the kernel takes it: a program for its classic BPF machine (seccomp(2), linux/filter.h), eight bytes an instruction.
 * An allow list: whatever is not in syscalls.ts is refused with EPERM, so that the caller sees an error instead of its death.
 */
import { GraderError } from '@llm-ladder/backend/errors';
import { newestNumber, type Outcome, outcomes } from './syscalls.ts';

/** Offsets in struct seccomp_data; the low half of an argument comes first on both machines. */
const data = { number: 0, arch: 4, argument: (i: number): number => 16 + 8 * i } as const;
const machines = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
const x32Bit = 0x4000_0000;

const [load, jumpEqual, jumpAtLeast, jumpAnyBit, give] = [0x20, 0x15, 0x35, 0x45, 0x06];
const [allow, kill, errno] = [0x7fff_0000, 0x8000_0000, 0x0005_0000];
const [EPERM, ENOSYS] = [1, 38];

const CLONE_THREAD = 0x0001_0000;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME. */
const namespaces = 0x7e02_0080;
/** TIOCSTI, TIOCLINUX and TIOCSETD: typing on the grader's terminal for it. */
const terminalTricks = [0x5412, 0x541c, 0x5423];
/** PR_SET_PDEATHSIG (a box would outlive its grader), PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_MM, PR_SET_PTRACER. */
const selfTricks = [1, 4, 22, 35, 0x5961_6d61];

interface Instruction {
  readonly code: number;
  readonly k: number;
  /** How many instructions to skip when the comparison holds, and when not. */
  readonly yes?: number;
  readonly no?: number;
}

const returns = (k: number): Instruction => ({ code: give, k });
const refuse = returns(errno | EPERM);

const endings: Readonly<Record<Outcome, readonly Instruction[]>> = {
  allow: [returns(allow)],
  absent: [returns(errno | ENOSYS)],
  refuse: [refuse],
  threads: [
    { code: load, k: data.argument(0) },
    { code: jumpAnyBit, k: namespaces, yes: 1, no: 0 },
    { code: jumpAnyBit, k: CLONE_THREAD, yes: 1, no: 0 },
    refuse,
    returns(allow),
  ],
  terminal: refusedValues(1, terminalTricks),
  self: refusedValues(0, selfTricks),
};

function refusedValues(argument: number, values: readonly number[]): Instruction[] {
  const tests = values.map((k, i) => ({ code: jumpEqual, k, yes: values.length - i, no: 0 }));
  return [{ code: load, k: data.argument(argument) }, ...tests, returns(allow), refuse];
}

const built = new Map<string, Buffer>();

/** The filter for a machine, this one without an argument. Throws GraderError on one that the table of system calls does not know. */
export function seccompFilter(arch: string = process.arch): Buffer {
  if (arch !== 'x64' && arch !== 'arm64') throw new GraderError('box', `box: expected an x64 or arm64 machine for the filter, got ${arch}`);
  const filter = built.get(arch) ?? assemble(program(arch));
  built.set(arch, filter);
  return filter;
}

function program(arch: 'x64' | 'arm64'): Instruction[] {
  return [
    { code: load, k: data.arch },
    // A call by another machine's numbers (32-bit, x32) means something else: no error, the end.
    { code: jumpEqual, k: machines[arch], yes: 1, no: 0 },
    returns(kill),
    { code: load, k: data.number },
    { code: jumpAtLeast, k: x32Bit, yes: 0, no: 1 },
    returns(kill),
    ...choose(pieces(outcomes(arch))),
  ];
}

interface Piece {
  readonly from: number;
  readonly outcome: Outcome;
}

/** The outcomes as ranges of numbers, each up to where the next begins. */
function pieces(known: ReadonlyMap<number, Outcome>): Piece[] {
  const all: Piece[] = [];
  for (let from = 0; from <= newestNumber; from++) {
    const outcome = known.get(from) ?? 'refuse';
    if (outcome !== all.at(-1)?.outcome) all.push({ from, outcome });
  }
  return [...all, { from: newestNumber + 1, outcome: 'absent' }];
}

/** A binary search, so that a call costs seven comparisons and not a hundred. */
function choose(among: readonly Piece[]): Instruction[] {
  if (among.length === 1) return [...endings[among[0]!.outcome]];
  const middle = among.length >> 1;
  const below = choose(among.slice(0, middle));
  return [{ code: jumpAtLeast, k: among[middle]!.from, yes: below.length, no: 0 }, ...below, ...choose(among.slice(middle))];
}

function assemble(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(8 * instructions.length);
  instructions.forEach(({ code, k, yes = 0, no = 0 }, i) => {
    bytes.writeUInt16LE(code, 8 * i);
    bytes.writeUInt8(yes, 8 * i + 2); // throws beyond 255, the longest jump there is
    bytes.writeUInt8(no, 8 * i + 3);
    bytes.writeUInt32LE(k >>> 0, 8 * i + 4);
  });
  return bytes;
}
