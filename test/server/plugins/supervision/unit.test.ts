import { describe, expect, test } from "bun:test";
import { AppError } from "../../../../server/errors/app-error.ts";
import type { Grant } from "../../../../server/plugins/broker/grants/grant.ts";
import { Launcher } from "../../../../server/plugins/supervision/launcher.ts";
import type { Occurrence } from "../../../../server/plugins/supervision/occurrence.ts";
import type { Setting } from "../../../../server/plugins/supervision/setting.ts";
import type { Standing } from "../../../../server/plugins/supervision/standing.ts";
import { PluginUnit } from "../../../../server/plugins/supervision/unit.ts";
import type { PluginPackage } from "../../../../server/plugins/trust/plugin-package.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { FakeProcess } from "../fake-process.ts";
import { fakePackage } from "../packages.ts";

const OPTIONS = { correlationId: "c", caller: "test" };
const MINUTE_MS = 60_000;

/** Lets whatever is ready run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A unit over fake processes; `broken` digests fail to load, `crashing` ones end while they start. */
function scenario(concurrency = 5) {
  const clock = new ManualClock();
  const processes: FakeProcess[] = [];
  const heard: Occurrence[] = [];
  const broken = new Map<string, AppError>();
  let prepare: (process: FakeProcess) => void = () => undefined;
  let setting = (): Setting => ({ config: {}, grants: { grants: [], refused: [] } });
  const launcher = new Launcher(clock, async (pluginPackage, _setting, signal) => {
    const error = broken.get(pluginPackage.digest);
    if (error) throw error;
    await Promise.resolve();
    signal.throwIfAborted();
    const process = new FakeProcess(pluginPackage);
    prepare(process);
    processes.push(process);
    return process;
  });
  const unit = new PluginUnit("hello", {
    clock,
    launcher,
    concurrencyOf: () => concurrency,
    graceMsOf: () => 1_000,
    settingOf: () => setting(),
    hear: (_unit, occurrence) => heard.push(occurrence),
    random: () => 0.5,
  });
  return {
    clock,
    unit,
    processes,
    broken,
    heard,
    kinds: () => heard.map(({ kind }) => kind).filter((kind) => kind !== "changed"),
    standing: (pluginPackage: PluginPackage | undefined, more: Partial<Standing> = {}): Standing => ({
      package: pluginPackage,
      block: undefined,
      isGone: false,
      needsApproval: false,
      isEnabled: true,
      isPaused: false,
      quarantine: undefined,
      ...more,
    }),
    set: (config: Record<string, unknown>, grants: Grant[] = []) => {
      setting = () => ({ config, grants: { grants, refused: [] } });
    },
    unset: (error: AppError) => {
      setting = () => {
        throw error;
      };
    },
    onStart: (work: (process: FakeProcess) => void) => {
      prepare = work;
    },
    last: (): FakeProcess => {
      const process = processes.at(-1);
      if (!process) throw new Error("No process was started.");
      return process;
    },
  };
}

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "none",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

describe("a lazy plugin", () => {
  test("has no process until it is called, and none again once nobody calls it", async () => {
    const { unit, clock, processes, standing, last } = scenario();
    await unit.apply(standing(fakePackage()));
    expect([unit.state, unit.status, processes.length]).toEqual(["loaded", "IDLE", 0]);
    expect(await unit.call("execute", "hi", OPTIONS)).toBe("hi");
    expect([unit.state, unit.status, processes.length]).toEqual(["active", "RUNNING", 1]);
    await clock.advance(4 * MINUTE_MS);
    await unit.call("execute", "again", OPTIONS);
    await clock.advance(4 * MINUTE_MS);
    expect(unit.state).toBe("active");
    await clock.advance(2 * MINUTE_MS);
    expect([unit.state, last().hasEnded, processes.length]).toEqual(["loaded", true, 1]);
  });

  test("a call that goes on keeps its process", async () => {
    const { unit, clock, onStart, standing, last } = scenario();
    const answer = Promise.withResolvers<string>();
    onStart((process) => {
      process.answer = () => answer.promise;
    });
    await unit.apply(standing(fakePackage()));
    const call = unit.call("execute", null, OPTIONS);
    await clock.advance(20 * MINUTE_MS);
    expect(last().hasEnded).toBe(false);
    answer.resolve("late");
    expect(await call).toBe("late");
  });

  test("concurrent first calls share one start", async () => {
    const { unit, processes, standing } = scenario();
    await unit.apply(standing(fakePackage()));
    const calls = Array.from({ length: 20 }, (_, index) => unit.call("execute", index, OPTIONS));
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(processes.length).toBe(1);
  });
});

