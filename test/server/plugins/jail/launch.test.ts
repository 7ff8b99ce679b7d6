import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import { HOST_NEEDS, hostEnvironment } from "../../../../server/plugins/jail/host-needs.ts";
import type { JailRequest } from "../../../../server/plugins/jail/jailed-process.ts";
import { launchProgram } from "../../../../server/plugins/jail/launch.ts";
import { probeSandbox } from "../../../../server/plugins/jail/level.ts";
import { RunningJail } from "../../../../server/plugins/jail/running-jail.ts";
import { selfCommand } from "../../../../server/plugins/jail/self-command.ts";
import { USERS } from "../../../../server/plugins/jail/user-pool.ts";
import type { ProbeRequest } from "./fixtures/probe-request.ts";
import { IDENTITIES, JailWorkshop } from "./jail-workshop.ts";

const { first: FIRST, count: COUNT } = USERS.plugins;
const TIMEOUT_MS = 60_000;
const MEBIBYTE = 1024 ** 2;
const MEMORY_BYTES = 128 * MEBIBYTE;
/** What the host leaves of its own share: reservations it never fills. */
const MAX_OVERSHOOT_MEBIBYTES = 256;
const EXIT_OF_FAILED_JAIL = 86;

let workshop: JailWorkshop;
beforeAll(async () => {
  workshop = await JailWorkshop.open();
}, TIMEOUT_MS);
afterAll(() => workshop[Symbol.dispose]());

const request = (changes: Partial<JailRequest> = {}): JailRequest => ({
  pluginId: "probe",
  required: true,
  limits: { memoryBytes: MEMORY_BYTES, threads: 16, openFiles: 16 },
  ...changes,
});
const command = () => ({ executable: workshop.binary, args: [], readableFolders: [] });

