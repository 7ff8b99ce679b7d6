import type { Connection, ConnectOptions, TlsPeer } from "../../../../plugins/sdk/index.ts";
import type { ServerLine } from "../server-line.ts";
import { endingWith } from "./streams.ts";

/**
 * A connection by way of the server, which decides whether the plugin may. It ends with the call.
 * @throws ServerError `permission_denied` and why it failed
 */
export async function connect(
  line: ServerLine,
  signal: AbortSignal,
  { host, port, tls = false, serverName }: ConnectOptions,
): Promise<Connection> {
  return joined(line, signal, (write) =>
    line.askWith(
      "connect",
      { host, port, tls, write, ...(serverName === undefined ? {} : { serverName }) },
      [write],
      signal,
    ),
  );
}

async function joined(
  line: ServerLine,
  signal: AbortSignal,
  ask: (write: number) => Promise<{ read: number; tls?: TlsPeer }>,
): Promise<Connection> {
  const { readable: outgoing, writable, end } = pipe();
  const { read, tls } = await ask(line.open(outgoing));
  const closing = new AbortController();
  const readable = endingWith(line.channel.streams.accept(read), AbortSignal.any([signal, closing.signal]));
  return {
    readable,
    writable,
    ...(tls ? { tls } : {}),
    startTls: ({ serverName } = {}) =>
      joined(line, signal, (write) =>
        line.askWith(
          "connect.startTls",
          { read, write, ...(serverName === undefined ? {} : { serverName }) },
          [write],
          signal,
        ),
      ),
    async close() {
      end();
      closing.abort(new Error("The connection was closed."));
    },
  };
}

/** What is written can be read; `end` ends both, whoever holds them. */
function pipe(): TransformStream<Uint8Array, Uint8Array> & { end: () => void } {
  let end = (): void => undefined;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    start(controller) {
      end = () => controller.terminate();
    },
  });
  return { readable, writable, end };
}
