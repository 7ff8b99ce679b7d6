import { describe, expect, test } from "bun:test";
import { readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { until } from "../../events/bus.ts";
import { answer, httpServer, rawServer } from "../../outbound/local-servers.ts";
import { BrokerHouse, codeOf } from "./broker-house.ts";

const why = "test";

/** Paths that this process holds open. */
const openPaths = (): string[] =>
  readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // the listing's own
    }
  });

describe("when the channel takes no more streams, nothing stays open", () => {
  test("of a file", async () => {
    await using house = await BrokerHouse.open();
    const path = house.folder.file("readable.txt");
    writeFileSync(path, "text");
    const plugin = house.plugin({ permissions: { read: [{ path, why }] } });
    await plugin.call("files.read", { path });
    expect(openPaths()).toContain(path);
    await plugin.streams.at(2).cancel();
    plugin.streams.isFull = true;
    expect(await codeOf(plugin.call("files.read", { path }))).toBe("overloaded");
    expect(openPaths()).not.toContain(path);
  });

  test("of an answer or a connection", async () => {
    await using house = await BrokerHouse.open();
    const web = await httpServer({ "*": answer("x".repeat(1_000_000)) });
    const raw = await rawServer((socket) => socket.resume());
    const net = [web, raw].map(({ port }) => ({ host: "127.0.0.1", port, why }));
    const plugin = house.plugin({ permissions: { net } });
    plugin.streams.isFull = true;
    const url = `http://127.0.0.1:${web.port}/`;
    expect(await codeOf(plugin.call("fetch", { url, method: "GET", headers: [] }))).toBe("overloaded");
    const write = plugin.streams.offer("x");
    const { port } = raw;
    expect(await codeOf(plugin.call("connect", { host: "127.0.0.1", port, tls: false, write }))).toBe(
      "overloaded",
    );
    await until(() => house.parts.outbound.status().open === 0);
    web.close();
    raw.close();
  });
});
