import { afterAll, describe, expect, test } from "bun:test";
import type { NetGrant } from "../../../../schema/plugin/manifest.ts";
import { ANSWERS, HOSTS, TRICKS } from "../../outbound/address-tricks.ts";
import {
  answer,
  certificateFor,
  httpServer,
  rawServer,
  TableResolver,
} from "../../outbound/local-servers.ts";
import { BrokerHouse, bytesOf, codeOf, type TestPlugin } from "./broker-house.ts";

const why = "test";
const NAMES = { "a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"], "public.test": ["93.184.215.14"] };
const closers: (() => void)[] = [];
const kept = <T extends { close: () => void }>(server: T): T => {
  closers.push(server.close);
  return server;
};
afterAll(() => {
  for (const close of closers) close();
});

const grant = (host: string, port: number): NetGrant => ({ host, port, private: true, why });
const get = (plugin: TestPlugin, url: string, more: object = {}) =>
  plugin.call("fetch", { url, method: "GET", headers: [], ...more });
const moved = (to: string): string => answer("", `Location: ${to}\r\n`, "302 Found");

describe("fetch", () => {
  test("reaches a granted host and port; bodies are streams both ways", async () => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES) });
    const server = kept(await httpServer({ "/in": answer("hello", "X-Kind: test\r\n") }));
    const plugin = house.plugin({ permissions: { net: [grant("a.test", server.port)] } });
    const result = await plugin.call("fetch", {
      url: `http://A.test.:${server.port}/in`,
      method: "POST",
      headers: [
        ["X-One", "1"],
        ["x-one", "2"],
      ],
      body: plugin.streams.offer("sent"),
    });
    expect(result).toMatchObject({ status: 200, url: `http://a.test:${server.port}/in` });
    expect(new Map(result.headers).get("x-kind")).toBe("test");
    expect(await plugin.streams.textAt(result.body)).toBe("hello");
    expect(server.requests[0]).toContain("x-one: 1, 2\r\n");
    expect(server.requests[0]?.toLowerCase()).toContain("transfer-encoding: chunked");
    expect(house.decisions.countsOf("tester")).toEqual([{ kind: "net", allowed: 1, denied: 0 }]);
  });

  test("a short body is sent with its length, and again after a redirect", async () => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES) });
    const server = kept(
      await httpServer({ "/in": answer("", "Location: /there\r\n", "307 Moved"), "/there": answer("taken") }),
    );
    const plugin = house.plugin({ permissions: { net: [grant("a.test", server.port)] } });
    const wholeBody = Buffer.from("héllo").toString("base64");
    const { body } = await get(plugin, `http://a.test:${server.port}/in`, { method: "POST", wholeBody });
    expect(await plugin.streams.textAt(body)).toBe("taken");
    for (const request of server.requests) {
      expect(request.toLowerCase()).toContain("content-length: 6\r\n");
      expect(Buffer.from(request, "latin1").toString()).toEndWith("\r\n\r\nhéllo");
    }
    expect(server.requests).toHaveLength(2);
  });

  test.each<[string, NetGrant[]]>([
    ["no grant", []],
    ["a grant of another host", [{ host: "b.test", private: true, why }]],
    ["a grant of another port", [grant("a.test", 1)]],
    ["a grant of the parent domain", [grant("test", 80)]],
  ])("is denied with %s, and nothing is connected to", async (_what, net) => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES) });
    const server = kept(await httpServer({ "*": answer("secret") }));
    const plugin = house.plugin({ permissions: { net } });
    expect(await codeOf(get(plugin, `http://a.test:${server.port}/`))).toBe("permission_denied");
    expect(server.connections()).toBe(0);
    expect(await house.denials()).toEqual([
      { actor: "plugin:tester", action: "plugin.use_net", target: `tester a.test:${server.port}`, count: 1 },
    ]);
  });

  test("to a name that leads to a private address is denied unless it was granted so", async () => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES) });
    const server = kept(await httpServer({ "*": answer("inside") }));
    const url = `http://a.test:${server.port}/`;
    const net = (isPrivate: boolean) => [{ host: "a.test", port: server.port, private: isPrivate, why }];
    expect(await codeOf(get(house.plugin({ permissions: { net: net(false) } }), url))).toBe(
      "permission_denied",
    );
    expect(server.connections()).toBe(0);
    expect(await codeOf(get(house.plugin({ permissions: { net: net(true) } }), url))).toBe("ok");
  });

  test("to a literal address that was granted passes in every spelling of it", async () => {
    await using house = await BrokerHouse.open();
    const server = kept(await httpServer({ "*": answer("ok") }));
    const net = [{ host: "127.0.0.1", port: server.port, why }];
    const plugin = house.plugin({ permissions: { net } });
    for (const host of ["127.0.0.1", "0x7f.1", "2130706433"]) {
      expect(await codeOf(get(plugin, `http://${host}:${server.port}/`))).toBe("ok");
    }
    for (const host of ["127.0.0.2", "[::1]", "localhost", "[::ffff:127.0.0.1]"]) {
      expect(await codeOf(get(plugin, `http://${host}:${server.port}/`))).toBe("permission_denied");
    }
  });
});