test("an eager plugin runs once it is applied", async () => {
  const { unit, standing } = scenario();
  await unit.apply(standing(fakePackage({ activation: "eager" })));
  expect([unit.state, unit.status]).toEqual(["active", "RUNNING"]);
});

describe("limits", () => {
  test("no more calls run at once than allowed; the rest wait their turn", async () => {
    const { unit, onStart, standing, last } = scenario(2);
    const gates: (() => void)[] = [];
    onStart((process) => {
      process.answer = (_verb, input) => new Promise((resolve) => gates.push(() => resolve(input)));
    });
    await unit.apply(standing(fakePackage()));
    await unit.start();
    const calls = [1, 2, 3].map((input) => unit.call("execute", input, OPTIONS));
    await turn();
    expect([last().callsUnderWay, unit.callsUnderWay]).toEqual([2, 2]);
    gates.shift()?.();
    expect(await calls[0]).toBe(1);
    await turn();
    for (const open of gates) open();
    expect(await Promise.all(calls)).toEqual([1, 2, 3]);
  });

  test("the queue is bounded: whoever comes too late is told at once", async () => {
    const { unit, onStart, standing } = scenario(1);
    const answer = Promise.withResolvers<string>();
    onStart((process) => {
      process.answer = () => answer.promise;
    });
    await unit.apply(standing(fakePackage()));
    const calls = Array.from({ length: 1_001 }, () => unit.call("execute", null, OPTIONS));
    expect(await codeOf(unit.call("execute", null, OPTIONS))).toBe("plugin_busy");
    answer.resolve("done");
    expect(new Set(await Promise.all(calls))).toEqual(new Set(["done"]));
  });

  test("whoever gives up leaves the queue", async () => {
    const { unit, onStart, standing } = scenario(1);
    const answer = Promise.withResolvers<string>();
    onStart((process) => {
      process.answer = () => answer.promise;
    });
    await unit.apply(standing(fakePackage()));
    const first = unit.call("execute", null, OPTIONS);
    const controller = new AbortController();
    const second = unit.call("execute", null, { ...OPTIONS, signal: controller.signal });
    controller.abort();
    expect(await codeOf(second)).toBe("cancelled");
    answer.resolve("done");
    expect(await first).toBe("done");
    expect(unit.statistics.errors).toBe(0);
  });
});

describe("wishes", () => {
  test("disabling lets calls under way finish and refuses new ones and those that wait", async () => {
    const { unit, onStart, standing, last, kinds } = scenario(1);
    const answer = Promise.withResolvers<string>();
    onStart((process) => {
      process.answer = () => answer.promise;
    });
    const pluginPackage = fakePackage();
    await unit.apply(standing(pluginPackage));
    const underWay = unit.call("execute", null, OPTIONS);
    await unit.start();
    const waiting = codeOf(unit.call("execute", null, OPTIONS));
    await unit.apply(standing(pluginPackage, { isEnabled: false }));
    expect(await waiting).toBe("plugin_inactive");
    expect(await codeOf(unit.call("execute", null, OPTIONS))).toBe("plugin_inactive");
    expect([unit.state, unit.status, last().hasEnded]).toEqual(["inactive", "STOPPED", false]);
    answer.resolve("done");
    expect(await underWay).toBe("done");
    await unit.close(0);
    expect(last().hasEnded).toBe(true);
    expect(kinds()).toEqual(["started", "stopped"]);
  });

  test("a pause keeps the process and refuses calls; resuming lets them in", async () => {
    const { unit, standing, processes } = scenario();
    const pluginPackage = fakePackage();
    await unit.apply(standing(pluginPackage));
    await unit.start();
    await unit.apply(standing(pluginPackage, { isPaused: true }));
    expect([unit.state, unit.status, unit.verbs.includes("resume")]).toEqual(["paused", "PAUSED", true]);
    expect(await codeOf(unit.call("execute", 1, OPTIONS))).toBe("plugin_inactive");
    await unit.apply(standing(pluginPackage));
    expect(await unit.call("execute", 1, OPTIONS)).toBe(1);
    expect(processes.length).toBe(1);
  });

  test("what was stopped is started by a person only, not by a call", async () => {
    const { unit, standing, processes } = scenario();
    await unit.apply(standing(fakePackage()));
    await unit.start();
    await unit.stop();
    expect(await codeOf(unit.call("execute", 1, OPTIONS))).toBe("plugin_inactive");
    await unit.start();
    expect(await unit.call("execute", 1, OPTIONS)).toBe(1);
    expect(processes.length).toBe(2);
  });

  test("disabling gives up a start that is under way", async () => {
    const { unit, standing, processes } = scenario();
    const pluginPackage = fakePackage();
    await unit.apply(standing(pluginPackage));
    const call = codeOf(unit.call("execute", 1, OPTIONS));
    await unit.apply(standing(pluginPackage, { isEnabled: false }));
    expect(await call).toBe("plugin_inactive");
    expect(unit.process).toBeUndefined();
    expect(processes.every(({ hasEnded }) => hasEnded)).toBe(true);
  });
});

