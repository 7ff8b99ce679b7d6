import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { errnoOf, JailFailure } from "./jail-failure.ts";
import { ERRNO, mustSyscall, syscall } from "./libc.ts";

const CLOSE_RANGE_CLOEXEC = 4;
const MAX_DESCRIPTOR = 0xffffffff;
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;
const PRIO_PROCESS = 0;
const SCHED_OTHER = 0;
/** Behind the server and most else on the machine. */
const NICE = 10;
const AUTOGROUP = "/proc/self/autogroup";
const AUTOGROUP_ATTEMPTS = 3;
const AUTOGROUP_INTERVAL_MS = 100;
/** Of −1000 to 1000: when memory runs out, a plugin goes before the server and before most of the machine. */
const OOM_SCORE_ADJUSTMENT = 800;

/** The first descriptor after stdin, stdout, stderr and the channel. */
const FIRST_OF_OTHERS = 4;

/** Every descriptor but the standard ones and the channel ends with the exec; Bun's own serve until then. @throws JailFailure */
export function closeInheritedOnExec(): void {
  mustSyscall("descriptors", "close_range", FIRST_OF_OTHERS, MAX_DESCRIPTOR, CLOSE_RANGE_CLOEXEC);
}

/** A session of its own: no terminal, and a process group that holds nobody else. @throws JailFailure */
export function beginSession(): void {
  mustSyscall("session", "setsid");
}

/**
 * Leaves a real-time class that the server may run in: nothing in a jail may keep the machine from its work. Of every
 * thread, as a cgroup takes the whole process or none of it. Comes before the cgroups are joined.
 * @throws JailFailure
 */
export function leaveRealTime(): void {
  for (const thread of readdirSync("/proc/self/task")) {
    const answer = syscall("sched_setscheduler", Number(thread), SCHED_OTHER, new Int32Array(1));
    // A thread of Bun's that has ended meanwhile needs nothing.
    if (answer < 0 && answer !== -ERRNO.ESRCH) throw new JailFailure("scheduler", -answer);
  }
}

/**
 * Stands behind the server for the processor and in front of it when memory runs out. Comes in a session of its own: its
 * nice is that of the whole session. @throws JailFailure
 */
export function standBack(): void {
  mustSyscall("priority", "setpriority", PRIO_PROCESS, 0, NICE);
  standBackAsSession();
  writeOrFail("priority", "/proc/self/oom_score_adj", String(OOM_SCORE_ADJUSTMENT));
}

/**
 * Where the kernel groups processes by session, sessions share the processor alike whatever the nice of their processes, unless
 * the session has one itself. Of ordinary users it takes one a tenth of a second, of all of them together.
 * @see sched(7), The autogroup feature
 */
function standBackAsSession(): void {
  for (let attempt = 1; attempt <= AUTOGROUP_ATTEMPTS; attempt++) {
    try {
      if (existsSync(AUTOGROUP)) writeFileSync(AUTOGROUP, String(NICE));
      return;
    } catch (error) {
      if (errnoOf(error) !== ERRNO.EAGAIN) return; // A kernel that does not group takes none.
      Bun.sleepSync(AUTOGROUP_INTERVAL_MS);
    }
  }
}

/** Joins the cgroups the server made; `files` are their cgroup.procs. @throws JailFailure */
export function joinCgroups(files: readonly string[]): void {
  for (const file of files) writeOrFail("cgroup", file, String(process.pid));
}

/**
 * Ends with the thread that started it. A change of identity forgets this, so it comes after; a parent that is gone
 * already is found by its number.
 * @throws JailFailure
 */
export function endWithParent(parentPid: number): void {
  mustSyscall("parent", "prctl", PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (syscall("getppid") !== parentPid) throw new JailFailure("parent", 0);
}

function writeOrFail(step: string, file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new JailFailure(step, errnoOf(cause), { cause });
  }
}
