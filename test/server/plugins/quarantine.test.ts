import { expect, test } from "bun:test";
import type { Event } from "../../../server/events/event.ts";
import { parsePatterns } from "../../../server/events/pattern.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { PluginApp } from "./plugin-app.ts";

/** The longest wait before the third start; shorter than any limit on a start. */
const LONGEST_WAIT_MS = 4_500;

test("a plugin that crashes as it is loaded is quarantined; a neighbour does not notice; changed code releases it", async () => {
  const clock = new ManualClock(Date.now());
  await using plugins = await PluginApp.start({ clock });
  const { events } = plugins.app.parts;
  const crashes = events.follow({ patterns: parsePatterns(["plugin.crashed"]) });
  const quarantines = events.follow({ patterns: parsePatterns(["plugin.quarantined"]) });
  const next = async (from: AsyncIterator<Event>): Promise<Event> => (await from.next()).value;
  await plugins.putFile("neighbour.ts", "execute: () => 'here'");
  await plugins.putFile("crashing.ts", "execute: () => 1 });\nprocess.abort();\n({");
  expect(await plugins.execute("crashing")).toEqual([422, "plugin_load_failed"]);
  for (let crash = 1; crash <= 3; crash++) {
    expect(await next(crashes)).toMatchObject({ payload: { crashes: crash } });
    expect(await plugins.execute("neighbour")).toEqual([200, "here"]);
    if (crash < 3) await clock.advance(LONGEST_WAIT_MS);
  }
  expect(await next(quarantines)).toMatchObject({ payload: { pluginId: "crashing" } });
  await Promise.all([crashes.return?.(), quarantines.return?.()]);
  const { state, status, quarantine, verbs } = await plugins.plugin("crashing");
  expect([state, status, verbs.includes("release")]).toEqual(["quarantined", "ERROR", true]);
  expect(quarantine?.reason).toContain("3 times");
  expect(await plugins.execute("crashing")).toEqual([503, "plugin_quarantined"]);
  await plugins.system.look();
  expect((await plugins.plugin("crashing")).state).toBe("quarantined");
  await plugins.putFile("crashing.ts", "execute: () => 'mended'");
  expect(await plugins.execute("crashing")).toEqual([200, "mended"]);
  expect((await plugins.plugin("crashing")).quarantine).toBeNull();
  await plugins.app.parts.incidents.flush();
  const { items } = await (await plugins.admin.get("/api/v3/errors/strategies")).json();
  const restarts = items.find(({ name }: { name: string }) => name === "restart");
  // The second of them is what ended in quarantine.
  expect(restarts).toMatchObject({ attempts: 2, successes: 0, byCode: [{ code: "plugin_crashed" }] });
}, 60_000);