describe("an unhealthy plugin", () => {
  test("takes no calls until a check finds it better", async () => {
    const { unit, standing } = scenario();
    await unit.apply(standing(fakePackage()));
    await unit.start();
    unit.setHealth("unhealthy");
    expect(await codeOf(unit.call("execute", 1, OPTIONS))).toBe("plugin_unhealthy");
    unit.setHealth("degraded");
    expect(await unit.call("execute", 1, OPTIONS)).toBe(1);
  });

  test("is shown as such while its process rests, and may be called: the next process speaks for itself", async () => {
    const { unit, clock, standing, processes } = scenario();
    await unit.apply(standing(fakePackage()));
    await unit.start();
    unit.setHealth("unhealthy");
    await clock.advance(6 * 60_000);
    expect(unit.process).toBeUndefined();
    expect(unit.health).toBe("unhealthy");

    expect(await unit.call("execute", 1, OPTIONS)).toBe(1);
    expect(processes.length).toBe(2);
    expect(unit.health).toBe("unhealthy");
    unit.setHealth("unhealthy");
    expect(await codeOf(unit.call("execute", 1, OPTIONS))).toBe("plugin_unhealthy");
  });

  test.each(["disabled", "stopped", "another build"])(
    "is unknown once it is %s: nobody knows how the next would be",
    async (change) => {
      const { unit, standing } = scenario();
      await unit.apply(standing(fakePackage()));
      await unit.start();
      unit.setHealth("degraded");
      if (change === "disabled") await unit.apply(standing(fakePackage(), { isEnabled: false }));
      else if (change === "stopped") await unit.stop();
      else await unit.apply(standing(fakePackage({ version: "2.0.0" })));
      expect(unit.health).toBe("unknown");
    },
  );
});

describe("crashes", () => {
  test("the call under way fails, the process comes back after a wait, three in five minutes end in quarantine", async () => {
    const { unit, clock, standing, last, processes, kinds } = scenario();
    await unit.apply(standing(fakePackage({ activation: "eager" })));
    last().answer = () => new Promise(() => undefined);
    const call = codeOf(unit.call("execute", 1, OPTIONS));
    await turn();
    last().crash(["Segmentation fault"]);
    expect(await call).toBe("plugin_crashed");
    expect([unit.state, unit.status]).toEqual(["loaded", "ERROR"]);
    expect(unit.stderrTail).toEqual(["Segmentation fault"]);
    expect(await codeOf(unit.call("execute", 1, OPTIONS))).toBe("plugin_inactive");
    await clock.advance(MINUTE_MS);
    expect([unit.state, processes.length]).toEqual(["active", 2]);
    last().crash();
    await clock.advance(MINUTE_MS);
    expect(processes.length).toBe(3);
    last().crash();
    await clock.advance(10 * MINUTE_MS);
    expect([unit.state, unit.status, processes.length]).toEqual(["quarantined", "ERROR", 3]);
    expect(await codeOf(unit.call("execute", 1, OPTIONS))).toBe("plugin_quarantined");
    expect(kinds().filter((kind) => kind === "crashed" || kind === "quarantined")).toEqual([
      "crashed",
      "crashed",
      "crashed",
      "quarantined",
    ]);
  });

  test("crashes that lie far apart are forgiven", async () => {
    const { unit, clock, standing, last, processes } = scenario();
    await unit.apply(standing(fakePackage({ activation: "eager" })));
    for (let crash = 0; crash < 5; crash++) {
      last().crash();
      await clock.advance(4 * MINUTE_MS);
    }
    expect([unit.state, processes.length]).toEqual(["active", 6]);
  });

  test("a release lets it run again", async () => {
    const { unit, clock, standing, last } = scenario();
    const pluginPackage = fakePackage({ activation: "eager" });
    await unit.apply(standing(pluginPackage));
    for (let crash = 0; crash < 3; crash++) {
      last().crash();
      await clock.advance(MINUTE_MS);
    }
    expect(unit.state).toBe("quarantined");
    await unit.apply(standing(pluginPackage));
    expect(unit.state).toBe("active");
  });

  test("a start that fails three times ends in quarantine by itself", async () => {
    const { unit, clock, standing, broken, heard } = scenario();
    const pluginPackage = fakePackage();
    broken.set(pluginPackage.digest, new AppError("plugin_start_failed", "It ended while it was loaded."));
    await unit.apply(standing(pluginPackage));
    expect(await codeOf(unit.call("execute", 1, OPTIONS))).toBe("plugin_start_failed");
    await clock.advance(3 * MINUTE_MS);
    expect(unit.state).toBe("quarantined");
    expect(heard.filter(({ kind }) => kind === "crashed").length).toBe(3);
    // The first start was a call's; the restart that ended in quarantine did not help either.
    const failed = { kind: "restarted" as const, hasSucceeded: false };
    expect(heard.filter(({ kind }) => kind === "restarted")).toEqual([failed, failed]);
  });

  test("code that cannot be loaded is tried once, and again when a person says so", async () => {
    const { unit, clock, standing, broken } = scenario();
    const pluginPackage = fakePackage();
    broken.set(pluginPackage.digest, new AppError("plugin_load_failed", "hello.ts: Unexpected }"));
    await unit.apply(standing(pluginPackage));
    expect(await codeOf(unit.call("execute", 1, OPTIONS))).toBe("plugin_load_failed");
    expect([unit.state, unit.status, unit.block?.code]).toEqual(["unloaded", "ERROR", "failed"]);
    await clock.advance(10 * MINUTE_MS);
    broken.clear();
    expect(await codeOf(unit.call("execute", 1, OPTIONS))).toBe("plugin_load_failed");
    await unit.start();
    expect(await unit.call("execute", 1, OPTIONS)).toBe(1);
    expect(unit.block).toBeUndefined();
  });
});

