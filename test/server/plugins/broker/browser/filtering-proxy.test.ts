import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { FilteringProxy } from "../../../../../server/plugins/broker/browser/filtering-proxy.ts";
import { closingHead, readProxyHead } from "../../../../../server/plugins/broker/browser/proxy-head.ts";
import { policyOf } from "../../../../../server/plugins/broker/browser/reach.ts";
import { upstreamProxy } from "../../../../../server/plugins/broker/browser/upstream-proxy.ts";
import { TempFolder } from "../../../../support/temp-folder.ts";
import {
  answer,
  httpServer,
  outboundWith,
  rawServer,
  TableResolver,
} from "../../../outbound/local-servers.ts";

const resolver = new TableResolver({ "page.example": ["127.0.0.1"], "rebound.example": ["169.254.169.254"] });
const outbound = outboundWith(resolver);
const refused: string[] = [];
let folder: TempFolder;
let origin: Awaited<ReturnType<typeof httpServer>>;
let proxy: FilteringProxy;

beforeAll(async () => {
  folder = new TempFolder();
  origin = await httpServer({
    "/hello": answer("hello", "Connection: keep-alive\r\nKeep-Alive: timeout=60\r\nX-Kept: yes\r\n"),
    "/early": `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${answer("late")}`,
  });
  const hosts = [`page.example:${origin.port}`, "rebound.example"];
  proxy = await FilteringProxy.listen(folder.file("proxy"), {
    outbound,
    policy: policyOf({ hosts, privateHosts: hosts }),
    onRefused: (place) => refused.push(place),
    onExhausted: () => undefined,
  });
});

afterAll(() => {
  proxy.close();
  origin.close();
  folder[Symbol.dispose]();
});

/** What the proxy says to a message until it ends. */
async function say(text: string, path = folder.file("proxy")): Promise<string> {
  const socket = connect(path);
  socket.write(text);
  const { promise, resolve } = Promise.withResolvers<string>();
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
  });
  socket.on("close", () => resolve(received));
  return promise;
}

describe("the proxy of a browser", () => {
  test("sends plain requests on in the origin's form, without what is meant for a proxy, one a connection", async () => {
    const text = await say(
      `GET http://page.example:${origin.port}/hello HTTP/1.1\r\nHost: liar.example\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic x\r\nAccept: */*\r\n\r\n`,
    );
    expect(text).toStartWith("HTTP/1.1 200 OK\r\nX-Kept: yes\r\n");
    expect(text).toEndWith("Connection: close\r\n\r\nhello");
    expect(text).not.toContain("Keep-Alive");
    expect(origin.requests.at(-1)).toBe(
      `GET /hello HTTP/1.1\r\nHost: page.example:${origin.port}\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
    );
  });

  test("passes interim answers over", async () => {
    expect(await say(`GET http://page.example:${origin.port}/early HTTP/1.1\r\n\r\n`)).toEndWith(
      "\r\n\r\nlate",
    );
  });

  test("opens tunnels to granted places only", async () => {
    const inside = `GET /hello HTTP/1.1\r\nHost: a\r\n\r\n`;
    const text = await say(`CONNECT page.example:${origin.port} HTTP/1.1\r\nHost: x\r\n\r\n${inside}`);
    expect(text).toStartWith("HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK");
    refused.length = 0;
    for (const place of [
      `page.example:${origin.port + 1}`,
      "127.0.0.1:22",
      "[::1]:22",
      "0x7f000001:22",
      "rebound.example:80",
      "localhost:22",
    ]) {
      expect(await say(`CONNECT ${place} HTTP/1.1\r\n\r\n`)).toStartWith("HTTP/1.1 403 Forbidden\r\n");
    }
    expect(refused).toEqual([
      `page.example:${origin.port + 1}`,
      "127.0.0.1:22",
      "::1:22",
      "127.0.0.1:22",
      "rebound.example:80",
      "localhost:22",
    ]);
  });

  test.each([
    "\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET ftp://page.example/ HTTP/1.1\r\n\r\n",
    "GET https://page.example/ HTTP/1.1\r\n\r\n",
    "CONNECT page.example HTTP/1.1\r\n\r\n",
    "CONNECT user@page.example:80 HTTP/1.1\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    `GET http://page.example/ HTTP/1.1\r\nX: ${"x".repeat(70_000)}`,
  ])("refuses what is no request to a proxy: %j", async (text) => {
    const connections = origin.connections();
    expect(await say(text)).toMatch(/^HTTP\/1\.1 (?:403|502) /);
    expect(origin.connections()).toBe(connections);
  });
});

describe("a bound on traffic", () => {
  test("ends everything once, when it is passed", async () => {
    using own = new TempFolder();
    const large = await httpServer({ "*": answer("x".repeat(50_000)) });
    let exhausted = 0;
    const small = await FilteringProxy.listen(own.file("proxy"), {
      outbound,
      policy: policyOf({ hosts: [`127.0.0.1:${large.port}`] }),
      onRefused: () => undefined,
      onExhausted: () => exhausted++,
      maxTrafficBytes: 120_000,
    });
    const ask = (): Promise<string> =>
      say(`GET http://127.0.0.1:${large.port}/ HTTP/1.1\r\n\r\n`, own.file("proxy"));
    expect((await ask()).length).toBeGreaterThan(50_000);
    expect((await ask()).length).toBeGreaterThan(50_000);
    expect((await ask()).length).toBeLessThan(50_000);
    expect(exhausted).toBe(1);
    expect(small.trafficBytes).toBeGreaterThan(120_000);
    large.close();
  });
});

describe("heads", () => {
  test("a header cannot be smuggled through the target", () => {
    expect(() => readProxyHead("GET http://a.example/\tx HTTP/1.1")).toThrow();
    expect(() => readProxyHead("GET http://a.example/ x HTTP/1.1")).toThrow();
    expect(closingHead("HTTP/1.1 200 OK\r\nconnection: upgrade\r\nupgrade: h2c\r\nA: b")).toBe(
      "HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\n\r\n",
    );
  });
});

describe("a proxy beyond the browser's own", () => {
  test("has to be granted, and is pinned to the address that was judged", async () => {
    const upstream = await rawServer(() => undefined);
    const signal = new AbortController().signal;
    const place = `page.example:${upstream.port}`;
    const reach = { hosts: [place, "site.example"], privateHosts: [place] };
    const found = await upstreamProxy(`http://me:word@${place}`, reach, outbound, signal);
    expect(found).toEqual({ url: `http://me:word@127.0.0.1:${upstream.port}/`, resolves: "here" });
    expect(await upstreamProxy(undefined, reach, outbound, signal)).toBeUndefined();
    expect(upstreamProxy(`http://other.example:${upstream.port}`, reach, outbound, signal)).rejects.toThrow(
      "not among the hosts of the browser permission",
    );
    upstream.close();
  });
});
