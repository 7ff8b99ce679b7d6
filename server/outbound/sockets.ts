import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { OutboundError } from "./outcome.ts";
import type { TlsPolicy } from "./policy.ts";
import type { Target } from "./target.ts";

const MIN_TLS_VERSION = "TLSv1.2";
/** One request a connection: HTTP/2 would need another client. */
const HTTP_PROTOCOLS = ["http/1.1"];

/**
 * Opens a TCP connection to an address; ends with the signal's reason when that comes first.
 * @throws OutboundError `connect_failed`, or the signal's reason
 */
export async function openTcp(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connectTcp({ host: address, port, noDelay: true, autoSelectFamily: false });
  return opened(socket, "connect", signal, (cause) => {
    return new OutboundError("connect_failed", `No connection to port ${port} (${reasonOf(cause)}).`, cause);
  });
}

/**
 * Wraps an open connection in TLS, for the name that was asked for: the certificate must be that name's, wherever the
 * connection leads.
 * @throws OutboundError `tls_failed`, or the signal's reason
 */
export async function secure(
  socket: Socket,
  target: Target,
  isHttp: boolean,
  { ca, acceptInvalid = false }: TlsPolicy,
  signal: AbortSignal,
): Promise<TLSSocket> {
  signal.throwIfAborted();
  const wrapped = connectTls({
    socket,
    host: target.host,
    ...(target.address ? {} : { servername: target.host }),
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: !acceptInvalid,
    minVersion: MIN_TLS_VERSION,
    ...(isHttp ? { ALPNProtocols: HTTP_PROTOCOLS } : {}),
  });
  return opened(wrapped, "secureConnect", signal, (cause) => {
    return new OutboundError("tls_failed", `TLS with ${target.host} failed (${reasonOf(cause)}).`, cause);
  });
}

/** Settles when the socket is open, has failed or the signal came; then it destroys the socket. */
function opened<S extends Socket>(
  socket: S,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
  failure: (cause: unknown) => OutboundError,
): Promise<S> {
  const { promise, resolve, reject } = Promise.withResolvers<S>();
  const fail = (error: unknown): void => {
    socket.destroy();
    reject(error);
  };
  const abort = (): void => fail(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  // This listener stays for the socket's life: an error nobody waits for would end the process. Later ones reach the
  // reader of the socket as its end.
  socket.on("error", (cause) => fail(failure(cause)));
  socket.once("close", () => fail(failure(undefined)));
  socket.once(event, () => resolve(socket));
  return promise.finally(() => signal.removeEventListener("abort", abort));
}

/** The short reason of a system or TLS failure. */
function reasonOf(cause: unknown): string {
  if (typeof cause !== "object" || cause === null) return "closed by the other side";
  return "code" in cause && typeof cause.code === "string" ? cause.code : "failed";
}
