import { afterAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import {
  answer,
  certificateFor,
  httpServer,
  loopback,
  outboundWith,
  outcomeOf,
  rawServer,
  TableResolver,
} from "./local-servers.ts";

const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

/** A forward proxy that tunnels everything to `port`, or answers as it is told; keeps what it was asked. */
async function forwardProxy(reply: { tunnelTo: number } | { say: string }) {
  const heads: string[] = [];
  const server = await rawServer((socket) => {
    socket.once("data", (chunk) => {
      heads.push(chunk.toString("latin1"));
      if ("say" in reply) {
        socket.end(reply.say);
        return;
      }
      const inner = connect(reply.tunnelTo, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
        socket.pipe(inner).pipe(socket);
      });
      inner.on("error", () => socket.destroy());
    });
  });
  closers.push(server.close);
  return { ...server, heads, url: `http://user:p%40ss@127.0.0.1:${server.port}` };
}

const BASIC = `Basic ${Buffer.from("user:p@ss").toString("base64")}`;

describe("through a proxy, resolving here", () => {
  const resolver = new TableResolver({ "a.test": ["127.0.0.1"], "inner.test": ["10.0.0.1"] });
  const outbound = outboundWith(resolver);

  test("the tunnel is asked for by the judged address; TLS is with the name", async () => {
    const certificate = await certificateFor("a.test");
    const server = await httpServer({ "*": answer("through") }, certificate);
    closers.push(server.close);
    const proxy = await forwardProxy({ tunnelTo: server.port });
    const policy = loopback({ proxy: { url: proxy.url, resolves: "here" }, tls: { ca: certificate.cert } });
    const reply = await outbound.fetch({ url: `https://a.test:${server.port}/p` }, policy);
    expect(await reply.response.text()).toBe("through");
    expect(reply.address).toBe("127.0.0.1");
    expect(proxy.heads[0]).toStartWith(`CONNECT 127.0.0.1:${server.port} HTTP/1.1\r\n`);
    expect(proxy.heads[0]).toContain(`Proxy-Authorization: ${BASIC}`);
    expect(server.requests[0]).toStartWith("GET /p HTTP/1.1");
    expect(server.requests[0]).not.toContain(BASIC);
  });

  test("plain http goes through a tunnel too, so that the address stays pinned", async () => {
    const server = await httpServer({ "*": answer("plain") });
    closers.push(server.close);
    const proxy = await forwardProxy({ tunnelTo: server.port });
    const policy = loopback({ proxy: { url: proxy.url, resolves: "here" } });
    const reply = await outbound.fetch({ url: `http://a.test:${server.port}/` }, policy);
    expect(await reply.response.text()).toBe("plain");
    expect(proxy.heads[0]).toStartWith("CONNECT 127.0.0.1:");
  });

  test("what the other side says first is not lost on the way out of the tunnel", async () => {
    const proxy = await rawServer((socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\n220 mail"));
    });
    closers.push(proxy.close);
    const policy = loopback({ proxy: { url: `http://127.0.0.1:${proxy.port}`, resolves: "here" } });
    const { socket } = await outbound.connect("a.test", 25, { tls: false }, policy);
    const greeting = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
    expect(greeting.toString()).toBe("220 mail");
    socket.destroy();
  });

  test("a refused address never reaches the proxy", async () => {
    const proxy = await forwardProxy({ say: answer("never") });
    const policy = loopback({ proxy: { url: proxy.url, resolves: "here" } });
    expect(await outcomeOf(outbound.fetch({ url: "http://inner.test/" }, policy))).toBe("refused_address");
    expect(proxy.connections()).toBe(0);
  });

  test.each([
    "HTTP/1.1 407 Auth\r\n\r\n",
    "HTTP/1.1 502 No\r\n\r\n",
    "garbage\r\n\r\n",
    "",
    "x".repeat(20_000),
  ])("a proxy that answers %.20j fails as the proxy", async (say) => {
    const proxy = await forwardProxy({ say });
    const policy = loopback({ proxy: { url: proxy.url, resolves: "here" } });
    expect(await outcomeOf(outbound.fetch({ url: "https://a.test/" }, policy))).toBe("proxy_failed");
  });
});

describe("through a proxy that resolves", () => {
  const outbound = outboundWith(new TableResolver({}));

  test("plain http uses the absolute form, https a tunnel by name", async () => {
    const proxy = await forwardProxy({ say: answer("from proxy") });
    const policy = loopback({ proxy: { url: proxy.url, resolves: "proxy" } });
    const reply = await outbound.fetch({ url: "http://far.test/x?y" }, policy);
    expect(await reply.response.text()).toBe("from proxy");
    expect(reply.address).toBeUndefined();
    expect(proxy.heads[0]).toStartWith("GET http://far.test/x?y HTTP/1.1\r\n");
    expect(proxy.heads[0]).toContain(`proxy-authorization: ${BASIC}`);
    const refusing = await forwardProxy({ say: "HTTP/1.1 403 No\r\n\r\n" });
    const tunnelled = loopback({ proxy: { url: refusing.url, resolves: "proxy" } });
    expect(await outcomeOf(outbound.fetch({ url: "https://far.test/" }, tunnelled))).toBe("proxy_failed");
    expect(refusing.heads[0]).toStartWith("CONNECT far.test:443 HTTP/1.1\r\n");
  });

  test("addresses and names of this machine are judged all the same", async () => {
    const proxy = await forwardProxy({ say: answer("never") });
    const policy = loopback({ proxy: { url: proxy.url, resolves: "proxy" } });
    expect(await outcomeOf(outbound.fetch({ url: "http://10.0.0.1/" }, policy))).toBe("refused_address");
    expect(await outcomeOf(outbound.fetch({ url: "http://localhost/" }, policy))).toBe("refused_host");
    expect(proxy.connections()).toBe(0);
  });
});
