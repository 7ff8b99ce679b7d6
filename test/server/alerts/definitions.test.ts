import { expect, test } from "bun:test";
import { CALLER, openAlertHouse } from "./alert-house.ts";

const MOST = 200;

test("what is removed while somebody replaces it stays removed", async () => {
  await using house = await openAlertHouse();
  const { definitions } = house;
  const spare = await definitions.create("channel", { name: "spare", plugin: "ops" }, CALLER);
  const removed = definitions.remove("channel", spare.id, CALLER);
  const replaced = definitions.replace("channel", spare.id, { name: "other", plugin: "ops" }, CALLER);
  await expect(replaced).rejects.toMatchObject({ code: "alert_definition_not_found" });
  await removed;
  expect(definitions.list("channel").map(({ name }) => name)).toEqual(["ops"]);
});

const rule = (name: string, dependsOn: string[] = []) => ({
  ...{ name, alertType: "load", severity: "LOW", dependsOn },
  condition: { kind: "threshold", series: { name: "cpu_usage_percent" }, direction: "above", value: 90 },
});

test("two who change rules at the same moment do not make a circle that keeps both silent", async () => {
  await using house = await openAlertHouse();
  const { definitions } = house;
  const a = await definitions.create("rule", rule("a"), CALLER);
  const b = await definitions.create("rule", rule("b"), CALLER);
  const changes = await Promise.allSettled([
    definitions.replace("rule", a.id, rule("a", [b.id]), CALLER),
    definitions.replace("rule", b.id, rule("b", [a.id]), CALLER),
  ]);
  expect(changes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect([a, b].map(({ id }) => definitions.get("rule", id).dependsOn)).toEqual([[b.id], []]);
});

test("nobody refers to a channel that is removed at the same moment, and there are never more of a kind than there may be", async () => {
  await using house = await openAlertHouse();
  const { definitions } = house;
  const spare = await definitions.create("channel", { name: "spare", plugin: "ops" }, CALLER);
  const [removed, routed] = await Promise.allSettled([
    definitions.remove("channel", spare.id, CALLER),
    definitions.create("route", { name: "lost", channels: [spare.id] }, CALLER),
  ]);
  expect([removed?.status, routed?.status]).toEqual(["fulfilled", "rejected"]);
  const asked = Array.from({ length: MOST + 1 }, (_, n) =>
    definitions.create("channel", { name: `channel ${n}`, plugin: "ops" }, CALLER),
  );
  const refused = (await Promise.allSettled(asked)).filter(({ status }) => status === "rejected");
  expect(refused.length).toBe(2);
  expect(definitions.list("channel").length).toBe(MOST);
});
