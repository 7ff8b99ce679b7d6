import { ptr } from "bun:ffi";
import { type Family, sharing } from "../attack.ts";
import { AT_FDCWD, buffer, CHANNEL, endChild, path, sys } from "../plugin/kit.ts";

const CLONE = { NEWNS: 0x20000, NEWUSER: 0x10000000, NEWNET: 0x40000000 };
const SIGCHLD = 17;
const IPC_CREAT = 0o1000;
const IPC_RMID = 0;
const O = { CREAT: 0o100, RDWR: 2 };
const TIOCSTI = 0x5412;
const FIOASYNC = 0x5452;
const MAP = { SHARED_ANONYMOUS: 0x21, GROWSDOWN: 0x122 };
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_RET_ALLOW = 0x7fff0000;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_GET_NO_NEW_PRIVS = 39;
const UFFD_USER_MODE_ONLY = 1;
const SCHED_FIFO = 1;
const FCNTL_SETFL = 4;
const O_ASYNC = 0o20000;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const PRIVATE_ANONYMOUS = 0x22;
/** Without a reserve it is had even where no huge page was set aside. */
const HUGE_PAGES = PRIVATE_ANONYMOUS | 0x40000 | 0x4000;
const PAGE_BYTES = 4_096;
const MADV_MERGEABLE = 12;
const FADV_DONTNEED = 4;
const FUTEX_LOCK_PI_PRIVATE = 6 | 128;
const MEMBARRIER_GLOBAL = 1;

const filter = {
  deniedBy: "filter",
  answers: ["EPERM"],
  seen: "failed call",
  control: "outside",
} as const;
const forRoot = { ...filter, control: "outside as root" } as const;
const optional = { ...filter, answers: ["ENOSYS"] } as const;

function pipe(): [number, number] {
  const ends = new Int32Array(2);
  sys("pipe2", ends, 0);
  return [ends[0] ?? -1, ends[1] ?? -1];
}

