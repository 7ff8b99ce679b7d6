import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import type { RunGrant } from "../../../../schema/plugin/manifest.ts";
import { MAX_FRAME_BYTES } from "../../../../schema/plugin/rpc.ts";
import { USERS } from "../../../../server/plugins/jail/user-pool.ts";
import { TempFolder } from "../../../support/temp-folder.ts";
import { BrokerHouse, codeOf, type TestPlugin } from "./broker-house.ts";

const why = "test";
const IS_ROOT = process.getuid?.() === 0;

const granted = (house: BrokerHouse, ...run: Omit<RunGrant, "why">[]): TestPlugin =>
  house.plugin({ permissions: { run: run.map((one) => ({ ...one, why })) } });
const run = (
  plugin: TestPlugin,
  command: string,
  given: string[] = [],
  more: { timeoutMs?: number; input?: number } = {},
) => plugin.call("run", { command, arguments: given, ...more });

/** A script that everybody may read and nobody but its owner write. */
function script(folder: TempFolder, name: string, text: string): string {
  const path = folder.file(name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  chmodSync(folder.path, 0o755);
  return path;
}

describe("a program", () => {
  test("is run with the granted arguments, and answers with what it wrote", async () => {
    await using house = await BrokerHouse.open();
    const plugin = granted(house, { command: "/usr/bin/printf", arguments: ["%s-%s", "*", "..."] });
    expect(await run(plugin, "/usr/bin/printf", ["%s-%s", "a b; id", "$HOME"])).toEqual({
      exitCode: 0,
      output: "a b; id-$HOME",
      errors: "",
      isCut: false,
    });
  });

  test.each<[string, string, string[]]>([
    ["another program", "/usr/bin/id", []],
    ["the same under another path", "/bin/printf", ["%s-%s", "a"]],
    ["a path that is not normal", "/usr/bin/../bin/printf", ["%s-%s", "a"]],
    ["too few arguments", "/usr/bin/printf", ["%s-%s"]],
    ["another literal", "/usr/bin/printf", ["%s", "a"]],
    ["an option for a free word", "/usr/bin/printf", ["%s-%s", "--help"]],
    ["a relative path", "printf", ["%s-%s", "a"]],
  ])("is denied and audited: %s", async (_what, command, given) => {
    await using house = await BrokerHouse.open();
    const plugin = granted(house, { command: "/usr/bin/printf", arguments: ["%s-%s", "*", "..."] });
    expect(await codeOf(run(plugin, command, given))).toBe("permission_denied");
    expect(await house.denials()).toHaveLength(1);
  });

  test("knows nothing of the server's environment, folder or descriptors", async () => {
    await using house = await BrokerHouse.open();
    process.env.CANARY_FOR_PROGRAMS = "must not be seen";
    const plugin = granted(
      house,
      { command: "/usr/bin/env" },
      { command: "/usr/bin/pwd" },
      { command: "/usr/bin/ls", arguments: ["/proc/self/fd"] },
    );
    const { output } = await run(plugin, "/usr/bin/env").finally(
      () => delete process.env.CANARY_FOR_PROGRAMS,
    );
    const names = output
      .trim()
      .split("\n")
      .map((line) => line.split("=")[0]);
    expect(names.sort()).toEqual(["HOME", "LANG", "PATH", "TZ"]);
    expect((await run(plugin, "/usr/bin/pwd")).output).toBe("/\n");
    expect((await run(plugin, "/usr/bin/ls", ["/proc/self/fd"])).output).toBe("0\n1\n2\n3\n"); // 3 is the listing's own
  });

  test("is an unprivileged user, without capabilities or a way back", async () => {
    await using house = await BrokerHouse.open();
    using folder = new TempFolder();
    const secret = folder.file("secret");
    writeFileSync(secret, "the server's", { mode: 0o600 });
    const plugin = granted(
      house,
      { command: "/usr/bin/cat", arguments: ["/proc/self/status"] },
      { command: "/usr/bin/cat", arguments: [secret] },
      { command: "/usr/bin/su", arguments: ["root", "-c", "id"] },
    );
    const { output } = await run(plugin, "/usr/bin/cat", ["/proc/self/status"]);
    // An ordinary server has no other user to give, and its own has no rights to drop.
    const uid = IS_ROOT ? "19[5-9]\\d{7}" : String(process.getuid?.());
    expect(output).toMatch(new RegExp(`^Uid:\\s(${uid})\\s\\1\\s\\1\\s\\1$`, "m"));
    expect(output).toMatch(/^Groups:\s*$/m);
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapAmb", ...(IS_ROOT ? ["CapBnd"] : [])]) {
      expect(output).toMatch(new RegExp(`^${set}:\\s0+$`, "m"));
    }
    expect(output).toMatch(/^NoNewPrivs:\s1$/m);
    if (IS_ROOT) expect((await run(plugin, "/usr/bin/cat", [secret])).exitCode).not.toBe(0);
    expect((await run(plugin, "/usr/bin/su", ["root", "-c", "id"])).exitCode).not.toBe(0);
  });

  test("that is missing or no program is a clear error", async () => {
    await using house = await BrokerHouse.open();
    using folder = new TempFolder();
    const text = script(folder, "data", "no program");
    const plugin = granted(
      house,
      { command: "/usr/bin/nowhere" },
      { command: text },
      { command: folder.path },
    );
    expect(await codeOf(run(plugin, "/usr/bin/nowhere"))).toBe("not_found");
    expect(await codeOf(run(plugin, text))).toBe("not_found");
    expect(await codeOf(run(plugin, folder.path))).toBe("permission_denied");
  });

  test("gets no more arguments than the kernel takes", async () => {
    await using house = await BrokerHouse.open();
    const plugin = granted(house, { command: "/usr/bin/printf", arguments: ["..."] });
    const long = (count: number) => Array.from({ length: count }, () => "x".repeat(4_000));
    expect(await codeOf(run(plugin, "/usr/bin/printf", long(20)))).toBe("ok");
    expect(await codeOf(run(plugin, "/usr/bin/printf", long(40)))).toBe("invalid_request");
  });

  test("reads what the plugin sends and its end", async () => {
    await using house = await BrokerHouse.open();
    const plugin = granted(house, { command: "/usr/bin/wc", arguments: ["-c"] });
    const input = plugin.streams.offer("x".repeat(300_000));
    expect((await run(plugin, "/usr/bin/wc", ["-c"], { input })).output.trim()).toBe("300000");
  });
});

