import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { generate } from "selfsigned";
import { systemClock } from "../../../server/lib/clock.ts";
import { Outbound } from "../../../server/outbound/outbound.ts";
import { OutboundError, type OutboundOutcome } from "../../../server/outbound/outcome.ts";
import { OutboundPolicy, type PolicyOptions } from "../../../server/outbound/policy.ts";
import type { Resolver } from "../../../server/outbound/resolver.ts";

/** A certificate for one name, signed by itself: it is its own authority. */
export async function certificateFor(
  name: string,
  notAfterDate?: Date,
): Promise<{ key: string; cert: string }> {
  const { private: key, cert } = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    ...(notAfterDate ? { notAfterDate } : {}),
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: name }] },
    ],
  });
  return { key, cert };
}

/** A resolver over a table; each look-up takes the next answer of a name, the last one stays. */
export class TableResolver implements Resolver {
  readonly lookups: string[] = [];
  readonly #answers: Map<string, (readonly string[])[]>;

  constructor(answers: Record<string, readonly string[] | (readonly string[])[]>) {
    this.#answers = new Map(
      Object.entries(answers).map(([name, given]) => [name, isNested(given) ? [...given] : [given]]),
    );
  }

  async resolve(host: string): Promise<readonly string[]> {
    this.lookups.push(host);
    const answers = this.#answers.get(host);
    const answer = answers && answers.length > 1 ? answers.shift() : answers?.[0];
    if (!answer) throw new Error("NXDOMAIN");
    return answer;
  }
}

const isNested = (given: readonly string[] | (readonly string[])[]): given is (readonly string[])[] =>
  Array.isArray(given[0]);

/** A raw TCP (or TLS) server on loopback: what it says is the test's to write. */
export async function rawServer(
  serve: (socket: Socket) => void,
  tls?: { key: string; cert: string },
): Promise<{ port: number; connections: () => number; close: () => void }> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    serve(socket);
  };
  const server: Server = tls ? createTlsServer(tls, accept) : createTcpServer(accept);
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  return {
    port: address.port,
    connections: () => connections,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Answers each request by what stands in the table for its request line's path; keeps the requests it saw. */
export async function httpServer(
  answers: Record<string, string | Buffer>,
  tls?: { key: string; cert: string },
): Promise<Awaited<ReturnType<typeof rawServer>> & { requests: string[] }> {
  const requests: string[] = [];
  const server = await rawServer((socket) => {
    socket.once("data", (chunk) => {
      const text = chunk.toString("latin1");
      requests.push(text);
      const path = text.split(" ")[1] ?? "";
      socket.end(answers[path] ?? answers["*"] ?? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    });
  }, tls);
  return { ...server, requests };
}

/** An HTTP answer as text. */
export function answer(body: string, headers = "", status = "200 OK"): string {
  return `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** What loopback tests allow; everything else stays at its default. */
export const loopback = (options: PolicyOptions = {}): OutboundPolicy =>
  new OutboundPolicy({ allow: ["127.0.0.0/8"], ...options });

export const outboundWith = (resolver: Resolver, clock = systemClock): Outbound =>
  new Outbound({ clock, resolver });

/** How a call ended: its outcome, or `ok`. */
export async function outcomeOf(call: Promise<unknown>): Promise<OutboundOutcome | "ok"> {
  try {
    await call;
    return "ok";
  } catch (error) {
    if (error instanceof OutboundError) return error.outcome;
    throw error;
  }
}
