import { tmpdir } from "node:os";
import type { BrokerMethods } from "../../../../schema/plugin/rpc.ts";
import { AppError } from "../../../errors/app-error.ts";
import type { Clock } from "../../../lib/clock.ts";
import { newSecret } from "../../../lib/ids.ts";
import type { Outbound } from "../../../outbound/outbound.ts";
import type { BrowserDisplay } from "./display.ts";
import { findChromium } from "./find-chromium.ts";
import { IdentityPool } from "./identity-pool.ts";
import { type BrowserReach, policyOf } from "./reach.ts";
import { BrowserSession } from "./session.ts";
import { upstreamProxy } from "./upstream-proxy.ts";

const MAX_SESSIONS_OF_PLUGIN = 2;
const MIN_SIDE_PIXELS = 200;
const MAX_SIDE_PIXELS = 3_840;
const DEFAULT_WIDTH = 1_280;
const DEFAULT_HEIGHT = 800;
const MAX_PROXY_LENGTH = 1_024;
const SESSION_NAME_BYTES = 16;

/** The three requests of a plugin that this serves. */
export type BrowserMethod = Extract<keyof BrokerMethods, `browser.${string}`>;

interface BrowsersParts {
  clock: Clock;
  outbound: Outbound;
  reach: BrowserReach;
  /** Told of each place or command that was refused: to be counted and audited. */
  onDenied: (what: string) => void;
  /** Told of each browser that is opened. */
  onAllowed?: () => void;
  /** Users for browsers; those of the whole server unless a test brings others. */
  identities?: IdentityPool;
  chromium?: () => string;
  /** Where profiles are made; the machine's folder of temporary files unless said. */
  profilesIn?: string;
  /** Where a browser can be seen. @throws AppError why it cannot */
  display: () => BrowserDisplay;
  /** False leaves the browser in the machine's network, behind the proxy alone. */
  ownNetwork?: boolean;
}

/** The browsers of one running plugin. */
export class PluginBrowsers {
  readonly #parts: BrowsersParts;
  readonly #sessions = new Map<string, BrowserSession>();
  readonly #opening = new Set<Promise<string>>();
  #isClosed = false;

  constructor(parts: BrowsersParts) {
    this.#parts = parts;
  }

  /** Browsers that are open. */
  get open(): number {
    return this.#sessions.size;
  }

  /**
   * Serves `browser.open`, `browser.command` and `browser.close`; parameters come from a hostile process.
   * @throws AppError `permission_denied` (told to `onDenied`), `invalid_request`, `browser_unavailable`, `overloaded`, `timed_out`, `cancelled`
   */
  async serve(method: BrowserMethod, params: unknown, signal: AbortSignal): Promise<unknown> {
    const given = asObject(params);
    try {
      if (method === "browser.open") return { session: await this.#open(given, signal) };
      const session = this.#sessions.get(textOf(given.session, "session"));
      if (!session)
        throw new AppError("invalid_request", "There is no such browser session; it may have ended.");
      if (method === "browser.command")
        return await session.command(textOf(given.method, "method"), given.params);
      await session.close();
      return null;
    } catch (error) {
      if (error instanceof AppError && error.code === "permission_denied")
        this.#parts.onDenied(error.message);
      throw error;
    }
  }

  /** Ends every browser, those that are being opened too, and removes their profiles. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#opening);
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
  }

  async #open(given: Record<string, unknown>, signal: AbortSignal): Promise<string> {
    if (this.#isClosed || signal.aborted) throw new AppError("cancelled", "The plugin is ending.");
    if (this.#sessions.size + this.#opening.size >= MAX_SESSIONS_OF_PLUGIN) {
      throw new AppError("overloaded", `A plugin has at most ${MAX_SESSIONS_OF_PLUGIN} browsers open.`);
    }
    const opening = this.#start(given, signal);
    this.#opening.add(opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(opening);
    }
  }

  async #start(given: Record<string, unknown>, signal: AbortSignal): Promise<string> {
    const { clock, outbound, reach, onDenied, identities = IdentityPool.ofServer } = this.#parts;
    const size = { width: sideOf(given.width, DEFAULT_WIDTH), height: sideOf(given.height, DEFAULT_HEIGHT) };
    const display = choiceOf(given.visible) ? this.#parts.display() : undefined;
    const chromium = (this.#parts.chromium ?? findChromium)();
    const proxy = await upstreamProxy(textOrNothing(given.proxy), reach, outbound, signal);
    const policy = policyOf(reach, proxy);
    const name = newSecret(SESSION_NAME_BYTES);
    const lease = identities.take();
    try {
      const session = await BrowserSession.open({
        ...{ clock, outbound, policy, chromium, ...size, display, onRefused: onDenied },
        identity: lease.identity,
        profilesIn: this.#parts.profilesIn ?? tmpdir(),
        ownNetwork: this.#parts.ownNetwork ?? true,
        onGone: () => {
          this.#sessions.delete(name);
          lease.giveBack();
        },
      });
      return await this.#keep(name, session, signal);
    } catch (error) {
      lease.giveBack();
      throw error;
    }
  }

  async #keep(name: string, session: BrowserSession, signal: AbortSignal): Promise<string> {
    if (!this.#isClosed && !signal.aborted) {
      this.#sessions.set(name, session);
      this.#parts.onAllowed?.();
      return name;
    }
    await session.close();
    throw new AppError("cancelled", "The plugin is ending.");
  }
}

function asObject(params: unknown): Record<string, unknown> {
  if (typeof params === "object" && params !== null && !Array.isArray(params)) return { ...params };
  throw new AppError("invalid_request", "The parameters of a browser request are an object.");
}

function textOf(given: unknown, name: string): string {
  if (typeof given === "string") return given;
  throw new AppError("invalid_request", `The ${name} of a browser request is a text.`);
}

function choiceOf(given: unknown): boolean {
  if (given === undefined || typeof given === "boolean") return given === true;
  throw new AppError("invalid_request", "Whether a browser is visible is true or false.");
}

function sideOf(given: unknown, ordinary: number): number {
  if (given === undefined) return ordinary;
  if (Number.isInteger(given) && Number(given) >= MIN_SIDE_PIXELS && Number(given) <= MAX_SIDE_PIXELS)
    return Number(given);
  throw new AppError(
    "invalid_request",
    `Width and height are whole numbers from ${MIN_SIDE_PIXELS} to ${MAX_SIDE_PIXELS}.`,
  );
}

function textOrNothing(given: unknown): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given === "string" && given.length <= MAX_PROXY_LENGTH) return given;
  throw new AppError("invalid_request", "A proxy is written http://[user:password@]host:port.");
}