describe("another build", () => {
  const first = fakePackage({ version: "1.0.0" });
  const second = fakePackage({ version: "2.0.0" });

  test("takes over without a dropped call, and the old one finishes what it began", async () => {
    const { unit, standing, processes, kinds } = scenario(200);
    await unit.apply(standing(first));
    const answers = Promise.withResolvers<string>();
    await unit.start();
    const [old] = processes;
    if (!old) throw new Error("No process was started.");
    old.answer = () => answers.promise;
    const underWay = Array.from({ length: 100 }, () => unit.call("execute", null, OPTIONS));
    await turn();
    await unit.apply(standing(second));
    expect([old.isDraining, old.hasEnded, unit.inForce?.manifest.version]).toEqual([true, false, "2.0.0"]);
    expect(await unit.call("execute", "new", OPTIONS)).toBe("new");
    answers.resolve("old");
    expect(new Set(await Promise.all(underWay))).toEqual(new Set(["old"]));
    await turn();
    expect([old.hasEnded, old.killedFor]).toEqual([true, undefined]);
    expect(kinds()).toEqual(["started", "started", "reloaded", "stopped"]);
  });

  test("reloads under 200 callers drop nothing", async () => {
    const { unit, standing, processes } = scenario(5);
    await unit.apply(standing(first));
    let isOver = false;
    let answered = 0;
    const caller = async () => {
      while (!isOver) {
        await unit.call("execute", null, OPTIONS);
        answered++;
        await turn();
      }
    };
    const callers = Array.from({ length: 200 }, caller);
    for (let reload = 0; reload < 30; reload++) {
      await turn();
      await unit.reload();
    }
    isOver = true;
    await Promise.all(callers);
    expect(unit.statistics.errors).toBe(0);
    expect(answered).toBeGreaterThan(200);
    expect(processes.filter(({ hasEnded }) => !hasEnded).length).toBe(1);
  });

  test("that does not load, or calls itself unhealthy, leaves the old one in force with the reason shown", async () => {
    const { unit, standing, broken, processes, onStart, heard } = scenario();
    await unit.apply(standing(first));
    await unit.start();
    broken.set(second.digest, new AppError("plugin_load_failed", "Unexpected }"));
    await unit.apply(standing(second));
    expect([unit.state, unit.inForce?.manifest.version]).toEqual(["active", "1.0.0"]);
    expect(unit.block).toEqual({ code: "failed", message: "Unexpected }" });
    expect(await unit.call("execute", 1, OPTIONS)).toBe(1);
    broken.clear();
    onStart((process) => {
      process.report = () => ({ status: "unhealthy", message: "no database" });
    });
    expect(await codeOf(unit.reload())).toBe("plugin_unhealthy");
    expect(unit.block?.message).toContain("no database");
    expect([processes.length, processes[1]?.hasEnded, processes[0]?.hasEnded]).toEqual([2, true, false]);
    expect(heard.filter(({ kind }) => kind === "failed").length).toBe(2);
    onStart(() => undefined);
    await unit.reload();
    expect([unit.inForce?.manifest.version, unit.block]).toEqual(["2.0.0", undefined]);
  });

  test("of a plugin nobody uses is tried before it is taken", async () => {
    const { unit, standing, broken, processes } = scenario();
    await unit.apply(standing(first));
    broken.set(second.digest, new AppError("plugin_load_failed", "Unexpected }"));
    await unit.apply(standing(second));
    expect([unit.state, unit.block?.message, processes.length]).toEqual(["loaded", "Unexpected }", 0]);
    expect(await unit.call("execute", 1, OPTIONS)).toBe(1);
    expect(unit.inForce?.manifest.version).toBe("1.0.0");
  });

  test("is not taken after a stop that came in the midst", async () => {
    const { unit, standing, processes } = scenario();
    await unit.apply(standing(first));
    await unit.start();
    const reload = codeOf(unit.reload());
    await unit.stop();
    await reload;
    await unit.close(0);
    expect(unit.process).toBeUndefined();
    expect(processes.every(({ hasEnded }) => hasEnded)).toBe(true);
  });

  test("that may not run any more ends; one that only waits for approval leaves the old one running", async () => {
    const { unit, standing, last } = scenario();
    await unit.apply(standing(first));
    await unit.start();
    const waits = { code: "awaiting_approval" as const, message: "It asks for more." };
    await unit.apply(standing(undefined, { block: waits, needsApproval: true }));
    expect([unit.state, unit.block, unit.verbs.includes("approve")]).toEqual(["active", waits, true]);
    const refused = { code: "not_allowed" as const, message: "net is not accepted here." };
    await unit.apply(standing(undefined, { block: refused }));
    expect([unit.state, unit.block, last().isDraining]).toEqual(["unloaded", refused, true]);
    expect(await codeOf(unit.call("execute", 1, OPTIONS))).toBe("plugin_inactive");
  });
});

