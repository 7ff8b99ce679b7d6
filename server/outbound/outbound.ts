import type { Socket } from "node:net";
import type { Clock } from "../lib/clock.ts";
import { Dialler } from "./dialler.ts";
import { OutboundError, type OutboundOutcome } from "./outcome.ts";
import type { OutboundPolicy } from "./policy.ts";
import { nextHop, REDIRECT_STATUSES } from "./redirects.ts";
import { firstHop, type OutboundRequest } from "./request.ts";
import { type Resolver, systemResolver } from "./resolver.ts";
import { parseTarget } from "./target.ts";
import { type TlsPeer, tlsPeerOf } from "./tls-peer.ts";

/** An answer, and where it came from. */
export interface OutboundAnswer {
  /** Status, headers and the body as a stream that fails with an {@link OutboundError}. */
  response: Response;
  /** After redirects. */
  url: string;
  /** The address that answered; undefined when a proxy resolved the name. */
  address: string | undefined;
  redirects: number;
  /** Whom the last connection led to; undefined without TLS. */
  tls: TlsPeer | undefined;
}

/** An open connection for another protocol than HTTP. */
export interface OutboundConnection {
  socket: Socket;
  address: string | undefined;
}

interface OutboundParts {
  clock: Clock;
  /** The machine's own unless a test brings one. */
  resolver?: Resolver;
  /** Leaves alone for a while what failed too often; see {@link OutboundRequest.circuit}. Without it nothing rests. */
  throughCircuit?: ThroughCircuit;
}

type ThroughCircuit = <T>(circuit: string, work: () => Promise<T>) => Promise<T>;

const neverResting: ThroughCircuit = (_circuit, work) => work();

/**
 * The one way out: every connection that leaves Binnacle is opened here. Hosts are normalised and judged, names are
 * resolved once, addresses are judged and pinned, each redirect goes through all of it again, time and size are
 * limited. Proxy settings of the environment have no say; failures are named outcomes.
 */
export class Outbound {
  readonly #clock: Clock;
  readonly #dialler: Dialler;
  readonly #throughCircuit: ThroughCircuit;
  readonly #counts = new Map<OutboundOutcome | "ok", number>();

  constructor({ clock, resolver = systemResolver, throughCircuit = neverResting }: OutboundParts) {
    this.#clock = clock;
    this.#throughCircuit = throughCircuit;
    this.#dialler = new Dialler(clock, resolver);
  }

  /** How often each outcome was reached since the start; `open` connections now. */
  status(): { open: number; outcomes: Readonly<Record<string, number>> } {
    return { open: this.#dialler.open, outcomes: Object.fromEntries(this.#counts) };
  }

  /**
   * Sends a request and follows its redirects. The body must be read or cancelled; at the total timeout it ends by itself.
   * @throws OutboundError; AppError `circuit_open` while its circuit rests
   */
  async fetch(request: OutboundRequest, policy: OutboundPolicy): Promise<OutboundAnswer> {
    const { circuit } = request;
    const send = () => this.#send(request, policy);
    return circuit === undefined ? send() : this.#throughCircuit(circuit, send);
  }

  async #send(request: OutboundRequest, policy: OutboundPolicy): Promise<OutboundAnswer> {
    const total = new AbortController();
    const timer = this.#clock.after(policy.limits.totalTimeoutMs, () => {
      total.abort(new OutboundError("timed_out", "The answer did not come in time."));
    });
    const abort = (): void => total.abort(cancelled(request.signal));
    request.signal?.addEventListener("abort", abort, { once: true });
    const finish = (): void => {
      timer.cancel();
      request.signal?.removeEventListener("abort", abort);
    };
    try {
      if (request.signal?.aborted) throw cancelled(request.signal);
      const answer = await this.#follow(request, policy, total.signal, finish);
      this.#count("ok");
      return answer;
    } catch (thrown) {
      finish();
      throw this.#counted(thrown);
    }
  }

  /**
   * Opens a TCP or TLS connection for another protocol. It is the caller's to close; silence of
   * `idleTimeoutMs` closes it too.
   * @throws OutboundError
   */
  async connect(
    host: string,
    port: number,
    { tls, signal }: { tls: boolean; signal?: AbortSignal },
    policy: OutboundPolicy,
  ): Promise<OutboundConnection> {
    try {
      const target = parseTarget(host, port);
      const options = { isSecure: tls, isHttp: false };
      const whole = signal ?? new AbortController().signal;
      const { socket, address } = await this.#dialler.dial(target, options, policy, whole);
      socket.setTimeout(policy.limits.idleTimeoutMs, () => {
        socket.destroy(new OutboundError("timed_out", `${target.host} fell silent.`));
      });
      this.#count("ok");
      return { socket, address };
    } catch (thrown) {
      throw this.#counted(signal?.aborted ? cancelled(signal) : thrown);
    }
  }

  async #follow(
    request: OutboundRequest,
    policy: OutboundPolicy,
    signal: AbortSignal,
    finish: () => void,
  ): Promise<OutboundAnswer> {
    // The HTTP client is evaluated with the first request that leaves.
    const [{ sendHop }, { toResponse }] = await Promise.all([import("./hop.ts"), import("./answer.ts")]);
    const { maxRedirects } = policy.limits;
    const credentials = new Set(request.credentialHeaders?.map((name) => name.toLowerCase()));
    let hop = firstHop(request);
    for (let redirects = 0; ; redirects++) {
      const options = { isSecure: hop.target.isSecure, isHttp: true };
      const dialled = await this.#dialler.dial(hop.target, options, policy, signal);
      const message = await sendHop(hop, dialled, policy.limits.idleTimeoutMs, signal);
      const status = message.statusCode ?? 0;
      if (maxRedirects === 0 || !REDIRECT_STATUSES.has(status)) {
        const tls = tlsPeerOf(dialled.socket);
        const response = toResponse(message, hop, dialled, policy, request.keepEncoding === true, finish);
        return { response, url: hop.target.url.href, address: dialled.address, redirects, tls };
      }
      dialled.socket.destroy();
      if (redirects >= maxRedirects) {
        throw new OutboundError("too_many_redirects", `There were more than ${maxRedirects} redirects.`);
      }
      hop = nextHop(hop, status, message.headers.location, credentials);
    }
  }

  #count(outcome: OutboundOutcome | "ok"): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
  }

  #counted(thrown: unknown): unknown {
    if (thrown instanceof OutboundError) this.#count(thrown.outcome);
    return thrown;
  }
}

const cancelled = (signal: AbortSignal | undefined): OutboundError =>
  new OutboundError("cancelled", "The request was cancelled.", signal?.reason);
