import { cString, rawSyscall, type SyscallArgument } from "../../../server/plugins/jail/libc.ts";
import { type SyscallName, syscallNumber } from "../../../server/plugins/jail/syscalls.ts";
import { FORBIDDEN_CALLS } from "../../server/plugins/jail/fixtures/forbidden-calls.ts";

/** What stopped an attempt, by the name that the kernel gives it. */
export class Denied extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Calls that no table of the jail's names: [x64, arm64]. */
const MORE_CALLS = {
  shmctl: [31, 195],
  semctl: [66, 191],
  msgctl: [71, 187],
  mq_unlink: [241, 181],
  wait4: [61, 260],
  fanotify_mark: [301, 263],
} as const;

type CallName = SyscallName | keyof typeof FORBIDDEN_CALLS | keyof typeof MORE_CALLS;

const ERROR_NAMES: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  3: "ESRCH",
  9: "EBADF",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  14: "EFAULT",
  22: "EINVAL",
  24: "EMFILE",
  38: "ENOSYS",
  95: "EOPNOTSUPP",
  107: "ENOTCONN",
};
export const AT_FDCWD = -100;
/** The descriptor of the way to the server. */
export const CHANNEL = 3;
export const SIGKILL = 9;

const numbers: Readonly<Record<string, readonly (number | null)[]>> = { ...FORBIDDEN_CALLS, ...MORE_CALLS };

/** A system call as a plugin makes it through FFI, past every library. @throws Denied */
export function sys(name: CallName, ...args: SyscallArgument[]): number {
  const isX64 = process.arch === "x64";
  const number =
    name in numbers
      ? numbers[name]?.[isX64 ? 0 : 1]
      : syscallNumber(name as SyscallName, isX64 ? "x64" : "arm64");
  return sysByNumber(number ?? -1, ...args);
}

/** As {@link sys}, by number. @throws Denied */
export function sysByNumber(number: number, ...args: SyscallArgument[]): number {
  const answer = rawSyscall(number, ...args);
  if (answer < 0) throw new Denied(ERROR_NAMES[-answer] ?? `errno ${-answer}`);
  return answer;
}

export const path = (text: string): Uint8Array => cString(text);
export const buffer = (sizeBytes = 64): Uint8Array => new Uint8Array(sizeBytes);

/** struct sockaddr_in of a port on 127.0.0.1. */
export function loopbackAddress(port: number): Uint8Array {
  const address = buffer(16);
  address.set([2, 0, port >> 8, port & 0xff, 127, 0, 0, 1]);
  return address;
}

/** struct sockaddr_in6 of a port on ::1. */
export function loopbackAddress6(port: number): Uint8Array {
  const address = buffer(28);
  address.set([10, 0, port >> 8, port & 0xff]);
  address[23] = 1;
  return address;
}

/** struct sockaddr_un; an abstract name begins with a zero. */
export function unixAddress(name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  const address = buffer(2 + text.length + (name.startsWith("\0") ? 0 : 1));
  address[0] = 1;
  address.set(text, 2);
  return address;
}

/** Runs `body` in a worker of this worker, `depth` threads down; it posts what it found, or what stopped it. */
export function inWorker(body: string, depth: number): Promise<unknown> {
  const nested = depth > 1 ? workerText(workerText(body)) : workerText(body);
  const worker = new Worker(URL.createObjectURL(new Blob([nested], { type: "text/javascript" })));
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  worker.onmessage = ({ data }: MessageEvent<{ code?: string; value?: unknown }>) =>
    data.code === undefined ? resolve(data.value) : reject(new Denied(data.code));
  worker.onerror = ({ message }) => reject(new Error(message));
  return promise.finally(() => worker.terminate());
}

/** The text of a worker around `body`; around the text of another worker, it passes on what that one says. */
function workerText(body: string): string {
  if (body.startsWith("/*worker*/")) {
    return `const inner = new Worker(URL.createObjectURL(new Blob([${JSON.stringify(body)}], { type: "text/javascript" })));
inner.onmessage = ({ data }) => postMessage(data);`;
  }
  return `/*worker*/(async () => { ${body} })().then(
  (value) => postMessage({ value: String(value).length }),
  (error) => postMessage({ code: String(error.code ?? error) }),
);`;
}

const SIGCHLD = 17;

/** A second process; 0 in the child. @throws Denied */
export const fork = (): number => (process.arch === "x64" ? sys("fork") : sys("clone", SIGCHLD, 0, 0, 0, 0));

/** Ends the child, or waits in the parent until it has ended: no zombie stays. */
export function endChild(pid: number): void {
  if (pid === 0) sys("exit_group", 0);
  sys("wait4", pid, 0, 0, 0);
}
