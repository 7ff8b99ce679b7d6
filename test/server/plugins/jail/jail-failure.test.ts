import { describe, expect, test } from "bun:test";
import { errnoOf, JailFailure } from "../../../../server/plugins/jail/jail-failure.ts";
import { parsePlan } from "../../../../server/plugins/jail/plan.ts";

describe("a failed step", () => {
  test("is one line that reads back", () => {
    const line = new JailFailure("landlock", 13).toLine();
    expect(line).toBe('{"step":"landlock","errno":13}');
    expect(JailFailure.fromLine(line)).toMatchObject({ step: "landlock", errno: 13 });
  });

  test.each(["", "{", "null", "[]", '{"step":1,"errno":2}', '{"step":"a"}', "TypeError: no"])(
    "is not what another line says: %s",
    (line) => {
      expect(JailFailure.fromLine(line)).toBeUndefined();
    },
  );

  test("has the error number of a failed call, and 0 of anything else", () => {
    expect(errnoOf(Object.assign(new Error("no"), { errno: -13 }))).toBe(13);
    expect([errnoOf(new Error("no")), errnoOf("no"), errnoOf(undefined)]).toEqual([0, 0, 0]);
  });
});

describe("a plan", () => {
  const plan = {
    parentPid: 1,
    landlockAbi: 7,
    hasSeccomp: true,
    hasNamespaces: true,
    memoryBytes: 1,
    dataBytes: 2,
    addressBytes: 2,
    openFiles: 3,
    cgroups: ["/sys/fs/cgroup/a/cgroup.procs"],
    readableFolders: [],
  };

  test("reads back", () => {
    expect(parsePlan(JSON.stringify(plan))).toEqual(plan);
    expect(parsePlan(JSON.stringify({ ...plan, uid: 61_000 }))).toMatchObject({ uid: 61_000 });
  });

  test.each([
    ["without a limit", { dataBytes: undefined }],
    ["with a number as text", { landlockAbi: "7" }],
    ["with a user as text", { uid: "root" }],
    ["with an answer that is not one", { hasSeccomp: "yes" }],
    ["with a path that is not one", { cgroups: [1] }],
  ])("%s is refused", (_, changes) => {
    expect(() => parsePlan(JSON.stringify({ ...plan, ...changes }))).toThrow(TypeError);
  });

  test("that is no JSON, or no object, is refused", () => {
    expect(() => parsePlan("")).toThrow();
    expect(() => parsePlan("null")).toThrow(TypeError);
  });
});
