import { ERRNO } from "./libc.ts";
import type { SyscallName } from "./syscalls.ts";

/** What an argument must be; of an `int` the kernel reads the low half, so only that is looked at. */
export type ArgumentRule =
  | { argument: number; oneOf: readonly (number | "own pid")[]; mask?: number }
  /** A pointer that must be absent: both halves are looked at. */
  | { argument: number; isNull: true };

/** Passes; is answered with an error number; or passes when every argument is as said in `when`, or in `orWhen`. */
export type CallRule =
  | "allow"
  | number
  | { when: readonly ArgumentRule[]; orWhen?: readonly ArgumentRule[]; otherwise: number };

/** A filter: what is said of single calls, and what of every other. */
export interface Filter {
  calls: Readonly<Partial<Record<SyscallName, CallRule>>>;
  otherwise: "allow" | number;
}

const { EPERM, EACCES, ENOSYS } = ERRNO;

const allowAll = (...names: readonly SyscallName[]): Partial<Record<SyscallName, CallRule>> =>
  Object.fromEntries(names.map((name) => [name, "allow"]));

/**
 * O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_TMPFILE (without O_DIRECTORY's bit), O_PATH: the octal of asm-generic/fcntl.h.
 * O_TRUNC truncates even a descriptor opened for reading, and Landlock before ABI 3 does not look. What is opened by O_PATH
 * no Landlock looks at, and fstat then tells size, owner and times of any file.
 */
const MORE_THAN_READ = 0o1 | 0o2 | 0o100 | 0o1000 | 0o20000000 | 0o10000000;
const ONLY_TO_READ = (argument: number): CallRule => ({
  when: [{ argument, mask: MORE_THAN_READ, oneOf: [0] }],
  otherwise: EACCES,
});

const MAP_SHARED = 0x01;
const MAP_GROWSDOWN = 0x100;
const MAP_HUGETLB = 0x40000;
/** Every advice about its own pages up to MADV_POPULATE_WRITE, and guards. */
const MADVISE = [0, 1, 2, 3, 4, 8, 10, 11, 14, 15, 16, 17, 18, 19, 22, 23, 102, 103];
/** MEMBARRIER_CMD_QUERY, and the private ones with their registrations. */
const MEMBARRIER = [0, 8, 16, 32, 64];

/** FUTEX_WAIT, WAKE, REQUEUE, CMP_REQUEUE, WAKE_OP, WAIT_BITSET, WAKE_BITSET. */
const FUTEX = [0, 1, 3, 4, 5, 9, 10];
/** All bits but FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME. */
const FUTEX_OPERATION = ~0x180;

/** MSG_DONTWAIT, MSG_NOSIGNAL, MSG_MORE; all others are looked for. */
const NOT_PLAIN_SENDING = ~(0x40 | 0x4000 | 0x8000);
const NOT_PLAIN_RECEIVING = ~0x40;
const SOL_SOCKET = 1;
const SO_ERROR = 4;

/** Clocks that are made of a process, a thread or a descriptor have negative numbers. */
const IS_MADE_CLOCK = 0x80000000;
const COMMON_CLOCK: CallRule = { when: [{ argument: 0, mask: IS_MADE_CLOCK, oneOf: [0] }], otherwise: EPERM };
const PRIO_PROCESS = 0;

/** CLONE_VM, SIGHAND, THREAD. */
const CLONE_THREAD_FLAGS = 0x100 | 0x800 | 0x10000;
/** CLONE_PTRACE, VFORK, PARENT, NEWNS, UNTRACED, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const CLONE_FORBIDDEN_FLAGS =
  0x2000 |
  0x4000 |
  0x8000 |
  0x20000 |
  0x800000 |
  0x2000000 |
  0x4000000 |
  0x8000000 |
  0x10000000 |
  0x20000000 |
  0x40000000;

const FCNTL = { F_DUPFD: 0, F_GETFD: 1, F_SETFD: 2, F_GETFL: 3, F_DUPFD_CLOEXEC: 1030 };
const F_SETFL = 4;
/** O_ASYNC, O_DIRECT. */
const SIGNALS_AND_PACKETS = 0o20000 | 0o40000;
/** All but O_CLOEXEC, O_NONBLOCK and O_DIRECT: no O_NOTIFICATION_PIPE. */
const NOT_PLAIN_PIPE = ~(0o2000000 | 0o4000 | 0o40000);
const IOCTL = { TCGETS: 0x5401, FIONREAD: 0x541b, FIONBIO: 0x5421, FIONCLEX: 0x5450, FIOCLEX: 0x5451 };
const PRCTL = { SET_NAME: 15, GET_NAME: 16, GET_SECCOMP: 21, GET_NO_NEW_PRIVS: 39, SET_VMA: 0x53564d41 };
const ARCH_PRCTL = { SET_FS: 0x1002, GET_FS: 0x1003, CET_STATUS: 0x3001 };
const SECCOMP_SET_MODE_FILTER = 1;