describe("this executable", () => {
  test.each<[string, (folder: TempFolder) => string]>([
    ["by its path", () => process.execPath],
    [
      "as the interpreter of a script",
      (folder) => script(folder, "direct", `#!${process.execPath}\nconsole.log(1)\n`),
    ],
    [
      "as the interpreter of an interpreter",
      (folder) => script(folder, "outer", `#!${script(folder, "inner", `#!${process.execPath}\n`)}\n`),
    ],
    ["behind env", (folder) => script(folder, "env", `#!/usr/bin/env ${process.execPath}\n`)],
  ])("is never run: %s", async (_what, make) => {
    await using house = await BrokerHouse.open();
    using folder = new TempFolder();
    const command = make(folder);
    expect(await codeOf(run(granted(house, { command }), command))).toBe("permission_denied");
    const plain = script(folder, "plain", "#!/bin/sh\necho control\n");
    expect((await run(granted(house, { command: plain }), plain)).output).toBe("control\n");
  });

  test("is never run by another name of it", async () => {
    await using house = await BrokerHouse.open();
    using folder = new TempFolder();
    chmodSync(folder.path, 0o755);
    symlinkSync(process.execPath, folder.file("link"));
    const command = folder.file("link");
    expect(await codeOf(run(granted(house, { command }), command))).toBe("permission_denied");
  });

  test("nor a program that everybody, or the plugin itself, can change", async () => {
    await using house = await BrokerHouse.open();
    using folder = new TempFolder();
    const command = script(folder, "tool", "#!/bin/sh\necho ran\n");
    const permissions = { run: [{ command, why }], write: [{ path: folder.path, why }] };
    expect(await codeOf(run(house.plugin({ permissions }), command))).toBe("permission_denied");
    const plugin = granted(house, { command });
    expect((await run(plugin, command)).output).toBe("ran\n");
    chmodSync(command, 0o757);
    expect(await codeOf(run(plugin, command))).toBe("permission_denied");
  });
});

describe("what is the server's own", () => {
  test("is out of reach of a program, and of what it starts, whoever may read it", async () => {
    using data = new TempFolder();
    using tools = new TempFolder();
    chmodSync(data.path, 0o755);
    writeFileSync(data.file("state.db"), "everything", { mode: 0o644 });
    writeFileSync(tools.file("open.txt"), "control", { mode: 0o644 });
    const text = [
      "#!/bin/sh",
      `cat ${tools.file("open.txt")} ${data.file("state.db")}`,
      `echo x > ${data.file("new")}`,
      `${process.execPath} --version`,
      `cp ${process.execPath} /dev/null`,
    ];
    const command = script(tools, "probe", text.join("\n"));
    await using house = await BrokerHouse.open({ forbiddenPaths: [data.path] });
    const { output, errors } = await run(granted(house, { command }), command);
    expect(output).toBe("control");
    expect(errors.match(/Permission denied/g)).toHaveLength(4);
    await using open = await BrokerHouse.open();
    expect((await run(granted(open, { command }), command)).output).toBe("controleverything");
  });

  test("is not signalled by a program", async () => {
    await using house = await BrokerHouse.open();
    const plugin = granted(house, { command: "/usr/bin/kill", arguments: ["-0", String(process.pid)] });
    expect((await run(plugin, "/usr/bin/kill", ["-0", String(process.pid)])).exitCode).not.toBe(0);
  });
});

describe("limits", () => {
  test("output is cut and the rest forgotten", async () => {
    await using house = await BrokerHouse.open();
    const plugin = granted(house, { command: "/usr/bin/seq", arguments: ["*"] });
    const { output, isCut } = await run(plugin, "/usr/bin/seq", ["1000000"]);
    expect(output).toHaveLength(1_024 * 1_024);
    expect(isCut).toBe(true);
    expect((await run(plugin, "/usr/bin/seq", ["1000"])).isCut).toBe(false);
  });

  test("whatever a program writes, its answer fits into a frame of the channel", async () => {
    await using house = await BrokerHouse.open();
    const plugin = granted(house, { command: "/usr/bin/head", arguments: ["-c", "*", "/dev/zero"] });
    const answer = await run(plugin, "/usr/bin/head", ["-c", "3000000", "/dev/zero"]);
    expect(answer.isCut).toBe(true);
    expect(answer.output.length).toBeGreaterThan(200_000);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(MAX_FRAME_BYTES / 2);
  });

  test("time ends it together with what it started", async () => {
    await using house = await BrokerHouse.open();
    using folder = new TempFolder();
    chmodSync(folder.path, 0o777);
    const pids = folder.file("pids");
    const text = `#!/bin/sh\nsleep 600 &\necho $! > ${pids}\nsetsid sleep 600 &\necho $! >> ${pids}\nwait\n`;
    const command = script(folder, "slow", text);
    chmodSync(folder.path, 0o777);
    const plugin = granted(house, { command });
    const call = codeOf(run(plugin, command, [], { timeoutMs: 5_000 }));
    const started = await eventually(() => linesOf(pids).length === 2 && linesOf(pids));
    const outcomes: string[] = [];
    void call.then((outcome) => outcomes.push(outcome));
    while (outcomes.length === 0) await house.clock.advance(1_000);
    expect(outcomes).toEqual(["timed_out"]);
    const [inGroup = "", escaped = ""] = started;
    expect(isAlive(inGroup)).toBe(false);
    // One that began a session of its own is found by its user; an ordinary server has none to give.
    if (IS_ROOT) expect(isAlive(escaped)).toBe(false);
    else if (isAlive(escaped)) process.kill(Number(escaped));
    // Its user is free again.
    const { users } = house.parts.run;
    const free = Array.from({ length: USERS.programs.most }, () => users?.take());
    expect(free.every((uid) => (uid !== undefined) === IS_ROOT)).toBe(true);
  });

  test("a call that is cancelled, and a session that ends, end it", async () => {
    await using house = await BrokerHouse.open();
    const plugin = granted(house, { command: "/usr/bin/sleep", arguments: ["600"] });
    const cancel = new AbortController();
    const calls = [
      codeOf(plugin.call("run", { command: "/usr/bin/sleep", arguments: ["600"] }, cancel.signal)),
      codeOf(run(plugin, "/usr/bin/sleep", ["600"])),
    ];
    cancel.abort();
    expect(await calls[0]).toBe("cancelled");
    await plugin.session.close();
    expect(await calls[1]).toBe("cancelled");
  });

  test("a plugin runs so many at a time", async () => {
    await using house = await BrokerHouse.open();
    const plugin = granted(house, { command: "/usr/bin/sleep", arguments: ["600"] });
    const calls = Array.from({ length: 4 }, () => codeOf(run(plugin, "/usr/bin/sleep", ["600"])));
    expect(await codeOf(run(plugin, "/usr/bin/sleep", ["600"]))).toBe("overloaded");
    await plugin.session.close();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(["cancelled"]));
  });
});

const linesOf = (path: string): string[] =>
  statSync(path, { throwIfNoEntry: false }) ? readFileSync(path, "utf8").trim().split("\n") : [];

const isAlive = (pid: string): boolean => {
  const text =
    statSync(`/proc/${pid}/stat`, { throwIfNoEntry: false }) && readFileSync(`/proc/${pid}/stat`, "utf8");
  return text !== undefined && !/\) [ZX] /.test(text);
};

/** Waits for what another process does. */
async function eventually<T>(find: () => T | false): Promise<T> {
  for (;;) {
    const found = find();
    if (found !== false) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
