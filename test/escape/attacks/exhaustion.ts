import type { Family, InsideAttack } from "../attack.ts";
import { ENDED, MEMORY_WATCH, RESOURCE_LIMITS } from "../denier.ts";
import { Denied, sys } from "../plugin/kit.ts";

const MEBIBYTE = 1_024 * 1_024;
const MUCH_MEBIBYTES = 2_048;
const LITTLE_MEBIBYTES = 16;
const MANY = 100_000;
const CALL_MS = 1_000;
const PROT = { READ: 1, WRITE: 2 };
const MAP_PRIVATE_ANONYMOUS_POPULATE = 0x8022;
const WORKERS = 400;
const SIGSTOP = 19;
const O_NONBLOCK = 0o4000;
const PIPE_BYTES = 65_536;
/** Values written to the state together: one commit takes several. */
const AT_ONCE = 100;

/** (module (func (export "run") (param i32) loop br_if 0 …)): for ever when given 1, once when given 0. */
const LOOP_MODULE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 1, 127, 0, 3, 2, 1, 0, 7, 7, 1, 3, 114, 117, 110, 0, 0],
  ...[10, 11, 1, 9, 0, 3, 64, 32, 0, 13, 0, 11, 11],
);

/** Never yields: its call is late, and its process is ended two seconds later. */
const hangs = (name: string, hang: (isModest: boolean) => unknown): InsideAttack => ({
  name,
  deniedBy: "watchdog",
  answers: ["plugin_timeout"],
  seen: "crash",
  control: "modest",
  isDestructive: true,
  timeoutMs: CALL_MS,
  attempt: ({ isModest }) => hang(isModest),
});

const fills = (
  name: string,
  { deniedBy, answers }: Pick<InsideAttack, "deniedBy" | "answers">,
  fill: (mebibytes: number) => unknown,
): InsideAttack => ({
  name,
  deniedBy,
  answers,
  seen: "failed call",
  control: "modest",
  isDestructive: true,
  timeoutMs: 15_000,
  attempt: ({ isModest }) => fill(isModest ? LITTLE_MEBIBYTES : MUCH_MEBIBYTES),
});

const MEMORY = {
  deniedBy: [RESOURCE_LIMITS, "cgroup", MEMORY_WATCH],
  answers: [ENDED, "Out of memory", "ENOMEM"],
};

