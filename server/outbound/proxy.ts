import type { Socket } from "node:net";
import { AppError } from "../errors/app-error.ts";
import { OutboundError } from "./outcome.ts";
import { authorityOf, type Target } from "./target.ts";

/** A forward proxy, ready to be spoken to. */
export interface ForwardProxy {
  host: string;
  port: number;
  /** Value of `proxy-authorization`, when the URL holds a name and password. */
  authorization: string | undefined;
}

const MAX_ANSWER_BYTES = 16_384;
const DEFAULT_PORT = 80;
const END_OF_HEAD = "\r\n\r\n";
const TUNNEL_OPEN = /^HTTP\/1\.[01] 2\d\d[ \r]/;
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;

/** @throws AppError `invalid_configuration` */
export function parseProxy(text: string): ForwardProxy {
  const url = URL.parse(text);
  if (url?.protocol !== "http:" || url.hostname === "") {
    throw new AppError("invalid_configuration", "A proxy is written http://[user:password@]host:port.");
  }
  const credentials = [url.username, url.password].map(decodeURIComponent).join(":");
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    authorization: url.username === "" ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`,
  };
}

/**
 * Asks a proxy, over an open connection to it, for a tunnel (RFC 9110 §9.3.6).
 * @throws OutboundError `proxy_failed`, or the signal's reason
 */
export async function openTunnel(
  socket: Socket,
  proxy: ForwardProxy,
  target: Target,
  signal: AbortSignal,
): Promise<void> {
  const authority = authorityOf(target);
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (proxy.authorization !== undefined) lines.push(`Proxy-Authorization: ${proxy.authorization}`);
  socket.write(`${lines.join("\r\n")}${END_OF_HEAD}`);
  const head = await readHead(socket, signal);
  if (TUNNEL_OPEN.test(head)) return;
  socket.destroy();
  const status = STATUS_LINE.exec(head)?.[1] ?? "no HTTP status";
  throw new OutboundError("proxy_failed", `The proxy did not open a tunnel to ${target.host} (${status}).`);
}

/**
 * Reads up to the empty line; what comes after it goes back into the socket. It reads by `readable`: a `data` listener
 * would leave the socket flowing, or paused for good, and the next reader would miss the first bytes.
 */
function readHead(socket: Socket, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let received: Buffer = Buffer.alloc(0);
  const read = (): void => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
      received = Buffer.concat([received, chunk]);
    }
    const end = received.indexOf(END_OF_HEAD);
    if (end >= 0) {
      socket.off("readable", read);
      const rest = received.subarray(end + END_OF_HEAD.length);
      if (rest.length > 0) socket.unshift(rest);
      resolve(received.toString("latin1", 0, end + 2));
    } else if (received.length > MAX_ANSWER_BYTES) lose();
  };
  const lose = (): void => {
    socket.destroy();
    reject(new OutboundError("proxy_failed", "The proxy did not answer as one."));
  };
  const abort = (): void => {
    socket.destroy();
    reject(signal.reason);
  };
  signal.addEventListener("abort", abort, { once: true });
  socket.on("readable", read);
  socket.once("end", lose);
  socket.once("close", lose);
  return promise.finally(() => {
    signal.removeEventListener("abort", abort);
    socket.off("readable", read);
    socket.off("end", lose);
    socket.off("close", lose);
  });
}
