import { expect, test } from "bun:test";
import { CALLER, openAlertHouse } from "./alert-house.ts";

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