test("localhost is reached when it is what was granted", async () => {
  await using house = await BrokerHouse.open();
  const server = kept(await httpServer({ "*": answer("ok") }));
  const plugin = house.plugin({ permissions: { net: [{ host: "localhost", port: server.port, why }] } });
  expect(await codeOf(get(plugin, `http://LOCALHOST.:${server.port}/`))).toBe("ok");
  expect(await codeOf(get(plugin, `http://a.localhost:${server.port}/`))).toBe("permission_denied");
});

describe("redirects", () => {
  test("are followed within the grants", async () => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES) });
    const target = kept(await httpServer({ "/b": answer("there") }));
    const server = kept(await httpServer({ "/a": moved(`http://b.test:${target.port}/b`) }));
    const net = [grant("a.test", server.port), grant("b.test", target.port)];
    const plugin = house.plugin({ permissions: { net } });
    const { body, url } = await get(plugin, `http://a.test:${server.port}/a`);
    expect(await plugin.streams.textAt(body)).toBe("there");
    expect(url).toBe(`http://b.test:${target.port}/b`);
    expect(house.decisions.countsOf("tester")).toEqual([{ kind: "net", allowed: 2, denied: 0 }]);
  });

  test.each(["http://b.test", "http://127.0.0.1", "http://[::ffff:7f00:1]", "http://0x7f000001"])(
    "to %s, which was not granted, are denied",
    async (to) => {
      await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES) });
      const target = kept(await httpServer({ "*": answer("secret") }));
      const server = kept(await httpServer({ "/a": moved(`${to}:${target.port}/b`) }));
      const plugin = house.plugin({ permissions: { net: [grant("a.test", server.port)] } });
      expect(await codeOf(get(plugin, `http://a.test:${server.port}/a`))).toBe("permission_denied");
      expect(target.connections()).toBe(0);
      expect(house.decisions.countsOf("tester")).toEqual([{ kind: "net", allowed: 1, denied: 1 }]);
    },
  );

  test("are handed over, or a failure, when the plugin wants it so", async () => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES) });
    const server = kept(await httpServer({ "/a": moved("http://evil.test/") }));
    const plugin = house.plugin({ permissions: { net: [grant("a.test", server.port)] } });
    const url = `http://a.test:${server.port}/a`;
    const manual = await get(plugin, url, { redirect: "manual" });
    expect(new Map(manual.headers).get("location")).toBe("http://evil.test/");
    expect(await codeOf(get(plugin, url, { redirect: "error" }))).toBe("outbound_failed");
  });
});

describe("DNS rebinding", () => {
  test("between the check and the connection gains nothing", async () => {
    const resolver = new TableResolver({ "rebind.test": [["93.184.215.14"], ["127.0.0.1"]] });
    await using house = await BrokerHouse.open({ resolver });
    const inner = kept(await httpServer({ "*": answer("secret") }));
    const net = [{ host: "rebind.test", port: inner.port, why }];
    const plugin = house.plugin({ permissions: { net } });
    const url = `http://rebind.test:${inner.port}/`;
    const first = await codeOf(get(plugin, url, { timeoutMs: 50 }));
    expect(["timed_out", "outbound_failed"]).toContain(first); // the public address was connected to, and no other
    expect(resolver.lookups).toHaveLength(1);
    expect(await codeOf(get(plugin, url))).toBe("permission_denied");
    expect(inner.connections()).toBe(0);
  });

  test("gains nothing by an address that was granted by itself", async () => {
    const resolver = new TableResolver({ "rebind.test": [["127.0.0.1"]] });
    await using house = await BrokerHouse.open({ resolver });
    const granted = kept(await httpServer({ "*": answer("granted") }));
    const inner = kept(await httpServer({ "*": answer("secret") }));
    const net = [grant("127.0.0.1", granted.port), { host: "rebind.test", port: inner.port, why }];
    const plugin = house.plugin({ permissions: { net } });
    expect(await codeOf(get(plugin, `http://127.0.0.1:${granted.port}/`))).toBe("ok");
    expect(await codeOf(get(plugin, `http://rebind.test:${inner.port}/`))).toBe("permission_denied");
    expect(inner.connections()).toBe(0);
  });

  test("on the way of a redirect to itself is denied", async () => {
    const resolver = new TableResolver({ "rebind.test": [["127.0.0.1"], ["169.254.169.254"]] });
    await using house = await BrokerHouse.open({ resolver });
    const server = kept(await httpServer({ "/": moved("/latest/meta-data") }));
    const plugin = house.plugin({ permissions: { net: [grant("rebind.test", server.port)] } });
    expect(await codeOf(get(plugin, `http://rebind.test:${server.port}/`))).toBe("permission_denied");
    expect(server.requests).toHaveLength(1);
  });
});

