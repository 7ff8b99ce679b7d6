import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { ManualClock } from "../../support/manual-clock.ts";
import { until, untilQuiet } from "../../support/until.ts";
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

const NAMES = { "a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"] };
const outbound = outboundWith(new TableResolver(NAMES));
const closers: (() => void)[] = [];
const kept = <T extends { close: () => void }>(server: T): T => {
  closers.push(server.close);
  return server;
};
afterAll(() => {
  for (const close of closers) close();
});

describe("a plain request", () => {
  test("goes to the address that was resolved, under the name that was asked for", async () => {
    const resolver = new TableResolver(NAMES);
    const server = kept(
      await httpServer({ "/x?y=1": answer("hello", "X-Kind: test\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n") }),
    );
    const url = `http://A.test:${server.port}/x?y=1#part`;
    const reply = await outboundWith(resolver).fetch({ url, headers: { "X-Own": "1" } }, loopback());
    expect(await reply.response.text()).toBe("hello");
    expect(reply.response.headers.get("x-kind")).toBe("test");
    expect(reply.response.headers.getSetCookie()).toEqual(["a", "b"]);
    expect(reply).toMatchObject({
      address: "127.0.0.1",
      redirects: 0,
      url: `http://a.test:${server.port}/x?y=1`,
    });
    expect(server.requests[0]).toStartWith("GET /x?y=1 HTTP/1.1\r\n");
    expect(server.requests[0]).toContain(`host: a.test:${server.port}\r\n`);
    expect(server.requests[0]).toContain("x-own: 1\r\n");
    expect(resolver.lookups).toEqual(["a.test"]);
  });

  test("sends a body with its length, or a stream in chunks", async () => {
    const server = kept(await httpServer({ "*": answer("ok") }));
    const url = `http://a.test:${server.port}/`;
    await (await outbound.fetch({ url, method: "post", body: "häm" }, loopback())).response.text();
    const stream = new Response("streamed").body ?? undefined;
    await (
      await outbound.fetch({ url, method: "PUT", ...(stream ? { body: stream } : {}) }, loopback())
    ).response.text();
    expect(server.requests[0]).toContain("content-length: 4\r\n");
    expect(server.requests[1]?.toLowerCase()).toContain("transfer-encoding: chunked");
  });

  test("ignores the proxy settings of the environment", async () => {
    const server = kept(await httpServer({ "*": answer("direct") }));
    const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"];
    for (const name of names) process.env[name] = "http://127.0.0.1:1";
    try {
      const { response } = await outbound.fetch({ url: `http://a.test:${server.port}/` }, loopback());
      expect(await response.text()).toBe("direct");
    } finally {
      for (const name of names) delete process.env[name];
    }
  });

  test.each([
    ["another host", { headers: { Host: "evil.test" } }],
    ["another framing", { headers: { "Transfer-Encoding": "chunked" } }],
    ["another length", { headers: { "Content-Length": "5" } }],
    ["a second header in a value", { headers: { "X-A": "a\r\nX-B: b" } }],
    ["a space in a name", { headers: { "X A": "a" } }],
    [
      "too many headers",
      { headers: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`x-${n}`, "1"])) },
    ],
    ["too long headers", { headers: { "x-long": "a".repeat(20_000) } }],
    ["CONNECT", { method: "CONNECT" }],
    ["TRACE", { method: "TRACE" }],
    ["a request in the method", { method: "GET / HTTP/1.1\r\nX: y" }],
  ])("is refused when it could be more than one request: %s", async (_what, request) => {
    expect(await outcomeOf(outbound.fetch({ url: "http://a.test/", ...request }, loopback()))).toBe(
      "invalid_request",
    );
  });

  test("leaves no connection behind", async () => {
    const own = outboundWith(new TableResolver(NAMES));
    const server = kept(await httpServer({ "*": answer("x".repeat(100_000)) }));
    const url = `http://a.test:${server.port}/`;
    const read = await own.fetch({ url }, loopback());
    await read.response.text();
    const left = await own.fetch({ url }, loopback());
    await left.response.body?.cancel();
    await until(() => own.status().open === 0);
    expect(own.status()).toEqual({ open: 0, outcomes: { ok: 2 } });
  });
});

