import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { EVENT_CATALOGUE, EVENT_TYPE_PATTERN } from "../../../schema/events/index.ts";
import { type Bus, openBus, say } from "./bus.ts";

let bus: Bus;
const nothing = async (): Promise<void> => undefined;
const schema = {
  type: "object",
  properties: { file: { type: "string", maxLength: 10 }, at: { type: "string", format: "date-time" } },
  required: ["file"],
  additionalProperties: false,
};
const download = { name: "download.done", description: "A file has arrived", schema };

beforeEach(async () => {
  bus = await openBus();
});
afterEach(() => bus.close());

describe("the catalogue", () => {
  test.each(Object.entries(EVENT_CATALOGUE))("%s is well formed", (name, { description, payload }) => {
    expect(name).toMatch(new RegExp(EVENT_TYPE_PATTERN));
    expect(description.length).toBeGreaterThan(10);
    expect(payload.additionalProperties).toBe(false);
  });
});

describe("registered types", () => {
  test("their events are checked, over a restart too, until the type is removed", async () => {
    await bus.events.types.register(download, nothing);
    const events = await bus.restart();
    expect(await say(events, "download.done", { file: "a", at: "2030-01-01T00:00:00Z" })).toEqual([1]);
    for (const payload of [
      {},
      { file: 1 },
      { file: "a", other: 1 },
      { file: "12345678901" },
      { file: "a", at: "soon" },
    ]) {
      await expect(say(events, "download.done", payload)).rejects.toMatchObject({
        code: "validation_failed",
      });
    }
    await expect(say(events, "download.done", { file: "a", other: 1 })).rejects.toMatchObject({
      issues: [{ path: "events.0.payload", message: "must not have the field other" }],
    });
    await events.types.remove("download.done", nothing);
    expect(await say(events, "download.done", { other: 1 })).toEqual([2]);
  });

  test("are listed beside Binnacle's own and can be replaced", async () => {
    await bus.events.types.register(download, nothing);
    await bus.events.types.register({ ...download, description: "Another" }, nothing);
    expect(bus.events.types.get("download.done")).toEqual({
      ...download,
      description: "Another",
      origin: "registered",
    });
    expect(bus.events.types.get("user.created").origin).toBe("binnacle");
    expect(() => bus.events.types.get("nothing")).toThrow("There is no event type nothing.");
    expect(bus.events.types.list()).toHaveLength(Object.keys(EVENT_CATALOGUE).length + 1);
  });

  test("are not kept when what belongs to the same unit of work fails", async () => {
    const failing = bus.events.types.register(download, () => Promise.reject(new Error("no audit")));
    await expect(failing).rejects.toThrow("no audit");
    expect(await say(bus.events, "download.done", { anything: 1 })).toEqual([1]);
    expect(() => bus.events.types.get("download.done")).toThrow();
  });

  test.each([
    ["a name of Binnacle's own", { ...download, name: "user.created" }, "name_taken"],
    ["a name that is none", { ...download, name: "Download" }, "validation_failed"],
    ["a schema that is none", { ...download, schema: { type: "thing" } }, "validation_failed"],
    ["an unknown keyword", { ...download, schema: { typ: "object" } }, "validation_failed"],
    ["a reference", { ...download, schema: { $ref: "https://example.com/s" } }, "validation_failed"],
    [
      "nested references",
      { ...download, schema: { anyOf: [{ $ref: "#" }, { $ref: "#" }] } },
      "validation_failed",
    ],
    ["a pattern", { ...download, schema: { type: "string", pattern: "(a+)+$" } }, "validation_failed"],
    [
      "a pattern of names",
      { ...download, schema: { patternProperties: { "(a+)+$": {} } } },
      "validation_failed",
    ],
    [
      "a schema that is too long",
      { ...download, schema: { description: "x".repeat(40_000) } },
      "validation_failed",
    ],
    ["a schema that is too deep", { ...download, schema: nested(30) }, "validation_failed"],
  ])("%s is refused", async (_what, type, code) => {
    await expect(bus.events.types.register(type, nothing)).rejects.toMatchObject({ code });
  });

  test("a property may be called like a refused keyword", async () => {
    const named = { type: "object", properties: { pattern: { const: "$ref" }, $id: { enum: ["pattern"] } } };
    await bus.events.types.register({ ...download, schema: named }, nothing);
    expect(await say(bus.events, "download.done", { pattern: "$ref" })).toEqual([1]);
  });
});

function nested(depth: number): Record<string, unknown> {
  return depth === 0 ? { type: "string" } : { properties: { a: nested(depth - 1) } };
}