describe("address tricks", () => {
  const REFUSED = ["permission_denied", "outbound_refused", "invalid_request"];

  test("in a URL reach nothing, whatever was granted beside them", async () => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver({ ...ANSWERS, ...NAMES }) });
    const net = ["example.com", "public.test", "127.0.0.2"].flatMap((host) => [
      { host, port: 80, private: true, why },
      { host, port: 443, why },
    ]);
    const plugin = house.plugin({ permissions: { net } });
    for (const url of Object.keys(TRICKS)) {
      expect([url, REFUSED.includes(await codeOf(get(plugin, url)))]).toEqual([url, true]);
    }
    expect(house.parts.outbound.status().open).toBe(0);
  });

  test("in a host reach nothing", async () => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(ANSWERS) });
    const plugin = house.plugin({ permissions: { net: [{ host: "example.com", private: true, why }] } });
    for (const host of Object.keys(HOSTS)) {
      const call = plugin.call("connect", { host, port: 443, tls: false, write: plugin.streams.offer("") });
      expect([host, REFUSED.includes(await codeOf(call))]).toEqual([host, true]);
    }
    expect(house.parts.outbound.status().open).toBe(0);
  });

  test("in an answer of the resolver reach nothing, though the name was granted", async () => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(ANSWERS) });
    const net = Object.keys(ANSWERS).map((host) => ({ host, port: 80, why }));
    const plugin = house.plugin({ permissions: { net } });
    for (const name of Object.keys(ANSWERS)) {
      expect([name, await codeOf(get(plugin, `http://${name}/`))]).toEqual([name, "permission_denied"]);
    }
  });

  test("a metadata address is not opened by a private name, only by itself", async () => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(ANSWERS) });
    const net = [{ host: "metadata.google.internal", port: 80, private: true, why }];
    const plugin = house.plugin({ permissions: { net } });
    expect(await codeOf(get(plugin, "http://metadata.google.internal/"))).toBe("permission_denied");
  });
});

describe("smuggling", () => {
  test.each<[string, [string, string][]]>([
    ["another host", [["Host", "b.test"]]],
    ["a proxy's credentials", [["Proxy-Authorization", "Basic x"]]],
    ["hop-by-hop", [["Connection", "x-secret"]]],
    ["framing", [["Transfer-Encoding", "chunked"]]],
    ["an upgrade", [["Upgrade", "websocket"]]],
    ["a second header in a value", [["X-A", "a\r\nHost: b.test"]]],
    ["a second header in a name", [["X-A: a\r\nHost", "b.test"]]],
    ["a prototype", [["__proto__", "x"]]],
  ])("by headers is refused: %s", async (_what, headers) => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES) });
    const server = kept(await httpServer({ "*": answer("ok") }));
    const plugin = house.plugin({ permissions: { net: [grant("a.test", server.port)] } });
    const url = `http://a.test:${server.port}/`;
    expect(["invalid_request", "outbound_refused"]).toContain(await codeOf(get(plugin, url, { headers })));
    expect(await codeOf(get(plugin, url, { headers: [["X-A", "a"]] }))).toBe("ok");
  });

  test.each(["CONNECT", "TRACE", "GET / HTTP/1.1\r\nX: y", ""])(
    "by the method %j is refused",
    async (verb) => {
      await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES) });
      const server = kept(await httpServer({ "*": answer("ok") }));
      const plugin = house.plugin({ permissions: { net: [grant("a.test", server.port)] } });
      const call = get(plugin, `http://a.test:${server.port}/`, { method: verb });
      expect(["invalid_request", "outbound_refused"]).toContain(await codeOf(call));
    },
  );
});