/** More than its share of anything. */
export const exhaustion: Family = {
  title: "Exhaustion",
  attacks: [
    hangs("loop in JavaScript", (isModest) => {
      while (!isModest);
    }),
    hangs("loop in WebAssembly", async (isModest) => {
      const { instance } = await WebAssembly.instantiate(LOOP_MODULE);
      const run = instance.exports.run;
      if (typeof run === "function") run(isModest ? 0 : 1);
    }),
    hangs("Bun.sleepSync without end", (isModest) => Bun.sleepSync(isModest ? 1 : 3_600_000)),
    hangs("wait without end (Atomics.wait)", (isModest) =>
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, isModest ? 1 : Number.POSITIVE_INFINITY),
    ),
    hangs("read an empty pipe", (isModest) => {
      const ends = new Int32Array(2);
      sys("pipe2", ends, 0);
      if (isModest) sys("write", ends[1] ?? -1, new Uint8Array(1), 1);
      return sys("read", ends[0] ?? -1, new Uint8Array(1), 1);
    }),
    hangs("stop itself (SIGSTOP)", (isModest) => {
      sys("kill", process.pid, isModest ? 0 : SIGSTOP);
      // Another thread may be the first that stops.
      return isModest ? undefined : new Promise(() => undefined);
    }),
    hangs("regular expressions that backtrack", (isModest) => {
      const text = `${"a".repeat(isModest ? 8 : 34)}!`;
      do /^(a|a)*$/.test(text);
      while (!isModest);
    }),
    hangs("never settle a promise, and go on in a loop of timers", (isModest) => {
      if (isModest) return undefined;
      const again = (): void => {
        const end = performance.now() + 5_000;
        while (performance.now() < end);
        setTimeout(again, 0);
      };
      setTimeout(again, 0);
      return new Promise(() => undefined);
    }),
    fills("fill memory with objects", MEMORY, (mebibytes) => {
      const kept: unknown[] = [];
      for (let index = 0; index < mebibytes * 4; index++) {
        kept.push(Array.from({ length: 8_192 }, (_, at) => ({ at, index })));
      }
      return kept.length;
    }),
    fills("fill memory with ArrayBuffers", MEMORY, (mebibytes) => {
      const kept: Uint8Array[] = [];
      while (kept.length < mebibytes) kept.push(new Uint8Array(MEBIBYTE).fill(1));
      return kept.length;
    }),
    fills("fill memory by mmap", MEMORY, (mebibytes) => {
      for (let index = 0; index < mebibytes / 16; index++) {
        sys("mmap", 0, 16 * MEBIBYTE, PROT.READ | PROT.WRITE, MAP_PRIVATE_ANONYMOUS_POPULATE, -1, 0);
      }
    }),
    fills("fill memory that RLIMIT_DATA does not count", MEMORY, (mebibytes) => {
      for (let index = 0; index < mebibytes / 16; index++) {
        const flags = MAP_PRIVATE_ANONYMOUS_POPULATE;
        const address = sys("mmap", 0, 16 * MEBIBYTE, PROT.READ | PROT.WRITE, flags, -1, 0);
        sys("mprotect", address, 16 * MEBIBYTE, PROT.READ);
      }
    }),
    fills(
      "start threads without end",
      {
        deniedBy: ["cgroup", "RLIMIT_NPROC", RESOURCE_LIMITS, MEMORY_WATCH, "watchdog"],
        answers: [ENDED, "threads", "Failed to spawn worker thread", "plugin_timeout"],
      },
      (amount) => startThreads(amount === MUCH_MEBIBYTES ? WORKERS : 2),
    ),
    fills(
      "fill the kernel's memory with pipes",
      { deniedBy: "RLIMIT_NOFILE", answers: ["EMFILE"] },
      (amount) => {
        for (let index = 0; index < (amount === MUCH_MEBIBYTES ? MANY : amount); index++) fillPipe();
      },
    ),
    fills("open descriptors without end", { deniedBy: "RLIMIT_NOFILE", answers: ["EMFILE"] }, (amount) => {
      for (let index = 0; index < (amount === MUCH_MEBIBYTES ? MANY : amount); index++) sys("dup", 2);
    }),
    {
      ...fills("end itself with abort", { deniedBy: "watchdog", answers: [ENDED] }, (amount) => {
        if (amount === MUCH_MEBIBYTES) process.abort();
      }),
      seen: "crash",
    },
    {
      name: "write state without end",
      deniedBy: "broker",
      answers: ["rate_limited"],
      seen: "failed call",
      control: "modest",
      timeoutMs: 60_000,
      attempt: async ({ isModest }, ctx) => {
        for (let index = 0; index < (isModest ? AT_ONCE : MANY); index += AT_ONCE) {
          const keys = Array.from({ length: AT_ONCE }, (_, at) => `k${index + at}`);
          await Promise.all(keys.map((key) => ctx.state.set(key, "x")));
        }
      },
    },
    {
      name: "flood the event bus",
      deniedBy: "broker",
      answers: ["rate_limited"],
      seen: "failed call",
      control: "modest",
      timeoutMs: 15_000,
      attempt: async ({ isModest }, ctx) => {
        const type = `plugin.${ctx.pluginId.replaceAll("-", "_")}.flood`;
        for (let index = 0; index < (isModest ? 2 : 2_000); index++)
          await ctx.events.publish(type, { index });
      },
    },
  ],
};

/** A pipe as full as the kernel takes it, left open. */
function fillPipe(): void {
  const ends = new Int32Array(2);
  sys("pipe2", ends, O_NONBLOCK);
  const bytes = new Uint8Array(PIPE_BYTES);
  sys("write", ends[1] ?? -1, bytes, bytes.length);
}

/** All of them have to be up at once, and say so. */
async function startThreads(count: number): Promise<void> {
  const url = URL.createObjectURL(new Blob(["postMessage(1)"], { type: "text/javascript" }));
  await Promise.all(
    Array.from({ length: count }, () => {
      const worker = new Worker(url);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      worker.onmessage = () => resolve();
      worker.onerror = () => reject(new Denied("threads"));
      worker.addEventListener("close", () => reject(new Denied("threads")));
      return promise;
    }),
  );
}