describe("DNS rebinding", () => {
  test("a name that changes its answer after the check gains nothing", async () => {
    const resolver = new TableResolver({ "rebind.test": [["127.0.0.2"], ["127.0.0.1"]] });
    const inner = kept(await httpServer({ "*": answer("secret") }));
    const url = `http://rebind.test:${inner.port}/`;
    const policy = loopback({ allow: ["127.0.0.2"] });
    const first = await outcomeOf(outboundWith(resolver).fetch({ url }, policy));
    expect(first).toBe("connect_failed"); // 127.0.0.2 was judged, so 127.0.0.2 was connected to
    expect(resolver.lookups).toHaveLength(1);
    expect(await outcomeOf(outboundWith(resolver).fetch({ url }, policy))).toBe("refused_address");
    expect(inner.connections()).toBe(0);
  });

  test("each redirect is resolved and judged anew", async () => {
    const resolver = new TableResolver({ "rebind.test": [["127.0.0.1"], ["10.0.0.1"]] });
    const server = kept(await httpServer({ "/": redirect("/again"), "/again": answer("never") }));
    const outcome = await outcomeOf(
      outboundWith(resolver).fetch({ url: `http://rebind.test:${server.port}/` }, loopback()),
    );
    expect(outcome).toBe("refused_address");
    expect(server.requests).toHaveLength(1);
  });
});

describe("redirects", () => {
  test("are followed, and become GET where they do by custom", async () => {
    const server = kept(
      await httpServer({
        "/a": redirect("/b?q#f", "303 See Other"),
        "/b?q": redirect("c", "302 Found"),
        "/c": answer("end"),
      }),
    );
    const request = {
      url: `http://a.test:${server.port}/a`,
      method: "POST",
      body: "secret",
      headers: { "content-type": "text/plain" },
    };
    const reply = await outbound.fetch(request, loopback());
    expect(await reply.response.text()).toBe("end");
    expect(reply).toMatchObject({ redirects: 2, url: `http://a.test:${server.port}/c` });
    expect(server.requests.map((text) => text.split(" ")[0])).toEqual(["POST", "GET", "GET"]);
    expect(server.requests[1]).not.toContain("secret");
    expect(server.requests[1]).not.toContain("content-");
  });

  test("307 repeats method and body on the same origin", async () => {
    const server = kept(
      await httpServer({ "/a": redirect("/b", "307 Temporary Redirect"), "/b": answer("end") }),
    );
    const request = { url: `http://a.test:${server.port}/a`, method: "POST", body: "again" };
    await (await outbound.fetch(request, loopback())).response.text();
    expect(server.requests[1]).toStartWith("POST /b ");
    expect(server.requests[1]).toEndWith("again");
  });

  test("a body that was a stream is not asked for again", async () => {
    const server = kept(
      await httpServer({ "/a": redirect("/b", "307 Temporary Redirect"), "/b": answer("end") }),
    );
    const request = {
      url: `http://a.test:${server.port}/a`,
      method: "POST",
      body: new Blob(["once"]).stream(),
    };
    expect(await outcomeOf(outbound.fetch(request, loopback()))).toBe("refused_redirect");
    expect(server.requests).toHaveLength(1);
  });

  test("to another origin they carry no credential and no body", async () => {
    const other = kept(await httpServer({ "*": answer("other") }));
    const server = kept(
      await httpServer({
        "/get": redirect(`http://b.test:${other.port}/`),
        "/post": redirect(`http://b.test:${other.port}/`, "308 Permanent Redirect"),
      }),
    );
    const headers = {
      Authorization: "Bearer s3",
      Cookie: "s3",
      "X-Api-Key": "s3",
      "X-Amz-Security-Token": "s3",
      "X-Plain": "s3",
      "X-Kept": "kept",
    };
    const url = `http://a.test:${server.port}`;
    const reply = await outbound.fetch(
      { url: `${url}/get`, headers, credentialHeaders: ["X-Plain"] },
      loopback(),
    );
    expect(await reply.response.text()).toBe("other");
    expect(server.requests[0]).toContain("s3");
    expect(other.requests[0]).not.toContain("s3");
    expect(other.requests[0]).toContain("x-kept: kept");
    const post = outbound.fetch({ url: `${url}/post`, method: "POST", body: "s3" }, loopback());
    expect(await outcomeOf(post)).toBe("refused_redirect");
    expect(other.requests).toHaveLength(1);
  });

  test.each([
    ["http://169.254.169.254/latest/", "refused_address"],
    ["http://localhost/", "refused_host"],
    ["http://0x7f.1.:80/", "connect_failed"],
    ["http://u:p@b.test/", "invalid_request"],
    ["file:///etc/passwd", "invalid_request"],
    ["//10.0.0.1/", "refused_address"],
    ["\\\\10.0.0.1\\", "refused_address"],
  ] as const)("to %s end as %s", async (location, expected) => {
    const server = kept(await httpServer({ "*": redirect(location) }));
    expect(await outcomeOf(outbound.fetch({ url: `http://a.test:${server.port}/` }, loopback()))).toBe(
      expected,
    );
  });

  test("have a limit; with a limit of 0 the redirect is the answer", async () => {
    const server = kept(await httpServer({ "*": redirect("/") }));
    const url = `http://a.test:${server.port}/`;
    expect(await outcomeOf(outbound.fetch({ url }, loopback({ maxRedirects: 3 })))).toBe(
      "too_many_redirects",
    );
    expect(server.requests).toHaveLength(4);
    const { response } = await outbound.fetch({ url }, loopback({ maxRedirects: 0 }));
    expect(response.status).toBe(302);
    await response.body?.cancel();
  });

  test("without a place to go are a fault of the protocol", async () => {
    const server = kept(await httpServer({ "*": "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n" }));
    expect(await outcomeOf(outbound.fetch({ url: `http://a.test:${server.port}/` }, loopback()))).toBe(
      "protocol_failed",
    );
  });
});

