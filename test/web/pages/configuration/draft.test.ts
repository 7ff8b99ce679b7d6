import { describe, expect, test } from "bun:test";
import type { Setting } from "../../../../web/data/settings.ts";
import {
  draftProblems,
  editOf,
  found,
  readEntry,
  textOf,
  withEntry,
} from "../../../../web/pages/configuration/draft.ts";

const setting = (changes: Partial<Setting>): Setting => ({
  key: "metrics.intervalSeconds",
  section: "metrics",
  description: "Time between two samples",
  type: "integer",
  value: 5,
  default: 5,
  origin: { kind: "default", origin: "default" },
  overridden: false,
  locked: false,
  restart: false,
  planned: false,
  machineOnly: false,
  secret: false,
  waiting: false,
  allowed: "a whole number from 1 to 60",
  minimum: 1,
  maximum: 60,
  environmentNames: ["BINNACLE_METRICS__INTERVAL_SECONDS"],
  ...changes,
});
const list = setting({
  key: "server.allowedHosts",
  type: "list",
  value: ["a"],
  maxItems: 2,
  allowed: "a list",
});
const secret = setting({ key: "queryCache.redisUrl", type: "text", value: "", secret: true, maxLength: 100 });

describe("what is typed", () => {
  test("is read by the limits that the server stated", () => {
    expect(readEntry(setting({}), " 10 ")).toEqual({ value: 10 });
    for (const text of ["", "x", "0", "61", "1.5", "1e1"]) {
      expect(readEntry(setting({}), text)).toEqual({ problem: "Needs a whole number from 1 to 60" });
    }
    expect(readEntry(setting({ type: "boolean" }), "true")).toEqual({ value: true });
    expect(readEntry(setting({ type: "choice", values: ["a", "b"] }), "c")).toHaveProperty("problem");
    expect(readEntry(setting({ type: "text", pattern: "^/", maxLength: 5 }), "/abc")).toEqual({
      value: "/abc",
    });
    expect(readEntry(setting({ type: "text", pattern: "^/", maxLength: 5 }), "abc")).toHaveProperty(
      "problem",
    );
    expect(readEntry(list, "a\nb, ")).toEqual({ value: ["a", "b"] });
    expect(readEntry(list, "a\nb\nc")).toHaveProperty("problem");
  });

  test("into a secret setting is a reference or nothing; into any other it is none", () => {
    const reference = textOf(`$\{secret:redis}`);
    expect(readEntry(secret, reference)).toEqual({ value: reference });
    expect(readEntry(secret, "")).toEqual({ value: "" });
    expect(readEntry(secret, "hunter2")).toHaveProperty("problem");
    expect(readEntry(setting({}), reference)).toHaveProperty("problem");
  });

  test("into the form of a list of objects is told by entry and field, and read as the list", () => {
    const item = { type: "object", required: ["id"], additionalProperties: false };
    const id = { type: "string", pattern: "^[a-z]+$" };
    const schema = { type: "array", maxItems: 2, items: { ...item, properties: { id } } };
    const objects = setting({ type: "objects", value: [], default: [], secret: true, schema });
    expect(readEntry(objects, '[{"id":"a"}]')).toEqual({ value: [{ id: "a" }] });
    expect(readEntry(objects, '[{"id":"a"},{}]')).toEqual({ problem: "Entry 2: id is needed" });
    expect(readEntry(objects, '[{"id":"A"}]')).toHaveProperty("problem");
    expect(withEntry(new Map(), objects, { kind: "typed", text: "" }).size).toBe(0);
  });

  test("counts as a change only while it differs from what holds", () => {
    const interval = setting({});
    const draft = withEntry(new Map(), interval, { kind: "typed", text: "7" });
    expect(editOf(draft, [interval])).toEqual({ set: { "metrics.intervalSeconds": 7 }, unset: [] });
    expect(withEntry(draft, interval, { kind: "typed", text: "5" }).size).toBe(0);
    expect(withEntry(draft, interval, undefined).size).toBe(0);
    expect(editOf(withEntry(draft, interval, { kind: "takenBack" }), [interval]).unset).toEqual([
      interval.key,
    ]);
  });

  test("that is wrong is named by its key", () => {
    const interval = setting({});
    const draft = withEntry(new Map(), interval, { kind: "typed", text: "99" });
    expect([...draftProblems(draft, [interval, list])]).toEqual([
      [interval.key, "Needs a whole number from 1 to 60"],
    ]);
  });
});

test("search looks through keys, words, values and names of the environment", () => {
  const settings = [setting({}), list, secret];
  const keys = (search: string) => found(settings, search).map(({ key }) => key);
  expect(keys("")).toHaveLength(3);
  expect(keys("METRICS__interval")).toEqual([
    "metrics.intervalSeconds",
    "server.allowedHosts",
    "queryCache.redisUrl",
  ]);
  expect(keys("interval samples 5 metrics.interval")).toEqual(["metrics.intervalSeconds"]);
  expect(keys("no such thing")).toEqual([]);
});
