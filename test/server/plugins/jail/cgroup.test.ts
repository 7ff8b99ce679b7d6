import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Cgroups } from "../../../../server/plugins/jail/cgroup.ts";
import { TempFolder } from "../../../support/temp-folder.ts";

const LIMITS = { memoryBytes: 64 * 1024 ** 2, maxTasks: 40, cpuShare: 0.5 };

/** A kernel's folders, of files that keep what is written; a real one is used by the launches of launch.test.ts. */
class FakeKernel implements Disposable {
  readonly #folder = new TempFolder();
  readonly places = { mount: this.#folder.file("cgroup"), proc: this.#folder.file("proc") };

  constructor(files: Readonly<Record<string, string>>) {
    for (const [path, text] of Object.entries(files)) this.write(path, text);
    this.begin(process.pid, "777");
  }

  begin(pid: number, startTime: string): void {
    this.write(
      `proc/${pid}/stat`,
      `${pid} (a name) with) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 ${startTime} 20`,
    );
  }

  write(path: string, text: string): void {
    const file = this.#folder.file(path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Every file of jails beneath `path`, with its text. */
  jails(path: string): Record<string, string> {
    const folder = join(this.places.mount, path);
    const names = readdirSync(folder).filter((name) => name.startsWith("binnacle-"));
    const files = names.flatMap((name) => readdirSync(join(folder, name)).map((file) => join(name, file)));
    return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

let kernel: FakeKernel;
afterEach(() => kernel[Symbol.dispose]());
const name = `binnacle-${process.pid}-777-1`;

describe("version 1", () => {
  beforeEach(() => {
    kernel = new FakeKernel({
      "proc/self/cgroup": "4:memory:/service\n3:cpu,cpuacct:/\n2:pids:/elsewhere\n",
      "cgroup/memory/service/tasks": "",
      "cgroup/cpu/tasks": "",
      "cgroup/pids/tasks": "",
    });
  });

  test("limits memory beneath the server's own group, tasks and processor where that is not to be seen", () => {
    const cgroup = new Cgroups(kernel.places).create(LIMITS);
    expect(kernel.jails("memory/service")).toEqual({
      [`${name}/memory.limit_in_bytes`]: "67108864",
      [`${name}/memory.memsw.limit_in_bytes`]: "67108864",
    });
    expect(kernel.jails("pids")).toEqual({ [`${name}/pids.max`]: "40" });
    expect(kernel.jails("cpu")).toEqual({ [`${name}/cpu.cfs_quota_us`]: "50000" });
    expect(cgroup?.procsFiles).toEqual(
      ["memory/service", "pids", "cpu"].map((path) => join(kernel.places.mount, path, name, "cgroup.procs")),
    );
  });
});

test("a group that cannot be limited is not left behind, and the jail does without", () => {
  kernel = new FakeKernel({
    "proc/self/cgroup": "0::/\n",
    "cgroup/cgroup.controllers": "memory pids",
    "cgroup/cgroup.subtree_control": "memory pids",
  });
  // The name the first group would have.
  mkdirSync(join(kernel.places.mount, name));
  expect(new Cgroups(kernel.places).create(LIMITS)).toBeUndefined();
  expect(existsSync(join(kernel.places.mount, name))).toBe(false);
});

describe("version 2", () => {
  test("limits where memory and pids are delegated, one group above the server's", () => {
    kernel = new FakeKernel({
      "proc/self/cgroup": "0::/system.slice/binnacle.service/main\n",
      "cgroup/cgroup.controllers": "cpu memory pids",
      "cgroup/cgroup.subtree_control": "cpu memory pids",
      "cgroup/system.slice/binnacle.service/main/cgroup.subtree_control": "",
      "cgroup/system.slice/binnacle.service/cgroup.subtree_control": "cpu memory pids",
    });
    const cgroup = new Cgroups(kernel.places).create(LIMITS);
    expect(kernel.jails("system.slice/binnacle.service")).toEqual({
      [`${name}/memory.max`]: "67108864",
      [`${name}/memory.swap.max`]: "0",
      [`${name}/pids.max`]: "40",
      [`${name}/cpu.max`]: "50000 100000",
    });
    expect(cgroup?.procsFiles.length).toBe(1);
  });

  test("leaves out the processor where it is not delegated", () => {
    kernel = new FakeKernel({
      "proc/self/cgroup": "0::/\n",
      "cgroup/cgroup.controllers": "memory pids",
      "cgroup/cgroup.subtree_control": "memory pids",
    });
    new Cgroups(kernel.places).create(LIMITS);
    expect(Object.keys(kernel.jails(".")).sort()).toEqual([
      `${name}/memory.max`,
      `${name}/memory.swap.max`,
      `${name}/pids.max`,
    ]);
  });

  test("makes none where nothing is delegated", () => {
    kernel = new FakeKernel({
      "proc/self/cgroup": "0::/user.slice/session\n",
      "cgroup/cgroup.controllers": "memory pids",
      "cgroup/cgroup.subtree_control": "",
      "cgroup/user.slice/session/cgroup.subtree_control": "",
    });
    const cgroups = new Cgroups(kernel.places);
    expect(cgroups.isAvailable).toBe(false);
    expect(cgroups.create(LIMITS)).toBeUndefined();
  });
});

describe("once it stands back", () => {
  test("a group weighs as nice 10 does, in either version", () => {
    kernel = new FakeKernel({
      "proc/self/cgroup": "4:memory:/\n3:cpu,cpuacct:/\n2:pids:/\n",
      "cgroup/memory/tasks": "",
      "cgroup/cpu/tasks": "",
      "cgroup/pids/tasks": "",
    });
    const first = new Cgroups(kernel.places).create(LIMITS);
    // The kernel takes each write as a whole; a file of the test keeps what a shorter one leaves.
    kernel.write(`cgroup/cpu/${name}/cpu.shares`, "");
    first?.standBack();
    expect(kernel.jails("cpu")).toMatchObject({ [`${name}/cpu.shares`]: "110" });
    kernel[Symbol.dispose]();
    kernel = new FakeKernel({
      "proc/self/cgroup": "0::/\n",
      "cgroup/cgroup.controllers": "cpu memory pids",
      "cgroup/cgroup.subtree_control": "cpu memory pids",
    });
    const second = new Cgroups(kernel.places).create(LIMITS);
    kernel.write(`cgroup/${name}/cpu.weight`, "");
    second?.standBack();
    expect(kernel.jails(".")).toMatchObject({ [`${name}/cpu.weight`]: "11" });
  });

  test("a kernel without weights of groups is left as it is", () => {
    kernel = new FakeKernel({
      "proc/self/cgroup": "0::/\n",
      "cgroup/cgroup.controllers": "cpu memory pids",
      "cgroup/cgroup.subtree_control": "cpu memory pids",
    });
    new Cgroups(kernel.places).create(LIMITS)?.standBack();
    expect(Object.keys(kernel.jails("."))).not.toContain(`${name}/cpu.weight`);
  });
});

test("a machine without cgroups has none", () => {
  kernel = new FakeKernel({});
  expect(new Cgroups(kernel.places).isAvailable).toBe(false);
});

test("what a killed server left is swept away; what a running one has stays, also under a number used again", () => {
  kernel = new FakeKernel({
    "proc/self/cgroup": "0::/\n",
    "cgroup/cgroup.controllers": "memory pids",
    "cgroup/cgroup.subtree_control": "memory pids",
  });
  const folders = {
    ofTheDead: "binnacle-999999-5-1",
    ofAnEarlierProcess: `binnacle-${process.pid}-5-1`,
    ofThisServer: `binnacle-${process.pid}-777-9`,
    ofSomebodyElse: "docker-999999-5-1",
  };
  for (const folder of Object.values(folders)) mkdirSync(join(kernel.places.mount, folder));
  new Cgroups(kernel.places).sweep();
  const left = Object.values(folders).filter((folder) => existsSync(join(kernel.places.mount, folder)));
  expect(left).toEqual([folders.ofThisServer, folders.ofSomebodyElse]);
});

test("what a killed server left beneath another login's group is swept away; other hierarchies' groups are not looked into", () => {
  kernel = new FakeKernel({
    "proc/self/cgroup": "4:memory:/user/session-2\n3:cpu:/\n2:pids:/\n",
    "cgroup/memory/user/session-2/tasks": "",
    "cgroup/cpu/tasks": "",
    "cgroup/pids/tasks": "",
  });
  const folders = {
    ofTheDead: "memory/user/session-1/binnacle-999999-5-1",
    ofThisServer: `memory/user/session-1/binnacle-${process.pid}-777-9`,
    otherLogin: "memory/user/session-1",
    ofAnotherHierarchy: "freezer/session-1/binnacle-999999-5-1",
  };
  for (const folder of Object.values(folders)) {
    mkdirSync(join(kernel.places.mount, folder), { recursive: true });
  }
  new Cgroups(kernel.places).sweep();
  const left = Object.values(folders).filter((folder) => existsSync(join(kernel.places.mount, folder)));
  expect(left).toEqual([folders.ofThisServer, folders.otherLogin, folders.ofAnotherHierarchy]);
});