describe("configuration", () => {
  const HOST: Grant = { kind: "net", host: "a.example", port: 443, isPrivate: false };

  test("reaches the running process, once; one that does not take it is exchanged", async () => {
    const { unit, standing, last, processes, set } = scenario();
    await unit.apply(standing(fakePackage()));
    set({ a: 1 });
    await unit.configure();
    expect(processes.length).toBe(0);
    await unit.start();
    await unit.configure();
    expect(last().configured).toEqual([]);
    set({ a: 2 });
    await unit.configure();
    await unit.configure();
    expect(last().configured).toEqual([{ a: 2 }]);
    last().takesConfig = false;
    set({ a: 3 });
    await unit.configure();
    expect([processes.length, processes[0]?.hasEnded]).toEqual([2, true]);
  });

  test("that changes what it may do gets a new process, since grants live as long as theirs", async () => {
    const { unit, standing, last, processes, set } = scenario();
    await unit.apply(standing(fakePackage()));
    set({}, [HOST]);
    await unit.start();
    set({});
    await unit.configure();
    expect([processes.length, processes[0]?.hasEnded, last().configured]).toEqual([2, true, []]);
    expect(unit.state).toBe("active");
  });

  test("that changes what it may do ends the process of before, even when no new one comes up", async () => {
    const { unit, standing, processes, broken, set } = scenario();
    const one = fakePackage();
    await unit.apply(standing(one));
    set({}, [HOST]);
    await unit.start();
    set({});
    broken.set(one.digest, new AppError("plugin_load_failed", "It wants its host."));
    expect(await codeOf(unit.configure())).toBe("plugin_load_failed");
    expect([processes.length, processes[0]?.isDraining]).toEqual([1, true]);
    expect([unit.state, unit.block?.message]).toEqual(["unloaded", "It wants its host."]);
  });

  test("that cannot be made is told on the plugin, which runs on with the one of before", async () => {
    const { unit, standing, last, unset, set } = scenario();
    await unit.apply(standing(fakePackage()));
    await unit.start();
    unset(new AppError("invalid_configuration", "token: there is no secret named NOPE."));
    expect(await codeOf(unit.configure())).toBe("invalid_configuration");
    expect([unit.state, unit.block?.code, last().hasEnded]).toEqual(["active", "failed", false]);
    set({ token: "found" });
    await unit.configure();
    expect([unit.block, last().configured]).toEqual([undefined, [{ token: "found" }]]);
  });
});
