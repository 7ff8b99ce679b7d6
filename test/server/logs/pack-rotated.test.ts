import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { LogRecord } from "@logtape/logtape";
import { packRotated } from "../../../server/logs/pack-rotated.ts";
import { rotatingFileSink } from "../../../server/logs/rotating-file.ts";
import { TempFolder } from "../../support/temp-folder.ts";

const MAX_FILES = 3;
const HOUR_MS = 3_600_000;
const record = (message: string, timestamp = 0): LogRecord => ({
  category: ["binnacle"],
  level: "info",
  message: [message],
  rawMessage: message,
  timestamp,
  properties: {},
});
const formatter = ({ message }: LogRecord): string => `${message.join("")}\n`;

test("files put aside are packed but the last, move on as they are, and the oldest goes", async () => {
  using folder = new TempFolder();
  const path = folder.file("log");
  using sink = rotatingFileSink(path, { formatter, maxSizeBytes: 2, maxFiles: MAX_FILES });
  for (const letter of "abcdef") {
    sink(record(letter));
    await packRotated(path, MAX_FILES);
  }
  expect(readdirSync(folder.path).sort()).toEqual(["log", "log.1", "log.2.gz", "log.3.gz"]);
  expect(readFileSync(`${path}.1`, "utf8")).toBe("e\n");
  expect(gunzipSync(readFileSync(`${path}.2.gz`)).toString()).toBe("d\n");
  expect(gunzipSync(readFileSync(`${path}.3.gz`)).toString()).toBe("c\n");
  expect(statSync(`${path}.2.gz`).mode & 0o777).toBe(0o600);
});

test("a file that was begun long ago is put aside, however small", () => {
  using folder = new TempFolder();
  const path = folder.file("log");
  using sink = rotatingFileSink(path, { formatter, maxSizeBytes: 1_000, maxFiles: 2, maxAgeMs: HOUR_MS });
  sink(record("old", Date.now()));
  sink(record("young", Date.now() + 2 * HOUR_MS));
  expect(readFileSync(`${path}.1`, "utf8")).toBe("old\n");
  expect(readFileSync(path, "utf8")).toBe("young\n");
});
