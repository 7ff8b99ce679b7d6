import { type Family, sharing } from "../attack.ts";
import { buffer, CHANNEL, endChild, fork, SIGKILL, sys } from "../plugin/kit.ts";

const SIGCONT = 18;
const SIGIO = 29;
const SIGCHLD = 17;
const PRCTL = { SET_PDEATHSIG: 1, SET_DUMPABLE: 4, SET_CHILD_SUBREAPER: 36 };
const FCNTL = { F_SETLK: 6, F_SETOWN: 8, F_SETSIG: 10, F_SETLEASE: 1024, F_SETPIPE_SZ: 1031 };
const FIOSETOWN = 0x8901;
const PTRACE_ATTACH = 16;
const RLIMIT_NOFILE = 7;
const IOPRIO_IDLE = 3 << 13;
const SI_QUEUE = -1;
const SIGEV_SIGNAL = 0;
const PIPE_BYTES = 65_536;
const SOL_SOCKET = 1;
const SO_PEERPIDFD = 77;
/** CPUCLOCK_SCHED of a process (linux/posix-timers.h). */
const clockOf = (pid: number): number => (~pid << 3) | 2;

const filter = {
  deniedBy: "filter",
  answers: ["EPERM"],
  seen: "failed call",
  control: "outside",
} as const;

/** struct iovec of nothing: the call is made, and nothing is moved. */
const NO_BYTES = BigUint64Array.of(0n, 0n);

/** struct siginfo that says it was queued. */
function queued(signal: number): Uint8Array {
  const siginfo = buffer(128);
  const view = new DataView(siginfo.buffer);
  view.setInt32(0, signal, true);
  view.setInt32(8, SI_QUEUE, true);
  return siginfo;
}

/** struct sigevent that asks for a signal. */
function signalEvent(signal: number): Uint8Array {
  const event = buffer(64);
  const view = new DataView(event.buffer);
  view.setInt32(8, signal, true);
  view.setInt32(12, SIGEV_SIGNAL, true);
  return event;
}

function endOfPipe(): number {
  const ends = new Int32Array(2);
  sys("pipe2", ends, 0);
  return ends[0] ?? -1;
}

const own = BigUint64Array.of(0n, 0n);

