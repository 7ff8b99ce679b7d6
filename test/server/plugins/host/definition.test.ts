import { describe, expect, test } from "bun:test";
import { defineBackup, definePlugin, defineQuery } from "../../../../plugins/sdk/index.ts";
import { Definition } from "../../../../server/plugins/host/definition.ts";

const of = (exported: unknown) => new Definition(exported, "main.ts");

describe("a plugin's definition", () => {
  test("says what can be called", () => {
    expect(of(definePlugin({ execute: () => "hello" })).loaded).toEqual({ verbs: ["execute"] });
    const backup = defineBackup({ backup: () => ({ location: "there" }), health: () => "healthy" });
    expect(of(backup).loaded).toEqual({ verbs: ["backup", "health"] });
    const query = defineQuery({
      metadata: { name: "n" },
      executeQuery: () => [],
      healthCheck: () => "healthy",
    });
    expect(of(query).loaded).toEqual({ verbs: ["executeQuery", "healthCheck"], metadata: { name: "n" } });
  });

  test("may be an object of a class: functions know their object", async () => {
    class Counter {
      count = 1;
      execute() {
        return this.count++;
      }
    }
    const counter = of(new Counter());
    expect(counter.loaded.verbs).toEqual(["execute"]);
    expect([counter.find("execute")?.(), counter.find("execute")?.()]).toEqual([1, 2]);
  });

  test("that is none says what to write", () => {
    for (const exported of [undefined, null, "hello", () => "hello"]) {
      expect(() => of(exported)).toThrow("export default definePlugin({");
    }
  });

  test("with nothing to call is refused", () => {
    expect(() => of({})).toThrow("defines nothing that can be called");
    expect(() => of({ health: () => "healthy" })).toThrow("defines nothing that can be called");
    expect(of({ onEvent: () => undefined }).loaded.verbs).toEqual(["onEvent"]);
  });

  test("with a misspelt function is told which is meant; a function of one's own beside it is not", () => {
    expect(() => of({ exceute: () => 1, onEvent: () => undefined })).toThrow("is `execute` meant?");
    expect(of({ collect: () => 1, collector: () => 1 }).loaded.verbs).toEqual(["collect"]);
    expect(() => of({ execute: "hello" })).toThrow("`execute` is not a function");
  });
});
