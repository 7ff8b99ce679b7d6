import { Type } from "@sinclair/typebox";
import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Outbound } from "../../outbound/outbound.ts";
import { OutboundError } from "../../outbound/outcome.ts";
import type { TlsPolicy } from "../../outbound/policy.ts";
import { secure } from "../../outbound/sockets.ts";
import { authorityOf, parseTarget, type Target } from "../../outbound/target.ts";
import { type TlsPeer, tlsPeerOf } from "../../outbound/tls-peer.ts";
import type { PluginDecisions } from "./decisions.ts";
import type { ResolvedGrants } from "./grants.ts";
import { asDenial, GrantedPolicy } from "./net-policy.ts";
import { openStream } from "./open-stream.ts";
import { OpenCount } from "./rate.ts";
import { type BrokerCall, method, type ServedMethod } from "./served-method.ts";
import { SocketStreams } from "./socket-streams.ts";

const MAX_CONNECTIONS = 16;
const IDLE_TIMEOUT_MS = 300_000;
const TLS_TIMEOUT_MS = 10_000;
const MAX_HOST_LENGTH = 253;

const StreamNumber = Type.Integer({ minimum: 0 });
const HostName = Type.String({ minLength: 1, maxLength: MAX_HOST_LENGTH });
const closed = { additionalProperties: false };
const Connect = Type.Object(
  {
    host: HostName,
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    tls: Type.Boolean(),
    serverName: Type.Optional(HostName),
    write: StreamNumber,
  },
  closed,
);
const StartTls = Type.Object(
  { read: StreamNumber, serverName: Type.Optional(HostName), write: StreamNumber },
  closed,
);

interface Connection {
  target: Target;
  streams: SocketStreams;
}

interface ConnectParts {
  outbound: Outbound;
  clock: Clock;
  /** Absent outside tests: certificates are judged by the built-in authorities. */
  tls?: TlsPolicy | undefined;
}

/** `ctx.connect` of one plugin: TCP and TLS to granted places, and TLS begun later in an open connection. */
export class Connections {
  readonly methods: Record<"connect" | "connect.startTls", ServedMethod>;
  readonly #parts: ConnectParts;
  readonly #policy: GrantedPolicy;
  readonly #open = new OpenCount(MAX_CONNECTIONS);
  /** By the number of the stream towards the plugin. */
  readonly #connections = new Map<number, Connection>();

  /** @param ended opens nothing any more. */
  constructor(parts: ConnectParts, grants: ResolvedGrants, decisions: PluginDecisions, ended: AbortSignal) {
    this.#parts = parts;
    this.#policy = new GrantedPolicy(grants, decisions, { idleTimeoutMs: IDLE_TIMEOUT_MS });
    this.methods = {
      connect: method(Connect, async ({ host, port, tls, serverName, write }, call) => {
        const target = named(parseTarget(host, port), serverName);
        const release = this.#open.take("connections");
        try {
          const signal = AbortSignal.any([call.signal, ended]);
          const { socket } = await parts.outbound.connect(host, port, { tls: false, signal }, this.#policy);
          socket.once("close", release);
          return this.#joined(
            target,
            tls ? await this.#secured(socket, target, signal) : socket,
            write,
            call,
          );
        } catch (error) {
          release();
          throw asDenial(error, authorityOf(target), decisions);
        }
      }),
      "connect.startTls": method(StartTls, async ({ read, serverName, write }, call) => {
        const connection = this.#connections.get(read);
        if (!connection)
          throw new AppError("invalid_request", `There is no open connection of stream ${read}.`);
        this.#connections.delete(read);
        const target = named(connection.target, serverName);
        const plain = await connection.streams.detach();
        return this.#joined(target, await this.#secured(plain, target, call.signal), write, call);
      }),
    };
  }

  close(): void {
    for (const { streams } of this.#connections.values()) streams.close();
    this.#connections.clear();
  }

  #joined(
    target: Target,
    socket: SocketStreams["socket"],
    write: number,
    { streams }: BrokerCall,
  ): { read: number; tls?: TlsPeer } {
    const joined = new SocketStreams(socket);
    try {
      joined.write(streams.accept(write));
      const read = openStream(streams, joined.reading);
      this.#connections.set(read, { target, streams: joined });
      socket.once("close", () => {
        if (this.#connections.get(read)?.streams === joined) this.#connections.delete(read);
      });
      const tls = tlsPeerOf(socket);
      return { read, ...(tls ? { tls } : {}) };
    } catch (error) {
      joined.close();
      throw error;
    }
  }

  async #secured(plain: SocketStreams["socket"], target: Target, signal: AbortSignal): Promise<typeof plain> {
    const late = new AbortController();
    const timer = this.#parts.clock.after(TLS_TIMEOUT_MS, () => {
      late.abort(new OutboundError("timed_out", `${target.host} did not begin TLS in time.`));
    });
    try {
      return await secure(
        plain,
        target,
        false,
        this.#parts.tls ?? {},
        AbortSignal.any([signal, late.signal]),
      );
    } catch (error) {
      plain.destroy();
      throw error;
    } finally {
      timer.cancel();
    }
  }
}

/**
 * The name that the certificate must be for. Only an address can go by a name of the plugin's choosing: for a granted
 * name it would be a way to another site behind the same address.
 */
function named(target: Target, serverName: string | undefined): Target {
  if (serverName === undefined) return target;
  const name = parseTarget(serverName, target.port);
  if (name.host === target.host) return target;
  if (target.address && !name.address) return { ...target, host: name.host, address: undefined };
  throw new AppError(
    "invalid_request",
    "serverName is the host itself, or the name of a host given by its address.",
  );
}