/** Other processes: to end, slow, watch or change them, and to make more. */
export const processes: Family = {
  title: "Other processes",
  attacks: [
    ...sharing(filter, {
      "end the server (SIGKILL)": ({ serverPid }) => sys("kill", serverPid, SIGKILL),
      "end another plugin (SIGKILL)": ({ siblingPid }) => sys("kill", siblingPid, SIGKILL),
      "signal a thread of the server": ({ serverPid }) => sys("tgkill", serverPid, serverPid, SIGCONT),
      "queue a signal for the server": ({ serverPid }) =>
        sys("rt_sigqueueinfo", serverPid, SIGCONT, queued(SIGCONT)),
      "open the server as a descriptor (pidfd)": ({ serverPid }) => sys("pidfd_open", serverPid, 0),
      "signal another plugin by a pidfd": ({ siblingPid }) =>
        sys("pidfd_send_signal", opened(siblingPid), SIGCONT, 0, 0),
      "let the kernel signal the server (F_SETOWN)": ({ serverPid }) =>
        sys("fcntl", endOfPipe(), FCNTL.F_SETOWN, serverPid),
      "let the kernel signal the server (FIOSETOWN)": ({ serverPid }) =>
        sys("ioctl", ownSocket(), FIOSETOWN, Int32Array.of(serverPid)),
      "choose the signal of a descriptor (F_SETSIG)": () => sys("fcntl", endOfPipe(), FCNTL.F_SETSIG, SIGIO),
      "have a timer send signals": () => sys("timer_create", 1, signalEvent(SIGCONT), buffer(8)),
      "trace the server": ({ serverPid }) => sys("ptrace", PTRACE_ATTACH, serverPid, 0, 0),
      "read the memory of the server (process_vm_readv)": ({ serverPid }) =>
        sys("process_vm_readv", serverPid, NO_BYTES, 1, NO_BYTES, 1, 0),
      "write the memory of the server (process_vm_writev)": ({ serverPid }) =>
        sys("process_vm_writev", serverPid, NO_BYTES, 1, NO_BYTES, 1, 0),
      "set the limits of the server": ({ serverPid }) => {
        sys("prlimit64", serverPid, RLIMIT_NOFILE, 0, own);
        sys("prlimit64", serverPid, RLIMIT_NOFILE, own, 0);
      },
      "slow the server down (setpriority)": ({ serverPid }) => sys("setpriority", 0, serverPid, 19),
      "pin the server to one processor": ({ serverPid }) =>
        sys("sched_setaffinity", serverPid, 8, BigUint64Array.of(1n)),
      "take the disk from the server (ioprio_set)": ({ serverPid }) =>
        sys("ioprio_set", 1, serverPid, IOPRIO_IDLE),
      "compare descriptors with the server's (kcmp)": ({ serverPid }) =>
        sys("kcmp", serverPid, process.pid, 0, 0, 0),
      "get the server as a descriptor from the channel (SO_PEERPIDFD)": () =>
        sys("getsockopt", ownSocket(), SOL_SOCKET, SO_PEERPIDFD, buffer(4), Int32Array.of(4)),
      "read how long the server has worked, to the nanosecond (clock_gettime)": ({ serverPid }) =>
        sys("clock_gettime", clockOf(serverPid), buffer()),
      "wait for the server to work (clock_nanosleep)": ({ serverPid }) =>
        sys("clock_nanosleep", clockOf(serverPid), 0, buffer(16), 0),
      "find processes by their priority (getpriority)": ({ serverPid }) => sys("getpriority", 0, serverPid),
      "find the locks of another plugin (get_robust_list)": ({ siblingPid }) =>
        sys("get_robust_list", siblingPid, buffer(8), buffer(8)),
      "lock a record, as on an inherited descriptor": () =>
        sys("fcntl", lockable(), FCNTL.F_SETLK, recordLock()),
      "grow a pipe to take the kernel's memory": () =>
        sys("fcntl", endOfPipe(), FCNTL.F_SETPIPE_SZ, PIPE_BYTES * 2),
      "outlive the server (PR_SET_PDEATHSIG)": () => sys("prctl", PRCTL.SET_PDEATHSIG, 0, 0, 0, 0),
      "be dumpable again": () => sys("prctl", PRCTL.SET_DUMPABLE, 1, 0, 0, 0),
      "adopt orphans (PR_SET_CHILD_SUBREAPER)": () => sys("prctl", PRCTL.SET_CHILD_SUBREAPER, 1, 0, 0, 0),
      fork: () => endChild(fork()),
      "leave an orphan (fork twice)": () => {
        const pid = fork();
        if (pid === 0) endChild(fork());
        endChild(pid);
      },
      "clone a process": () => endChild(sys("clone", SIGCHLD, 0, 0, 0, 0)),
    }),
    ...sharing(
      { ...filter, control: "outside as root" },
      {
        "take a lease": () => sys("fcntl", lockable(), FCNTL.F_SETLEASE, 0),
        "take a descriptor of the server (pidfd_getfd)": ({ serverPid }) =>
          sys("pidfd_getfd", opened(serverPid), 0, 0),
        "advise the server's memory away (process_madvise)": ({ serverPid }) =>
          sys("process_madvise", opened(serverPid), NO_BYTES, 0, 20, 0),
      },
    ),
    ...sharing(
      { ...filter, answers: ["ENOSYS"] },
      {
        "start a process with clone3": () => endChild(sys("clone3", cloneArguments(), 64)),
        "find processes by their processors (sched_getaffinity)": ({ serverPid }) =>
          sys("sched_getaffinity", serverPid, 128, buffer(128)),
      },
    ),
  ],
};

/** A descriptor of another process, or of the channel where none is to be had: what is then done with it has to be denied too. */
function opened(pid: number): number {
  try {
    return sys("pidfd_open", pid, 0);
  } catch {
    return CHANNEL;
  }
}

function ownSocket(): number {
  const pair = new Int32Array(2);
  try {
    sys("socketpair", 1, 1, 0, pair);
    return pair[0] ?? CHANNEL;
  } catch {
    return CHANNEL;
  }
}

/** A file that even a plugin may read: its executable. */
const lockable = (): number => sys("openat", -100, new TextEncoder().encode("/proc/self/exe\0"), 0, 0);

/** struct flock: a lock for readers on the first byte. */
function recordLock(): Uint8Array {
  const lock = buffer(32);
  new DataView(lock.buffer).setBigInt64(16, 1n, true);
  return lock;
}

/** struct clone_args of a plain fork. */
function cloneArguments(): BigUint64Array {
  const fields = new BigUint64Array(8);
  fields[4] = BigInt(SIGCHLD);
  return fields;
}