describe("TLS", () => {
  let certificate: { key: string; cert: string };
  beforeAll(async () => {
    certificate = await certificateFor("a.test");
  });

  test("the certificate must be that of the name, wherever the connection leads", async () => {
    const server = kept(await httpServer({ "*": answer("secure") }, certificate));
    const policy = loopback({ tls: { ca: certificate.cert } });
    const reply = await outbound.fetch({ url: `https://a.test:${server.port}/` }, policy);
    expect(await reply.response.text()).toBe("secure");
    expect(await outcomeOf(outbound.fetch({ url: `https://b.test:${server.port}/` }, policy))).toBe(
      "tls_failed",
    );
    expect(await outcomeOf(outbound.fetch({ url: `https://127.0.0.1:${server.port}/` }, policy))).toBe(
      "tls_failed",
    );
    expect(server.requests).toHaveLength(1);
  });

  test("an unknown authority is refused, unless the policy takes any certificate", async () => {
    const server = kept(await httpServer({ "*": answer("secure") }, certificate));
    const url = `https://a.test:${server.port}/`;
    expect(await outcomeOf(outbound.fetch({ url }, loopback()))).toBe("tls_failed");
    const reply = await outbound.fetch({ url }, loopback({ tls: { acceptInvalid: true } }));
    expect(await reply.response.text()).toBe("secure");
  });

  test("a server that speaks no TLS is a TLS failure", async () => {
    const server = kept(await httpServer({ "*": answer("plain") }));
    expect(await outcomeOf(outbound.fetch({ url: `https://a.test:${server.port}/` }, loopback()))).toBe(
      "tls_failed",
    );
  });

  test("a redirect from https to http is refused", async () => {
    const plain = kept(await httpServer({ "*": answer("plain") }));
    const server = kept(await httpServer({ "*": redirect(`http://a.test:${plain.port}/`) }, certificate));
    const policy = loopback({ tls: { ca: certificate.cert } });
    expect(await outcomeOf(outbound.fetch({ url: `https://a.test:${server.port}/` }, policy))).toBe(
      "refused_redirect",
    );
    expect(plain.connections()).toBe(0);
  });

  test("connect opens TCP and TLS for other protocols", async () => {
    const echo = kept(await rawServer((socket) => socket.pipe(socket), certificate));
    const policy = loopback({ tls: { ca: certificate.cert } });
    const { socket, address } = await outbound.connect("A.test.", echo.port, { tls: true }, policy);
    socket.write("ehlo");
    const [first] = await new Promise<Buffer[]>((resolve) =>
      socket.once("data", (chunk: Buffer) => resolve([chunk])),
    );
    expect(first?.toString()).toBe("ehlo");
    expect(address).toBe("127.0.0.1");
    socket.destroy();
    expect(await outcomeOf(outbound.connect("b.test", echo.port, { tls: true }, policy))).toBe("tls_failed");
  });
});

