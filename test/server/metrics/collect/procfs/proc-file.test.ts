import { afterEach, describe, expect, test } from "bun:test";
import { ProcFolder } from "../../../../../server/metrics/collect/procfs/proc-file.ts";
import { RecordedFolder } from "../recorded-machine.ts";

const folder = new RecordedFolder();
const proc = new ProcFolder(folder.root);

afterEach(() => {
  proc.close();
  folder.remove();
});

describe("a file of /proc", () => {
  test("is read anew each time, however much it grows or shrinks", () => {
    const file = proc.file("stat");
    for (const text of ["short\n", `${"x".repeat(300_000)}\n`, "", "again é\n"]) {
      folder.write({ stat: text });
      expect(file.read()).toBe(text);
    }
  });

  test("is undefined while it is missing and readable as soon as it is there", () => {
    const file = proc.file("pressure/cpu");
    expect(file.read()).toBeUndefined();
    folder.write({ "pressure/cpu": "some\n" });
    expect(file.read()).toBe("some\n");
  });

  test("is cut at 4 MiB", () => {
    folder.write({ huge: "y".repeat(5 * 1024 * 1024) });
    expect(proc.read("huge")).toHaveLength(4 * 1024 * 1024);
  });

  test("is undefined when it is a folder", () => {
    folder.write({ "1/stat": "" });
    expect(proc.read("1")).toBeUndefined();
    expect(proc.file("1").read()).toBeUndefined();
  });
});