/** A filter that allows everything: who may add one may also listen to the calls of others. */
function putOpenFilter(): number {
  if (sys("prctl", PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) === 0) sys("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return sys("seccomp", SECCOMP_SET_MODE_FILTER, 0, openFilter());
}

/** struct sock_fprog of one instruction that allows everything. */
function openFilter(): BigUint64Array {
  const instruction = BigUint64Array.of((BigInt(SECCOMP_RET_ALLOW) << 32n) | 6n);
  return BigUint64Array.of(1n, BigInt(ptr(instruction)));
}

/** The kernel's own services, and shared memory of every kind. */
export const kernel: Family = {
  title: "The kernel",
  attacks: [
    ...sharing(filter, {
      "share System V memory": ({ key }) => {
        const id = sys("shmget", key, 4096, IPC_CREAT | 0o600);
        sys("shmctl", id, IPC_RMID, 0);
      },
      "make System V semaphores": () => {
        sys("semctl", sys("semget", 0, 1, IPC_CREAT | 0o600), 0, IPC_RMID, 0);
      },
      "make a System V queue": () => {
        sys("msgctl", sys("msgget", 0, IPC_CREAT | 0o600), IPC_RMID, 0);
      },
      "make a POSIX queue": ({ key }) => {
        const name = path(`binnacle-escape-${key}`);
        sys("mq_open", name, O.CREAT | O.RDWR, 0o600, 0);
        sys("mq_unlink", name);
      },
      "share memory that no limit counts": () => sys("mmap", 0, 1 << 20, 3, MAP.SHARED_ANONYMOUS, -1, 0),
      "map a stack that no limit counts": () => sys("mmap", 0, 1 << 20, 3, MAP.GROWSDOWN, -1, 0),
      "lock memory": () => sys("mlock", buffer(), 1),
      "move bytes past the limits (splice)": () => {
        const [, writing] = pipe();
        const [reading, other] = pipe();
        sys("write", other, buffer(1), 1);
        return sys("splice", reading, 0, writing, 0, 1, 0);
      },
      "copy a pipe (tee)": () => {
        const [, writing] = pipe();
        const [reading, other] = pipe();
        sys("write", other, buffer(1), 1);
        return sys("tee", reading, writing, 1, 0);
      },
      "give pages away (vmsplice)": () => {
        const bytes = buffer(16);
        return sys("vmsplice", pipe()[1], BigUint64Array.of(BigInt(ptr(bytes)), 16n), 1, 0);
      },
      "set signals on the channel (FIOASYNC)": () =>
        sys("ioctl", socketOrChannel(), FIOASYNC, Int32Array.of(1)),
      "set signals on the channel by its flags (O_ASYNC)": () =>
        sys("fcntl", socketOrChannel(), FCNTL_SETFL, O_ASYNC),
      "attach a program to the channel (SO_ATTACH_FILTER)": () =>
        sys("setsockopt", socketOrChannel(), SOL_SOCKET, SO_ATTACH_FILTER, openFilter(), 16),
      "take huge pages that were set aside for others": () => sys("mmap", 0, 1 << 21, 3, HUGE_PAGES, -1, 0),
      "have pages merged with equal ones of others (KSM)": () =>
        sys("madvise", ownPage(), PAGE_BYTES, MADV_MERGEABLE),
      "see which pages of a file others use (mincore)": () => sys("mincore", ownPage(), PAGE_BYTES, buffer()),
      "push what others read out of memory (fadvise)": () =>
        sys("fadvise64", sys("openat", AT_FDCWD, path("/proc/self/exe"), 0, 0), 0, 0, FADV_DONTNEED),
      "lend priority by a lock (FUTEX_LOCK_PI)": () =>
        sys("futex", buffer(8), FUTEX_LOCK_PI_PRIVATE, 0, 0, 0, 0),
      "interrupt every processor (membarrier)": () => sys("membarrier", MEMBARRIER_GLOBAL, 0, 0),
      "ask for keys of the kernel's keyring": () => sys("keyctl", 0, -4, 1, 0, 0),
      "add a key": () => sys("add_key", path("user"), path("escape"), path("b"), 1, -2),
      "asynchronous I/O of the kernel": () => sys("io_setup", 1, new BigUint64Array(1)),
      "make a Landlock ruleset": () => sys("landlock_create_ruleset", BigUint64Array.of(1n), 8, 0),
      "receive signals as bytes (signalfd)": () => sys("signalfd4", -1, BigUint64Array.of(0n), 8, 0),
    }),
    ...sharing(
      { ...filter, isAlone: true },
      {
        "change the personality": () => sys("personality", 0x0040000),
        "put a filter of its own over the server's": () => putOpenFilter(),
        "begin another session": () => sys("setsid"),
      },
    ),
    ...sharing(optional, {
      "memory by a descriptor (memfd_create)": () => sys("memfd_create", path("x"), 0),
    }),
    ...sharing(
      { ...forRoot, isAlone: true },
      {
        "make a user namespace": () => endChild(sys("clone", CLONE.NEWUSER | SIGCHLD, 0, 0, 0, 0)),
        "make a mount namespace": () => sys("unshare", CLONE.NEWNS),
        "make a network namespace": () => sys("unshare", CLONE.NEWNET),
        "join a namespace": () => sys("setns", sys("openat", AT_FDCWD, path("/proc/self/ns/uts"), 0, 0), 0),
        "change the root": () => sys("chroot", path("/")),
        "become root": () => sys("setuid", 0),
        "become another user": () => sys("setresuid", 65_534, 65_534, 65_534),
        "run in a real-time class": () => sys("sched_setscheduler", 0, SCHED_FIFO, Int32Array.of(1)),
      },
    ),
    ...sharing(forRoot, {
      "clone a mount (open_tree)": () => sys("open_tree", AT_FDCWD, path("/"), 1),
      "make a file system": () => sys("fsopen", path("tmpfs"), 0),
      "load a program into the kernel (bpf)": () => sys("bpf", 0, arrayMap(), 72),
      "handle page faults (userfaultfd)": () => sys("userfaultfd", UFFD_USER_MODE_ONLY),
      "read the kernel's log": () => sys("syslog", 3, buffer(), 64),
      "type into a terminal (TIOCSTI)": () => sys("ioctl", terminalOrErrors(), TIOCSTI, path("x")),
    }),
  ],
};

const ownPage = (): number => sys("mmap", 0, PAGE_BYTES, 3, PRIVATE_ANONYMOUS, -1, 0);

/** union bpf_attr of a small array map. */
const arrayMap = (): Uint32Array => {
  const attributes = new Uint32Array(18);
  attributes.set([2, 4, 4, 1]);
  return attributes;
};

/** A terminal of its own where one can be had; else what may be one: standard error. */
function terminalOrErrors(): number {
  try {
    return sys("openat", AT_FDCWD, path("/dev/ptmx"), O.RDWR, 0);
  } catch {
    return 2;
  }
}

function socketOrChannel(): number {
  const pair = new Int32Array(2);
  try {
    sys("socketpair", 1, 1, 0, pair);
    return pair[0] ?? CHANNEL;
  } catch {
    return CHANNEL;
  }
}
