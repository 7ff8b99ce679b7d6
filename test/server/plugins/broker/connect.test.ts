import { afterAll, describe, expect, test } from "bun:test";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { NetGrant } from "../../../../schema/plugin/manifest.ts";
import { until } from "../../events/bus.ts";
import { certificateFor, rawServer, TableResolver } from "../../outbound/local-servers.ts";
import { BrokerHouse, codeOf, type TestPlugin } from "./broker-house.ts";

const why = "test";
const NAMES = { "mail.test": ["127.0.0.1"], "other.test": ["127.0.0.1"] };
const closers: (() => void)[] = [];
const kept = <T extends { close: () => void }>(server: T): T => {
  closers.push(server.close);
  return server;
};
afterAll(() => {
  for (const close of closers) close();
});

const grant = (host: string, port: number): NetGrant => ({ host, port, private: true, why });
const resolver = () => new TableResolver(NAMES);
const echo = (socket: Socket): void => void socket.pipe(socket);

/** Both ends of the plugin's side of a connection. */
function pipe(plugin: TestPlugin) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  return {
    write: plugin.streams.offer(readable),
    say: (text: string) => writer.write(encoder.encode(text)),
    end: () => writer.close(),
  };
}

/** Reads until `ending` was said. */
async function heard(reader: ReadableStreamDefaultReader<Uint8Array>, ending: string): Promise<string> {
  let text = "";
  while (!text.endsWith(ending)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  return text;
}

describe("connect", () => {
  test("opens both ways to a granted place; the plugin's end is the connection's", async () => {
    await using house = await BrokerHouse.open({ resolver: resolver() });
    const server = kept(await rawServer(echo));
    const plugin = house.plugin({ permissions: { net: [grant("mail.test", server.port)] } });
    const { write, say, end } = pipe(plugin);
    const { read } = await plugin.call("connect", {
      host: "MAIL.test.",
      port: server.port,
      tls: false,
      write,
    });
    const reader = plugin.streams.at(read).getReader();
    await say("ping\n");
    expect(await heard(reader, "\n")).toBe("ping\n");
    await end();
    expect(await reader.read()).toMatchObject({ done: true });
  });

  test.each<[string, NetGrant[]]>([
    ["no grant", []],
    ["another host's", [{ host: "other.test", private: true, why }]],
    ["one without private addresses", [{ host: "mail.test", why }]],
  ])("is denied with %s", async (_what, net) => {
    await using house = await BrokerHouse.open({ resolver: resolver() });
    const server = kept(await rawServer(echo));
    const plugin = house.plugin({ permissions: { net: net.map((one) => ({ ...one, port: server.port })) } });
    const call = plugin.call("connect", {
      host: "mail.test",
      port: server.port,
      tls: false,
      write: pipe(plugin).write,
    });
    expect(await codeOf(call)).toBe("permission_denied");
    expect(server.connections()).toBe(0);
    expect(await house.denials()).toHaveLength(1);
  });

  test("with TLS asks for a certificate of the granted name", async () => {
    const [mail, other] = [await certificateFor("mail.test"), await certificateFor("other.test")];
    const tls = { ca: `${mail.cert}\n${other.cert}` };
    await using house = await BrokerHouse.open({ resolver: resolver(), tls });
    const [right, wrong] = [kept(await rawServer(echo, mail)), kept(await rawServer(echo, other))];
    const net = [
      grant("mail.test", right.port),
      grant("mail.test", wrong.port),
      grant("127.0.0.1", right.port),
    ];
    const plugin = house.plugin({ permissions: { net } });
    const { write, say } = pipe(plugin);
    const { read, tls: peer } = await plugin.call("connect", {
      host: "mail.test",
      port: right.port,
      tls: true,
      write,
    });
    expect(peer?.subject).toBe("CN=mail.test");
    const reader = plugin.streams.at(read).getReader();
    await say("hello over tls\n");
    expect(await heard(reader, "\n")).toBe("hello over tls\n");
    await reader.cancel();
    await until(() => house.parts.outbound.status().open === 0);
    const open = (host: string, port: number, serverName?: string) =>
      codeOf(
        plugin.call("connect", {
          host,
          port,
          tls: true,
          write: pipe(plugin).write,
          ...(serverName ? { serverName } : {}),
        }),
      );
    expect(await open("mail.test", wrong.port)).toBe("outbound_failed");
    // A name of the plugin's choosing would lead to another site behind the granted one.
    expect(await open("mail.test", wrong.port, "other.test")).toBe("invalid_request");
    expect(await open("127.0.0.1", right.port, "mail.test")).toBe("ok");
    expect(await open("127.0.0.1", right.port)).toBe("outbound_failed");
  });

  test("is limited in number; each that ends makes room", async () => {
    await using house = await BrokerHouse.open({ resolver: resolver() });
    const server = kept(await rawServer(echo));
    const plugin = house.plugin({ permissions: { net: [grant("mail.test", server.port)] } });
    const open = async () => {
      const { write, end } = pipe(plugin);
      const { read } = await plugin.call("connect", {
        host: "mail.test",
        port: server.port,
        tls: false,
        write,
      });
      return { read, end };
    };
    const opened = await Promise.all(Array.from({ length: 16 }, open));
    expect(await codeOf(open())).toBe("overloaded");
    const [first] = opened;
    await plugin.streams.at(first?.read).cancel();
    await until(() => house.parts.outbound.status().open === 15);
    expect(await codeOf(open())).toBe("ok");
  });

  test("ends with the session", async () => {
    await using house = await BrokerHouse.open({ resolver: resolver() });
    const ended = Promise.withResolvers<void>();
    const server = kept(await rawServer((socket) => socket.once("close", () => ended.resolve()).resume()));
    const plugin = house.plugin({ permissions: { net: [grant("mail.test", server.port)] } });
    const { write } = pipe(plugin);
    const { read } = await plugin.call("connect", {
      host: "mail.test",
      port: server.port,
      tls: false,
      write,
    });
    const reading = plugin.streams.at(read).getReader().read();
    await plugin.session.close();
    await ended.promise;
    expect(await reading).toMatchObject({ done: true });
  });

  test("reads no faster than the plugin does", async () => {
    await using house = await BrokerHouse.open({ resolver: resolver() });
    let sentBytes = 0;
    const chunk = Buffer.alloc(64 * 1_024);
    const filled = Promise.withResolvers<void>();
    const server = kept(
      await rawServer((socket) => {
        for (let index = 0; index < 4_096 && socket.writableLength < 16 * chunk.length; index++) {
          socket.write(chunk);
          sentBytes += chunk.length;
        }
        filled.resolve();
      }),
    );
    const plugin = house.plugin({ permissions: { net: [grant("mail.test", server.port)] } });
    const { write } = pipe(plugin);
    const { read } = await plugin.call("connect", {
      host: "mail.test",
      port: server.port,
      tls: false,
      write,
    });
    const reader = plugin.streams.at(read).getReader();
    await filled.promise;
    let receivedBytes = 0;
    while (receivedBytes < sentBytes) receivedBytes += (await reader.read()).value?.length ?? 0;
    expect(receivedBytes).toBe(sentBytes);
    await reader.cancel();
  });
});

describe("STARTTLS", () => {
  const startTlsServer = async (certificate: { key: string; cert: string }) =>
    kept(
      await rawServer((socket) => {
        socket.write("220 ready\n");
        socket.once("data", () => {
          socket.write("220 go ahead\n");
          const secured = new TLSSocket(socket, { isServer: true, ...certificate });
          secured.on("error", () => secured.destroy());
          secured.on("data", (bytes) => secured.write(`tls:${bytes}`));
        });
      }),
    );
  const plainly = async (plugin: TestPlugin, port: number) => {
    const plain = pipe(plugin);
    const { read } = await plugin.call("connect", {
      host: "mail.test",
      port,
      tls: false,
      write: plain.write,
    });
    const reader = plugin.streams.at(read).getReader();
    expect(await heard(reader, "\n")).toBe("220 ready\n");
    await plain.say("STARTTLS\n");
    expect(await heard(reader, "ahead\n")).toBe("220 go ahead\n");
    return { read, reader };
  };

  test("turns an open connection into TLS for the granted name", async () => {
    const mail = await certificateFor("mail.test");
    await using house = await BrokerHouse.open({ resolver: resolver(), tls: { ca: mail.cert } });
    const { port } = await startTlsServer(mail);
    const plugin = house.plugin({ permissions: { net: [grant("mail.test", port)] } });
    const { read, reader } = await plainly(plugin, port);
    const secured = pipe(plugin);
    const begun = await plugin.call("connect.startTls", { read, write: secured.write });
    expect(await reader.read()).toMatchObject({ done: true });
    await secured.say("EHLO\n");
    expect(await heard(plugin.streams.at(begun.read).getReader(), "\n")).toBe("tls:EHLO\n");
    expect(await codeOf(plugin.call("connect.startTls", { read, write: pipe(plugin).write }))).toBe(
      "invalid_request",
    );
  });

  test("fails with another name's certificate, and on a stream that is none", async () => {
    const [mail, other] = [await certificateFor("mail.test"), await certificateFor("other.test")];
    const tls = { ca: `${mail.cert}\n${other.cert}` };
    await using house = await BrokerHouse.open({ resolver: resolver(), tls });
    const { port } = await startTlsServer(other);
    const plugin = house.plugin({ permissions: { net: [grant("mail.test", port)] } });
    const { read } = await plainly(plugin, port);
    expect(await codeOf(plugin.call("connect.startTls", { read, write: pipe(plugin).write }))).toBe(
      "outbound_failed",
    );
    expect(await codeOf(plugin.call("connect.startTls", { read: 999, write: pipe(plugin).write }))).toBe(
      "invalid_request",
    );
  });

  test("takes no words that were said before it as said within it", async () => {
    const mail = await certificateFor("mail.test");
    await using house = await BrokerHouse.open({ resolver: resolver(), tls: { ca: mail.cert } });
    const { port } = kept(await rawServer((socket) => void socket.write(Buffer.alloc(4 * 1_024 * 1_024))));
    const plugin = house.plugin({ permissions: { net: [grant("mail.test", port)] } });
    const { read } = await plugin.call("connect", {
      host: "mail.test",
      port,
      tls: false,
      write: pipe(plugin).write,
    });
    await plugin.streams.at(read).getReader().read();
    expect(await codeOf(plugin.call("connect.startTls", { read, write: pipe(plugin).write }))).toBe(
      "outbound_failed",
    );
  });
});
