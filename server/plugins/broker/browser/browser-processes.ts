import { readdirSync, readFileSync } from "node:fs";
import { errorCodeOf } from "../../../errors/app-error.ts";

/** What tells the processes of one browser from all others. */
export interface BrowserMark {
  /** User that nobody else has; undefined when the browser is the server's own. */
  uid: number | undefined;
  /** Process group that it was started in. */
  group: number;
}

const BYTES_PER_KIB = 1_024;
const ANONYMOUS_MEMORY = /^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm;
const USER = /^Uid:\s+(\d+)/m;
/** Of /proc/<pid>/stat: zombie, dead. */
const ENDED_STATES: ReadonlySet<string> = new Set(["Z", "X"]);

/** Ids of the living processes of a browser: a zombie does nothing any more. Empty where there is no /proc. */
export function processesOf(mark: BrowserMark): number[] {
  return readNames("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isOf(pid, mark));
}

/** Memory that these processes have for themselves, in bytes; shared libraries and files do not count. */
export function privateBytesOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const lines = read(`/proc/${pid}/status`).matchAll(ANONYMOUS_MEMORY);
    return [...lines].reduce((bytes, [, kib]) => bytes + Number(kib) * BYTES_PER_KIB, sum);
  }, 0);
}

/** Read from the text: the owner of the folder is root for a process that cannot be dumped, as Chromium's are. */
function isOf(pid: number, { uid, group }: BrowserMark): boolean {
  if (uid !== undefined && Number(USER.exec(read(`/proc/${pid}/status`))?.[1]) !== uid) return false;
  const stat = read(`/proc/${pid}/stat`);
  const [state = "", , processGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const isLiving = stat !== "" && !ENDED_STATES.has(state);
  return isLiving && (uid !== undefined || Number(processGroup) === group);
}

const read = (path: string): string => unlessGone(() => readFileSync(path, "utf8")) ?? "";
const readNames = (path: string): string[] => unlessGone(() => readdirSync(path)) ?? [];

/** Processes end between two looks. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return undefined;
    throw error;
  }
}