describe("size", () => {
  const ZEROS = 20_000_000;
  const policy = loopback({ maxResponseBytes: 100_000 });
  const fetchRaw = async (raw: string | Buffer) => {
    const server = kept(await httpServer({ "*": raw }));
    const { response } = await outbound.fetch({ url: `http://a.test:${server.port}/` }, policy);
    return response.bytes();
  };
  const compressed = (coding: string, body: Uint8Array) =>
    Buffer.concat([
      Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`),
      body,
    ]);

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", quickBrotli],
    ["zstd", zstdCompressSync],
  ] as const)("%s is undone, and a bomb stops at the limit", async (coding, compress) => {
    expect(Buffer.from(await fetchRaw(compressed(coding, compress("small")))).toString()).toBe("small");
    expect(await outcomeOf(fetchRaw(compressed(coding, compress(Buffer.alloc(ZEROS)))))).toBe("too_large");
  });

  test("an announced length over the limit is refused before the body", async () => {
    expect(await outcomeOf(fetchRaw(`HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n`))).toBe("too_large");
  });

  test("a length that is not announced is counted", async () => {
    expect(await outcomeOf(fetchRaw(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(200_000)}`))).toBe("too_large");
    const chunk = `ffff\r\n${"x".repeat(0xffff)}\r\n`;
    expect(
      await outcomeOf(
        fetchRaw(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`),
      ),
    ).toBe("too_large");
  });

  test("stacked and unknown codings are refused", async () => {
    const twice = gzipSync(gzipSync("x"));
    expect(await outcomeOf(fetchRaw(compressed("gzip, gzip", twice)))).toBe("protocol_failed");
    expect(await outcomeOf(fetchRaw(compressed("constructor", twice)))).toBe("protocol_failed");
  });

  test("damaged compression and a cut answer are named", async () => {
    const body = gzipSync("some text that is long enough to be cut");
    expect(await outcomeOf(fetchRaw(compressed("gzip", body.subarray(0, 20))))).toBe("protocol_failed");
    expect(await outcomeOf(fetchRaw(compressed("gzip", Buffer.from("no gzip at all"))))).toBe(
      "protocol_failed",
    );
    expect(await outcomeOf(fetchRaw("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort"))).toBe(
      "connection_lost",
    );
  });

  test("a reader that stops reading stops the sender", async () => {
    let sentBytes = 0;
    const sender = kept(
      await rawServer((socket) => {
        socket.once("data", () => {
          socket.write("HTTP/1.1 200 OK\r\n\r\n");
          const chunk = Buffer.alloc(65_536);
          const send = (): void => {
            while (!socket.destroyed && sentBytes < ZEROS) {
              sentBytes += chunk.length;
              if (!socket.write(chunk)) {
                socket.once("drain", send);
                return;
              }
            }
          };
          send();
        });
      }),
    );
    const wide = loopback({ maxResponseBytes: ZEROS * 2 });
    const { response } = await outbound.fetch({ url: `http://a.test:${sender.port}/` }, wide);
    const reader = response.body?.getReader();
    await reader?.read();
    await untilQuiet(() => sentBytes);
    expect(sentBytes).toBeLessThan(ZEROS / 2);
    await reader?.cancel();
  });
});