describe.each([...IDENTITIES])("the jail of a server that runs as %s", (identity) => {
  test("holds no descriptor, variable, group or folder of the server's", async () => {
    const { answers, descriptors } = await workshop.drive(identity, { requests: [{ do: "describe" }] });
    const [found] = answers as [Description];
    expect(found.folder).toBe("/");
    expect(
      found.environment.filter(
        (name) => !/^(BUN_JSC_|MIMALLOC_|MALLOC_ARENA_MAX$|UV_THREADPOOL_SIZE$)/.test(name),
      ),
    ).toEqual([]);
    const [stdin, stdout, stderr, channel, ...others] = Object.values(descriptors);
    expect([stdin, stdout]).toEqual(["/dev/null", "/dev/null"]);
    expect([stderr, channel]).toEqual([expect.stringMatching(/^socket:/), expect.stringMatching(/^socket:/)]);
    // What Bun waits with.
    expect(others.filter((target) => !/^anon_inode:\[(eventpoll|eventfd|timerfd)\]$/.test(target))).toEqual(
      [],
    );
    const [uid = 0, effective, group, groups] = found.user;
    expect([effective, group, groups]).toEqual([uid, uid, []]);
    if (identity === "root") expect(uid >= FIRST && uid < FIRST + COUNT).toBe(true);
  });

  test("runs behind the rest of the machine, also when the server runs in real time", async () => {
    const { scheduling } = await workshop.drive(identity, { isRealTime: true, requests: [] });
    // Real time needs a capability that not every root has; the jail must be in the ordinary class either way.
    expect([0, 2]).toContain(scheduling.server);
    expect(scheduling.jail).toBe(0);
  });

  test("is ready within a second", async () => {
    const { startMs } = await workshop.drive(identity, { requests: [] });
    expect(startMs).toBeLessThan(1_000);
  });

  test("refuses memory above its limit with an error that can be caught", async () => {
    const requests = [{ do: "fill buffers" }, { do: "echo", sizeBytes: 1 }] as const;
    const { answers } = await workshop.drive(identity, { memoryBytes: MEMORY_BYTES, requests });
    const [filled, echo] = answers as [{ mebibytes: number; error: string }, string];
    expect(filled.error).toBe("RangeError");
    expect(filled.mebibytes).toBeGreaterThan(MEMORY_BYTES / MEBIBYTE / 2);
    expect(filled.mebibytes).toBeLessThan((MEMORY_BYTES + HOST_NEEDS.memoryBytes) / MEBIBYTE);
    expect(echo).toBe("x");
  });

  test("bounds memory that was written and then made read-only, which RLIMIT_DATA does not count", async () => {
    const { answers } = await workshop.drive(identity, {
      memoryBytes: MEMORY_BYTES,
      requests: [{ do: "fill pages" }],
    });
    const [outcome] = answers as [{ ended?: { signal: string }; mebibytes?: number; errno?: number }];
    // Whichever comes first: the end by its cgroup, or an address space that is full.
    if (outcome.ended) expect(outcome.ended.signal).toBe("SIGKILL");
    else expect(outcome.errno).toBe(12);
    expect(outcome.mebibytes ?? 0).toBeLessThan(MEMORY_BYTES / MEBIBYTE + MAX_OVERSHOOT_MEBIBYTES);
  });

  test("runs out of descriptors and threads by itself", async () => {
    const { answers } = await workshop.drive(identity, {
      requests: [{ do: "fill descriptors" }, { do: "fill threads" }],
    });
    expect(answers[0]).toEqual({ descriptors: expect.any(Number), errno: 24 });
    expect(answers[1]).toBeDefined();
  });

  test(
    "ends with the server, whatever it is doing, when the server is killed",
    async () => {
      const server = workshop.spawn(identity, "linger", { targets: workshop.targets });
      const jailPid = Number(await firstLine(server.stdout));
      expect(existsSync(`/proc/${jailPid}`)).toBe(true);
      const gone = endOf(jailPid);
      server.kill("SIGKILL");
      await gone;
      // The next server on this machine removes what that one could not.
      await workshop.drive(identity, { requests: [] });
      expect(cgroupsOf(server.pid)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe("a launch", () => {
  test("tells of the process: its number, level, use, last words and end", async () => {
    const jail = await launchProgram(request(), command());
    expect(jail.level).toBe(probeSandbox().level);
    expect(jail.usage()).toMatchObject({ threads: expect.any(Number), cpuSeconds: expect.any(Number) });
    expect(jail.usage()?.pssBytes).toBeGreaterThan(MEBIBYTE);
    expect(jail.stderrTail()).toEqual([]);
    jail.kill();
    jail.kill();
    expect(await jail.exited).toEqual({ code: undefined, signal: "SIGKILL" });
    expect(jail.usage()).toBeUndefined();
    expect(jail.socket.write(Uint8Array.of(1))).toBe(true);
  });

  test("gives two processes of one plugin users of their own, and takes its cgroups back", async () => {
    const before = cgroupsOf(process.pid);
    const [one, other] = await Promise.all([
      launchProgram(request(), command()),
      launchProgram(request(), command()),
    ]);
    if (probeSandbox().uidSwitch) expect(userOf(one.pid)).not.toBe(userOf(other.pid));
    if (probeSandbox().cgroup) expect(cgroupsOf(process.pid).length).toBeGreaterThan(before.length);
    one.kill();
    other.kill();
    await Promise.all([one.exited, other.exited]);
    expect(cgroupsOf(process.pid)).toEqual(before);
  });

  test("stands behind the server for the processor: as a process, as a session, as a group", async () => {
    const jail = await launchProgram(request(), command());
    expect(getPriority(jail.pid)).toBe(10);
    const session = `/proc/${jail.pid}/autogroup`;
    if (existsSync(session)) expect(readFileSync(session, "utf8")).toEndWith(" nice 10\n");
    for (const folder of cgroupsOf(process.pid).map((path) => `/sys/fs/cgroup/${path}`)) {
      for (const [file, weight] of [
        ["cpu.shares", "110\n"],
        ["cpu.weight", "11\n"],
      ] as const) {
        if (existsSync(join(folder, file))) expect(readFileSync(join(folder, file), "utf8")).toBe(weight);
      }
    }
    jail.kill();
    await jail.exited;
  });

  test("does not read while it is paused", async () => {
    const [jail, other] = await Promise.all([
      launchProgram(request(), command()),
      launchProgram(request(), command()),
    ]);
    let bytes = 0;
    const heard = Promise.withResolvers<void>();
    jail.socket.onData((piece) => {
      bytes += piece.length;
      heard.resolve();
    });
    jail.socket.pause();
    jail.socket.write(line({ do: "echo", sizeBytes: 1000 }));
    // Long enough for an answer to arrive: another jail's does.
    const answered = Promise.withResolvers<void>();
    other.socket.onData(() => answered.resolve());
    other.socket.write(line({ do: "fill descriptors" }));
    await answered.promise;
    expect(bytes).toBe(0);
    jail.socket.resume();
    await heard.promise;
    jail.kill();
    other.kill();
    await Promise.all([jail.exited, other.exited]);
  });

  test("loses nothing of a stream whose reader pauses", async () => {
    const jail = await launchProgram(request(), command());
    const sizeBytes = 8 * MEBIBYTE;
    const received = Promise.withResolvers<number>();
    let bytes = 0;
    jail.socket.onData((piece) => {
      bytes += piece.length;
      jail.socket.pause();
      setImmediate(() => jail.socket.resume());
      if (piece.at(-1) === "\n".charCodeAt(0)) received.resolve(bytes);
    });
    jail.socket.write(line({ do: "echo", sizeBytes }));
    // As JSON: two quotation marks and the end of the line.
    expect(await received.promise).toBe(sizeBytes + 3);
    jail.kill();
    await jail.exited;
  });

  test("tells a writer when the other end does not read, and when it has", async () => {
    const jail = await launchProgram(request(), command());
    const closed = Promise.withResolvers<void>();
    jail.socket.onClose(closed.resolve);
    process.kill(jail.pid, "SIGSTOP");
    const piece = new Uint8Array(MEBIBYTE).fill(" ".charCodeAt(0));
    expect([piece, piece, piece].map((one) => jail.socket.write(one))).toContain(false);
    process.kill(jail.pid, "SIGCONT");
    await jail.socket.drained();
    jail.socket.close();
    // The end of the channel is the end of the process.
    expect(await jail.exited).toEqual({ code: undefined, signal: "SIGKILL" });
    await closed.promise;
  });

  test("is refused below the level required, and labelled where that is accepted", async () => {
    await expect(launchProgram(request({ maxLandlockAbi: 1 }), command())).rejects.toMatchObject({
      code: "plugin_sandbox_unavailable",
    });
    for (const maxLandlockAbi of [0, 1]) {
      const jail = await launchProgram(request({ maxLandlockAbi, required: false }), command());
      expect(jail.level).toBe("process");
      jail.kill();
      await jail.exited;
    }
  });

  test("where no jail can be made runs the host in a process of its own, with a clean environment", async () => {
    const released = Promise.withResolvers<void>();
    const environment = hostEnvironment(MEMORY_BYTES);
    const plain = { command: command(), args: ["__plugin-host"], environment };
    const jail = RunningJail.spawn(plain, "process", released.resolve);
    await jail.untilReady();
    const answered = Promise.withResolvers<string>();
    jail.socket.onData((bytes) => answered.resolve(new TextDecoder().decode(bytes)));
    jail.socket.write(line({ do: "describe" }));
    expect(JSON.parse(await answered.promise)).toMatchObject({
      folder: "/",
      environment: Object.keys(environment).sort(),
    });
    jail.kill();
    expect(await jail.exited).toEqual({ code: undefined, signal: "SIGKILL" });
    await released.promise;
  });

  test("that cannot come up says why, and leaves no process", async () => {
    const failing = { executable: "/bin/false", args: [], readableFolders: [] };
    await expect(launchProgram(request(), failing)).rejects.toMatchObject({ code: "plugin_start_failed" });
    const missing = { executable: "/nowhere/binnacle", args: [], readableFolders: [] };
    await expect(launchProgram(request(), missing)).rejects.toMatchObject({ code: "plugin_start_failed" });
    const script = `echo '{"step":"landlock","errno":13}' >&2; exit ${EXIT_OF_FAILED_JAIL} #`;
    const refusing = { executable: "/bin/sh", args: ["-c", script], readableFolders: [] };
    await expect(launchProgram(request(), refusing)).rejects.toMatchObject({
      code: "plugin_sandbox_unavailable",
      message: expect.stringContaining('"landlock" failed (errno 13)'),
    });
    const pretending = {
      executable: "/bin/sh",
      args: ["-c", "printf '\\006' >&3; exec sleep 60 #"],
      readableFolders: [],
    };
    await expect(launchProgram(request(), pretending)).rejects.toMatchObject({
      code: "plugin_sandbox_unavailable",
      message: expect.stringContaining("Seccomp"),
    });
    expect(cgroupsOf(process.pid)).toEqual([]);
  });

  test("from source runs what the compiled program runs, where the plugin's user can read it", async () => {
    const script = join(import.meta.dirname, "fixtures/probe-main.ts");
    const fromSource = { ...selfCommand(), args: [script] };
    const start = launchProgram(request(), fromSource);
    if (probeSandbox(fromSource).level === "process") {
      await expect(start).rejects.toMatchObject({ code: "plugin_sandbox_unavailable" });
      return;
    }
    const jail = await start;
    expect(jail.level).toBe(probeSandbox().level);
    jail.kill();
    await jail.exited;
  });
});

describe("a step that fails ends the start before the host runs", () => {
  const plan = {
    parentPid: process.pid,
    landlockAbi: 3,
    hasSeccomp: true,
    hasNamespaces: false,
    memoryBytes: MEMORY_BYTES,
    dataBytes: HOST_NEEDS.dataBytes + MEMORY_BYTES,
    addressBytes: HOST_NEEDS.addressBytes + MEMORY_BYTES,
    openFiles: 64,
    cgroups: [],
    readableFolders: [],
  };
  const failures = [
    { step: "plan", errno: 0, changes: { landlockAbi: "seven" } },
    { step: "cgroup", errno: 2, changes: { cgroups: ["/nowhere/cgroup.procs"] } },
    { step: "rlimits", errno: 1, changes: { openFiles: -1 } },
    { step: "namespaces", errno: 1, changes: { hasNamespaces: true } },
    { step: "landlock", errno: 2, changes: { readableFolders: ["/nowhere"] } },
    { step: "identity", errno: 1, changes: { uid: FIRST } },
    { step: "parent", errno: 0, changes: { parentPid: 1 } },
  ];

  test.each(failures)("$step", async ({ step, errno, changes }) => {
    const child = workshop.spawn("an ordinary user", "__jail", { ...plan, ...changes });
    expect(await new Response(child.stderr).text()).toBe(`${JSON.stringify({ step, errno })}\n`);
    expect(await child.exited).toBe(EXIT_OF_FAILED_JAIL);
  });
});

interface Description {
  environment: string[];
  folder: string;
  user: [number, number, number, number[]];
}

const line = (request: ProbeRequest): Uint8Array => new TextEncoder().encode(`${JSON.stringify(request)}\n`);

/** The first line of a stream that goes on. */
async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const bytes of stream) {
    text += new TextDecoder().decode(bytes);
    if (text.includes("\n")) break;
  }
  return text.split("\n", 1).join();
}

/** Settles when a process that is not ours to wait for has ended. */
async function endOf(pid: number): Promise<void> {
  await Bun.spawn(["tail", `--pid=${pid}`, "--sleep-interval=0.01", "-f", "/dev/null"]).exited;
}

const userOf = (pid: number): string | undefined =>
  /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];

/** Folders that a server has made in any cgroup hierarchy. */
const cgroupsOf = (pid: number): string[] =>
  [...new Bun.Glob(`**/binnacle-${pid}-*`).scanSync({ cwd: "/sys/fs/cgroup", onlyFiles: false })].sort();