/**
 * The filter the host boots under. It begins from nothing: what Bun 1.4 was seen to call, with workers, WebAssembly,
 * timers and the channel, and what its runtime falls back to. Every other call is answered with EPERM.
 */
export const FIRST_FILTER: Filter = {
  otherwise: EPERM,
  calls: {
    // What is called most stands first: a filter is read from its begin. Locks lend no priorities. The channel is a connected
    // socket: no address, no ancillary data, no other socket, no urgent byte (MSG_OOB, by which the kernel was broken out of:
    // CVE-2025-38236).
    futex: { when: [{ argument: 1, mask: FUTEX_OPERATION, oneOf: FUTEX }], otherwise: EPERM },
    recvfrom: { when: [{ argument: 3, mask: NOT_PLAIN_RECEIVING, oneOf: [0] }], otherwise: EPERM },
    sendto: {
      when: [
        { argument: 4, isNull: true },
        { argument: 3, mask: NOT_PLAIN_SENDING, oneOf: [0] },
      ],
      otherwise: EPERM,
    },

    // Memory. Shared and downward-growing mappings are refused: neither is counted by RLIMIT_DATA; huge pages are counted by no
    // cgroup of memory, and set aside for others. Advice may not merge pages with others' (their time tells of equal ones) nor
    // push out what others use; a barrier may not stop processors that run somebody else.
    ...allowAll("munmap", "mremap", "mprotect", "brk"),
    mmap: {
      when: [{ argument: 3, mask: MAP_SHARED | MAP_GROWSDOWN | MAP_HUGETLB, oneOf: [0] }],
      otherwise: EPERM,
    },
    madvise: { when: [{ argument: 2, oneOf: MADVISE }], otherwise: EPERM },
    membarrier: { when: [{ argument: 0, oneOf: MEMBARRIER }], otherwise: EPERM },

    // Threads, never processes. clone3 hides its flags behind a pointer; on ENOSYS the C library takes clone.
    ...allowAll("set_robust_list", "rseq", "set_tid_address", "sched_yield"),
    ...allowAll("gettid", "getpid", "getppid", "exit", "exit_group", "getcpu"),
    // Of another process it would tell that there is one. The C library asks of each thread, and goes on when there is no such call.
    sched_getaffinity: { when: [{ argument: 0, oneOf: [0, "own pid"] }], otherwise: ENOSYS },
    clone: {
      when: [{ argument: 0, mask: CLONE_THREAD_FLAGS | CLONE_FORBIDDEN_FLAGS, oneOf: [CLONE_THREAD_FLAGS] }],
      otherwise: EPERM,
    },
    clone3: ENOSYS,

    // Signals: handlers of its own, and signals to itself.
    ...allowAll("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait"),
    ...allowAll("rt_sigpending", "sigaltstack", "restart_syscall"),
    kill: { when: [{ argument: 0, oneOf: ["own pid"] }], otherwise: EPERM },
    tgkill: { when: [{ argument: 0, oneOf: ["own pid"] }], otherwise: EPERM },

    // Time and waiting. The clock of another process tells, to the nanosecond, how long the server has worked.
    ...allowAll("nanosleep", "gettimeofday", "time"),
    clock_gettime: COMMON_CLOCK,
    clock_getres: COMMON_CLOCK,
    clock_nanosleep: COMMON_CLOCK,
    ...allowAll("epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2"),
    ...allowAll("poll", "ppoll", "select", "pselect6", "eventfd2"),
    ...allowAll("timerfd_create", "timerfd_settime", "timerfd_gettime"),

    // Descriptors it holds. F_SETOWN, F_SETSIG, O_ASYNC, FIOASYNC and FIOSETOWN would send signals elsewhere; F_SETLK and
    // F_SETLEASE hold up others; F_SETPIPE_SZ takes the kernel's memory; TIOCSTI types into a terminal.
    ...allowAll("read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "lseek"),
    ...allowAll("close", "close_range", "dup", "dup2", "dup3", "pipe"),
    pipe2: { when: [{ argument: 1, mask: NOT_PLAIN_PIPE, oneOf: [0] }], otherwise: EPERM },
    fcntl: {
      when: [{ argument: 1, oneOf: Object.values(FCNTL) }],
      orWhen: [
        { argument: 1, oneOf: [F_SETFL] },
        { argument: 2, mask: SIGNALS_AND_PACKETS, oneOf: [0] },
      ],
      otherwise: EPERM,
    },
    ioctl: { when: [{ argument: 1, oneOf: Object.values(IOCTL) }], otherwise: EPERM },

    // Files: only to be read, and only where Landlock lets it. openat2 hides its flags behind a pointer.
    open: ONLY_TO_READ(1),
    openat: ONLY_TO_READ(2),
    openat2: ENOSYS,
    ...allowAll("stat", "lstat", "fstat", "newfstatat", "statx", "access", "faccessat", "faccessat2"),
    ...allowAll("readlink", "readlinkat", "getcwd", "getdents64"),

    // No option of the channel may be set: SO_ATTACH_FILTER is a program in the kernel. Nor asked for: SO_PEERPIDFD is the server
    // as a descriptor.
    getsockopt: {
      when: [
        { argument: 1, oneOf: [SOL_SOCKET] },
        { argument: 2, oneOf: [SO_ERROR] },
      ],
      otherwise: EPERM,
    },
    ...allowAll("getsockname", "getpeername", "shutdown"),

    // Itself: names of threads and mappings. Not PR_SET_PDEATHSIG, which ends it with the server, nor PR_SET_DUMPABLE.
    prctl: { when: [{ argument: 0, oneOf: Object.values(PRCTL) }], otherwise: EPERM },
    arch_prctl: { when: [{ argument: 0, oneOf: Object.values(ARCH_PRCTL) }], otherwise: EPERM },
    // Limits may be read, of itself; a new limit is never set.
    prlimit64: {
      when: [
        { argument: 0, oneOf: [0, "own pid"] },
        { argument: 2, isNull: true },
      ],
      otherwise: EPERM,
    },
    ...allowAll("getrlimit", "getrusage", "times", "sysinfo", "uname", "getrandom"),
    ...allowAll("getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups"),
    getpriority: {
      when: [
        { argument: 0, oneOf: [PRIO_PROCESS] },
        { argument: 1, oneOf: [0, "own pid"] },
      ],
      otherwise: EPERM,
    },

    // Bun and its allocator ask whether the kernel has these, and go on without.
    io_uring_setup: ENOSYS,
    memfd_create: ENOSYS,

    // The way into the host, and to the second filter. Both are closed by that one.
    execve: "allow",
    seccomp: { when: [{ argument: 0, oneOf: [SECCOMP_SET_MODE_FILTER] }], otherwise: EPERM },
  },
};

const denyAll = (errno: number, ...names: readonly SyscallName[]): Partial<Record<SyscallName, CallRule>> =>
  Object.fromEntries(names.map((name) => [name, errno]));

/**
 * What is taken away once the host has booted, on all its threads: the right to run a program and to add filters, and to
 * ask about files by name. Landlock does not look at such questions, and the size, times and presence of the machine's
 * files are nobody's business; fstat of what is open remains.
 */
export const SECOND_FILTER: Filter = {
  otherwise: "allow",
  calls: {
    ...denyAll(EPERM, "execve", "seccomp", "arch_prctl", "set_tid_address"),
    ...denyAll(EACCES, "stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2"),
    ...denyAll(EACCES, "readlink", "readlinkat"),
  },
};
