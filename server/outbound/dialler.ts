import type { Socket } from "node:net";
import type { Clock } from "../lib/clock.ts";
import { formatAddress, type IpAddress, parseAddress } from "./ip-address.ts";
import { OutboundError } from "./outcome.ts";
import type { OutboundPolicy } from "./policy.ts";
import { type ForwardProxy, openTunnel, parseProxy } from "./proxy.ts";
import type { Resolver } from "./resolver.ts";
import { openTcp, secure } from "./sockets.ts";
import { destinationOf, isMapped } from "./special-purpose.ts";
import type { Target } from "./target.ts";

/** Addresses of one name that are tried; the rest are as unlikely to answer. */
const MAX_ATTEMPTS = 4;
/** Before the next address of a name is tried. */
const ATTEMPT_MS = 3_000;
const MAX_RESOLVED = 64;
const MAX_OPEN_CONNECTIONS = 512;

/** How a connection is wanted. */
export interface DialOptions {
  isSecure: boolean;
  /** The caller speaks HTTP: it says so in TLS, and can put the whole URL on the request line for a proxy without a tunnel. */
  isHttp: boolean;
}

/** An open connection. */
export interface Dialled {
  socket: Socket;
  /** The address that was judged and connected to; undefined when a proxy resolved it. */
  address: string | undefined;
  /** Present when the request line must carry the whole URL to this proxy. */
  proxy: ForwardProxy | undefined;
}

/**
 * Opens connections: judges the host, resolves once, judges every address, connects to a judged address and nowhere
 * else, so that a name which changes its answer in between (DNS rebinding) gains nothing.
 */
export class Dialler {
  readonly #clock: Clock;
  readonly #resolver: Resolver;
  #open = 0;

  constructor(clock: Clock, resolver: Resolver) {
    this.#clock = clock;
    this.#resolver = resolver;
  }

  /** Connections that are open or being opened. */
  get open(): number {
    return this.#open;
  }

  /** @throws OutboundError */
  async dial(
    target: Target,
    options: DialOptions,
    policy: OutboundPolicy,
    signal: AbortSignal,
  ): Promise<Dialled> {
    policy.assertHost(target);
    if (target.address) policy.assertAddress(target, target.address);
    if (this.#open >= MAX_OPEN_CONNECTIONS) {
      throw new OutboundError("overloaded", `${MAX_OPEN_CONNECTIONS} outbound connections are open already.`);
    }
    this.#open++;
    const { connectTimeoutMs } = policy.limits;
    const timer = new AbortController();
    const pending = this.#clock.after(connectTimeoutMs, () => {
      timer.abort(new OutboundError("timed_out", `${target.host} did not accept a connection in time.`));
    });
    try {
      const dialled = await this.#connect(target, options, policy, AbortSignal.any([signal, timer.signal]));
      dialled.socket.once("close", () => this.#open--);
      return dialled;
    } catch (error) {
      this.#open--;
      throw error;
    } finally {
      pending.cancel();
    }
  }

  async #connect(
    target: Target,
    { isSecure, isHttp }: DialOptions,
    policy: OutboundPolicy,
    signal: AbortSignal,
  ): Promise<Dialled> {
    const proxy = policy.proxy && parseProxy(policy.proxy.url);
    const addresses = policy.proxy?.resolves === "proxy" ? [] : await this.#resolve(target, policy, signal);
    const [first] = addresses;
    const reached = proxy
      ? { socket: await openTcp(proxy.host, proxy.port, signal), address: first }
      : await this.#openAny(addresses, target, signal);
    const usesAbsoluteForm = proxy !== undefined && !isSecure && isHttp && first === undefined;
    if (proxy && !usesAbsoluteForm) {
      const pinned = first === undefined ? target : { ...target, host: first, address: parseAddress(first) };
      await openTunnel(reached.socket, proxy, pinned, signal);
    }
    const socket = isSecure
      ? await secure(reached.socket, target, isHttp, policy.tls, signal)
      : reached.socket;
    return { socket, address: reached.address, proxy: usesAbsoluteForm ? proxy : undefined };
  }

  /** All addresses of the target, each judged: a name that also points inside is refused as a whole. */
  async #resolve(target: Target, policy: OutboundPolicy, signal: AbortSignal): Promise<string[]> {
    const found = target.address ? [target.address] : await this.#lookUp(target, signal);
    for (const address of found) policy.assertAddress(target, address);
    return found.slice(0, MAX_ATTEMPTS).map((address) => {
      return formatAddress(isMapped(address) ? destinationOf(address) : address);
    });
  }

  async #lookUp(target: Target, signal: AbortSignal): Promise<IpAddress[]> {
    const answer = await unlessAborted(this.#resolver.resolve(target.host), signal).catch(
      (cause: unknown) => {
        throw signal.aborted ? signal.reason : unresolved(target, cause);
      },
    );
    // An answer that is no plain address (a zone id, say) cannot be judged, so the name is not usable.
    const found = answer.slice(0, MAX_RESOLVED).map((text) => parseAddress(text) ?? unreadable(target));
    if (found.length === 0) throw unresolved(target, undefined);
    return found;
  }

  async #openAny(
    addresses: readonly string[],
    target: Target,
    signal: AbortSignal,
  ): Promise<{ socket: Socket; address: string }> {
    let failure: unknown;
    for (const [index, address] of addresses.entries()) {
      const isLast = index === addresses.length - 1;
      const attempt = new AbortController();
      const timer = this.#clock.after(ATTEMPT_MS, () => {
        if (!isLast) attempt.abort(new OutboundError("timed_out", `${target.host} did not answer in time.`));
      });
      try {
        const socket = await openTcp(address, target.port, AbortSignal.any([signal, attempt.signal]));
        return { socket, address };
      } catch (error) {
        signal.throwIfAborted();
        failure = error;
      } finally {
        timer.cancel();
      }
    }
    throw failure;
  }
}

function unresolved({ host }: Target, cause: unknown): OutboundError {
  return new OutboundError("dns_failed", `The name ${host} cannot be resolved.`, cause);
}

function unreadable({ host }: Target): never {
  throw new OutboundError("refused_address", `${host} resolves to something that is not a plain address.`);
}

/** Settles as `promise` does, or with the signal's reason when that comes first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener("abort", abort));
}
