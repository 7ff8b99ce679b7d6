import { describe, expect, test } from "bun:test";
import { BrokerHouse, codeOf } from "./broker-house.ts";

describe("state", () => {
  test("is kept by key, listed in order, and each plugin's own", async () => {
    await using house = await BrokerHouse.open();
    const [mine, other] = [house.plugin(), house.plugin({ pluginId: "other" })];
    await mine.call("state.set", { key: "runs/2", value: { n: 2 } });
    await mine.call("state.set", { key: "runs/1", value: [1] });
    await mine.call("state.set", { key: "last", value: null });
    expect(await mine.call("state.get", { key: "runs/2" })).toEqual({ n: 2 });
    expect(await mine.call("state.list", { prefix: "runs/" })).toEqual(["runs/1", "runs/2"]);
    expect(await mine.call("state.list", { limit: 2 })).toEqual(["last", "runs/1"]);
    expect(await mine.call("state.list", { after: "runs/1" })).toEqual(["runs/2"]);
    expect(await other.call("state.get", { key: "runs/2" })).toBeNull();
    expect(await other.call("state.delete", { key: "runs/2" })).toBe(false);
    expect(await mine.call("state.delete", { key: "runs/2" })).toBe(true);
    expect(await mine.call("state.get", { key: "runs/2" })).toBeNull();
  });

  test("outlives the session", async () => {
    await using house = await BrokerHouse.open();
    const first = house.plugin();
    await first.call("state.set", { key: "kept", value: "yes" });
    await first.session.close();
    expect(await house.plugin().call("state.get", { key: "kept" })).toBe("yes");
  });

  test("has room for so much, and forgets nothing when it is full", async () => {
    await using house = await BrokerHouse.open();
    const plugin = house.plugin();
    const value = "x".repeat(256 * 1_024 - 2);
    expect(await codeOf(plugin.call("state.set", { key: "k", value: `${value}x` }))).toBe(
      "validation_failed",
    );
    const set = (index: number) => codeOf(plugin.call("state.set", { key: `k${index}`, value }));
    for (let index = 0; index < 63; index++) expect(await set(index)).toBe("ok");
    expect(await set(63)).toBe("validation_failed");
    expect(await plugin.call("state.get", { key: "k63" })).toBeNull();
    expect(await set(0)).toBe("ok"); // in place of itself
    await plugin.call("state.delete", { key: "k1" });
    expect(await set(63)).toBe("ok");
    expect(await codeOf(house.plugin({ pluginId: "other" }).call("state.set", { key: "k", value }))).toBe(
      "ok",
    );
  });

  test("changes are limited in rate", async () => {
    await using house = await BrokerHouse.open();
    const plugin = house.plugin();
    for (let index = 0; index < 1_000; index++) await plugin.call("state.delete", { key: "absent" });
    expect(await codeOf(plugin.call("state.delete", { key: "absent" }))).toBe("rate_limited");
    expect(await codeOf(plugin.call("state.get", { key: "absent" }))).toBe("ok");
    await house.clock.advance(1_000);
    expect(await codeOf(plugin.call("state.delete", { key: "absent" }))).toBe("ok");
  });
});