describe("limits", () => {
  test("a body is taken no faster than it is read, and its request counts until then", async () => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES) });
    let sentBytes = 0;
    const chunk = Buffer.alloc(64 * 1_024);
    const server = kept(
      await rawServer((socket) => {
        socket.once("data", () => {
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${chunk.length * 1_024}\r\n\r\n`);
          const send = (): void => {
            while (sentBytes < chunk.length * 1_024) {
              sentBytes += chunk.length;
              if (!socket.write(chunk)) return void socket.once("drain", send);
            }
          };
          send();
        });
      }),
    );
    const plugin = house.plugin({ permissions: { net: [grant("a.test", server.port)] } });
    const url = `http://a.test:${server.port}/`;
    const { body } = await get(plugin, url);
    const reader = plugin.streams.at(body).getReader();
    await reader.read();
    expect(sentBytes).toBeLessThan(chunk.length * 1_024);
    const rest = await Promise.all(Array.from({ length: 15 }, () => codeOf(get(plugin, url))));
    expect(new Set(rest)).toEqual(new Set(["ok"]));
    expect(await codeOf(get(plugin, url))).toBe("overloaded");
    await reader.cancel();
    expect(await codeOf(get(plugin, url))).toBe("ok");
  });

  test("a session that ends takes its requests with it", async () => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES) });
    const arrived = Promise.withResolvers<void>();
    const server = kept(await rawServer((socket) => void socket.once("data", () => arrived.resolve())));
    const plugin = house.plugin({ permissions: { net: [grant("a.test", server.port)] } });
    const call = codeOf(get(plugin, `http://a.test:${server.port}/`));
    await arrived.promise;
    await plugin.session.close();
    expect(await call).toBe("outbound_failed");
  });

  test("a certificate must be the granted name's", async () => {
    const [own, other] = [await certificateFor("a.test"), await certificateFor("b.test")];
    const tls = { ca: `${own.cert}\n${other.cert}` };
    await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES), tls });
    const right = kept(await httpServer({ "*": answer("ok") }, own));
    const wrong = kept(await httpServer({ "*": answer("ok") }, other));
    const net = [grant("a.test", right.port), grant("a.test", wrong.port)];
    const plugin = house.plugin({ permissions: { net } });
    expect(await codeOf(get(plugin, `https://a.test:${right.port}/`))).toBe("ok");
    expect(await codeOf(get(plugin, `https://a.test:${wrong.port}/`))).toBe("outbound_failed");
  });

  test("the answer says whose certificate was seen and when it ends; without TLS it says nothing", async () => {
    const endsAt = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 3 * 86_400_000);
    const certificate = await certificateFor("a.test", endsAt);
    await using house = await BrokerHouse.open({
      resolver: new TableResolver(NAMES),
      tls: { ca: certificate.cert },
    });
    const secured = kept(await httpServer({ "*": answer("ok") }, certificate));
    const plain = kept(await httpServer({ "*": answer("ok") }));
    const net = [grant("a.test", secured.port), grant("a.test", plain.port)];
    const plugin = house.plugin({ permissions: { net } });
    const { tls } = await get(plugin, `https://a.test:${secured.port}/`);
    expect(tls).toMatchObject({
      subject: "CN=a.test",
      issuer: "CN=a.test",
      names: ["a.test"],
      validTo: endsAt.getTime(),
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      protocol: "TLSv1.3",
    });
    expect((await get(plugin, `http://a.test:${plain.port}/`)).tls).toBeUndefined();
  });

  test("a body is let go when its request is denied", async () => {
    await using house = await BrokerHouse.open();
    const plugin = house.plugin();
    const cancelled = Promise.withResolvers<void>();
    const body = plugin.streams.offer(new ReadableStream({ cancel: () => cancelled.resolve() }));
    const call = get(plugin, "http://a.test/", { method: "POST", body });
    expect(await codeOf(call)).toBe("permission_denied");
    await cancelled.promise;
  });

  test("two bodies are refused, and the stream of one is let go", async () => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES) });
    const plugin = house.plugin({ permissions: { net: [grant("a.test", 80)] } });
    const cancelled = Promise.withResolvers<void>();
    const body = plugin.streams.offer(new ReadableStream({ cancel: () => cancelled.resolve() }));
    const call = get(plugin, "http://a.test/", { method: "POST", body, wholeBody: "" });
    expect(await codeOf(call)).toBe("invalid_request");
    await cancelled.promise;
  });

  test("a body that the plugin never opened is refused", async () => {
    await using house = await BrokerHouse.open({ resolver: new TableResolver(NAMES) });
    const server = kept(await httpServer({ "*": answer("ok") }));
    const plugin = house.plugin({ permissions: { net: [grant("a.test", server.port)] } });
    const url = `http://a.test:${server.port}/`;
    expect(await codeOf(get(plugin, url, { method: "POST", body: 99 }))).toBe("invalid_request");
    const stream = plugin.streams.offer(bytesOf("x"));
    expect(await codeOf(get(plugin, url, { method: "POST", body: stream }))).toBe("ok");
  });
});
