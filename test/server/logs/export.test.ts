import { expect, test } from "bun:test";
import { Configuration } from "../../../server/config/configuration.ts";
import { LiveLines } from "../../../server/logs/live.ts";
import { Logs } from "../../../server/logs/service.ts";
import { LogFixture } from "./log-fixture.ts";

test("nobody holds all places for exports, and who takes nothing for a minute loses theirs", async () => {
  await using fixture = new LogFixture();
  const { clock, store, folder } = fixture;
  await fixture.add(["one"]);
  const logs = new Logs({
    ...{ clock, store, configuration: new Configuration([]), live: new LiveLines() },
    ...{ logFolder: folder.path, watchedFiles: () => [] },
  });
  const begin = (caller: string) => logs.export(caller, { format: "ndjson" });
  const read = (stream: ReadableStream<Uint8Array>): Promise<string> => new Response(stream).text();
  const held = [begin("eve"), begin("eve")];
  expect(() => begin("eve")).toThrow("2 of one user");
  expect(await read(begin("ada"))).toContain("one");
  held.push(begin("ada"), begin("ada"));
  expect(() => begin("bob")).toThrow("4 exports at once");
  await clock.advance(60_000);
  expect(await read(begin("bob"))).toContain("one");
  for (const stream of held) await expect(read(stream)).rejects.toThrow("stalled");
});

test("an export as text steers no terminal, whatever a line and its source hold", async () => {
  await using fixture = new LogFixture();
  const { clock, store, folder } = fixture;
  await store.append([
    fixture.line("red \u009b31m turned \u202e\nnext", { source: "shop\u202e", fields: { a: "\u009b2J" } }),
  ]);
  const logs = new Logs({
    ...{ clock, store, configuration: new Configuration([]), live: new LiveLines() },
    ...{ logFolder: folder.path, watchedFiles: () => [] },
  });
  const text = await new Response(logs.export("eve", { format: "text" })).text();
  expect(text).toEndWith(' shop\\u202e red \\u009b31m turned \\u202e\\nnext a="\\u009b2J"\n');
});
