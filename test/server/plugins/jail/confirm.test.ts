import { describe, expect, test } from "bun:test";
import { unconfirmed } from "../../../../server/plugins/jail/confirm.ts";
import type { JailPlan } from "../../../../server/plugins/jail/plan.ts";

const PLAN: JailPlan = {
  parentPid: 1,
  landlockAbi: 7,
  hasSeccomp: true,
  hasNamespaces: true,
  uid: 61_000,
  memoryBytes: 1,
  dataBytes: 1,
  addressBytes: 1,
  openFiles: 1,
  cgroups: [],
  readableFolders: [],
};
const HELD = [
  "Name:\tbinnacle-plugin",
  "Uid:\t61000\t61000\t61000\t61000",
  "Gid:\t61000\t61000\t61000\t61000",
  "Groups:\t ",
  "CapInh:\t0000000000000000",
  "CapPrm:\t0000000000000000",
  "CapEff:\t0000000000000000",
  "CapBnd:\t0000000000000000",
  "CapAmb:\t0000000000000000",
  "NoNewPrivs:\t1",
  "Seccomp:\t2",
  "Seccomp_filters:\t2",
].join("\n");

describe("what the kernel says of a jail", () => {
  test("fits a plan that was carried out", () => {
    expect(unconfirmed(PLAN, HELD)).toEqual([]);
  });

  test.each([
    ["Uid:\t61000\t61000\t61000\t61000", "Uid:\t61000\t0\t61000\t61000", "Uid"],
    ["Groups:\t ", "Groups:\t0 ", "Groups"],
    ["CapEff:\t0000000000000000", "CapEff:\t0000000000200000", "CapEff"],
    ["NoNewPrivs:\t1", "NoNewPrivs:\t0", "NoNewPrivs"],
    ["Seccomp:\t2", "Seccomp:\t0", "Seccomp"],
    ["Seccomp_filters:\t2", "Seccomp_filters:\t1", "Seccomp_filters"],
  ])("%s is what it must be, not %s", (held, loose, name) => {
    expect(unconfirmed(PLAN, HELD.replace(held, loose))).toEqual([name]);
  });

  test("fits where the plan asks for less: no user, no filter", () => {
    const { uid, ...rest } = PLAN;
    const status = HELD.replaceAll(`\t${uid}`, "\t1000").replace("Seccomp:\t2", "Seccomp:\t0");
    expect(unconfirmed({ ...rest, hasSeccomp: false }, status)).toEqual([]);
  });
});
