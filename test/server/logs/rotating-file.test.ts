import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogRecord } from "@logtape/logtape";
import { rotatingFileSink } from "../../../server/logs/rotating-file.ts";

const record = (message: string): LogRecord => ({
  category: ["binnacle"],
  level: "info",
  message: [message],
  rawMessage: message,
  timestamp: 0,
  properties: {},
});

describe("rotating log file", () => {
  let folder: string;
  let path: string;
  const formatter = ({ message }: LogRecord): string => `${message.join("")}\n`;
  const textOf = (suffix = ""): string => readFileSync(`${path}${suffix}`, "utf8");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "binnacle-log-"));
    path = join(folder, "log.ndjson");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("every line is in the file at once, for its owner alone, and a later start appends", () => {
    using first = rotatingFileSink(path, { formatter, maxSizeBytes: 1_000, maxFiles: 2 });
    first(record("one"));
    expect(textOf()).toBe("one\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    using second = rotatingFileSink(path, { formatter, maxSizeBytes: 1_000, maxFiles: 2 });
    second(record("two"));
    expect(textOf()).toBe("one\ntwo\n");
  });

  test("a full file is put aside, also one that an earlier start filled, and the oldest goes", () => {
    for (const letter of ["a", "b", "c", "d"]) {
      using sink = rotatingFileSink(path, { formatter, maxSizeBytes: 10, maxFiles: 2 });
      sink(record(letter.repeat(8)));
    }
    expect([textOf(), textOf(".1"), textOf(".2")]).toEqual(["dddddddd\n", "cccccccc\n", "bbbbbbbb\n"]);
    expect(existsSync(`${path}.3`)).toBe(false);
  });

  test("a line longer than the limit is written whole", () => {
    using sink = rotatingFileSink(path, { formatter, maxSizeBytes: 10, maxFiles: 1 });
    sink(record("x".repeat(50)));
    expect(textOf()).toBe(`${"x".repeat(50)}\n`);
  });
});