describe("answers that are none", () => {
  const refusedBy = async (raw: string) => {
    const server = kept(await httpServer({ "*": raw }));
    return outcomeOf(outbound.fetch({ url: `http://a.test:${server.port}/` }, loopback()));
  };

  test.each([
    ["no HTTP", "garbage\r\n\r\n", "protocol_failed"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "protocol_failed"],
    [
      "endless headers",
      `HTTP/1.1 200 OK\r\n${"x-a: aaaaaaaaaaaaaaaaaaaa\r\n".repeat(5_000)}\r\n`,
      "protocol_failed",
    ],
    [
      "another protocol",
      "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
      "protocol_failed",
    ],
    ["an odd status", "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", "protocol_failed"],
    ["silence", "", "connection_lost"],
  ] as const)("%s", async (_what, raw, expected) => {
    expect(await refusedBy(raw)).toBe(expected);
  });
});

describe("time", () => {
  const silent = () => rawServer(() => undefined);

  test("a name that is not resolved, and a TLS handshake that hangs, end at the connect timeout", async () => {
    const clock = new ManualClock();
    const stuck = outboundWith({ resolve: () => new Promise(() => undefined) }, clock);
    const resolving = outcomeOf(stuck.fetch({ url: "http://a.test/" }, loopback()));
    await clock.advance(10_000);
    expect(await resolving).toBe("timed_out");
    const server = kept(await silent());
    const handshake = outboundWith(new TableResolver(NAMES), clock);
    const shaking = outcomeOf(handshake.fetch({ url: `https://a.test:${server.port}/` }, loopback()));
    await until(() => server.connections() === 1);
    await clock.advance(10_000);
    expect(await shaking).toBe("timed_out");
    expect(handshake.status().open).toBe(0);
  });

  test("an answer that never comes, and one that drips, end at the total timeout", async () => {
    const clock = new ManualClock();
    const own = outboundWith(new TableResolver(NAMES), clock);
    const server = kept(await silent());
    const waiting = outcomeOf(own.fetch({ url: `http://a.test:${server.port}/` }, loopback()));
    await until(() => server.connections() === 1);
    await clock.advance(30_000);
    expect(await waiting).toBe("timed_out");
    const dripping = kept(await rawServer((socket) => void socket.write("HTTP/1.1 200 OK\r\n\r\ndrip")));
    const { response } = await own.fetch({ url: `http://a.test:${dripping.port}/` }, loopback());
    const body = outcomeOf(response.text());
    await clock.advance(30_000);
    expect(await body).toBe("timed_out");
  });

  test("silence ends it", async () => {
    const server = kept(await silent());
    const policy = loopback({ idleTimeoutMs: 50 });
    expect(await outcomeOf(outbound.fetch({ url: `http://a.test:${server.port}/` }, policy))).toBe(
      "timed_out",
    );
  });

  test("the caller can cancel, before, during and while the body is read", async () => {
    const server = kept(await silent());
    const url = `http://a.test:${server.port}/`;
    expect(await outcomeOf(outbound.fetch({ url, signal: AbortSignal.abort() }, loopback()))).toBe(
      "cancelled",
    );
    const controller = new AbortController();
    const waiting = outcomeOf(outbound.fetch({ url, signal: controller.signal }, loopback()));
    await until(() => server.connections() === 1);
    controller.abort();
    expect(await waiting).toBe("cancelled");
    const dripping = kept(await rawServer((socket) => void socket.write("HTTP/1.1 200 OK\r\n\r\ndrip")));
    const late = new AbortController();
    const { response } = await outbound.fetch(
      { url: `http://a.test:${dripping.port}/`, signal: late.signal },
      loopback(),
    );
    const body = outcomeOf(response.text());
    late.abort();
    expect(await body).toBe("cancelled");
  });

  test("the next address of a name is tried when one does not accept", async () => {
    const server = kept(await httpServer({ "*": answer("second") }));
    const own = outboundWith(new TableResolver({ "two.test": ["127.0.0.3", "127.0.0.1"] }));
    const reply = await own.fetch({ url: `http://two.test:${server.port}/` }, loopback());
    expect(await reply.response.text()).toBe("second");
    expect(reply.address).toBe("127.0.0.1");
  });
});

const quickBrotli = (body: string | Uint8Array): Uint8Array =>
  brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });

function redirect(location: string, status = "302 Found"): string {
  return answer("", `Location: ${location}\r\n`, status);
}
