import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Clock } from "../../lib/clock.ts";
import { derivedKey } from "../derived-key.ts";
import { cookieValues } from "../session-cookie.ts";
import type { Challenge } from "./relying-party.ts";

/** A sign-in at a provider that is under way: kept by the browser, sealed, so that nobody can fill our memory with them. */
export interface Flow extends Challenge {
  provider: string;
  redirectUri: string;
  /** The page of the dashboard to go to afterwards. */
  next: string;
  /** The signed-in person who wants to link the account, instead of signing in. */
  linkTo?: { userId: string; sessionId: string };
  /** Epoch milliseconds. */
  expiresAt: number;
}

const FLOW_PATH = "/api/v3/sign-in";
const LIFETIME_SECONDS = 600;
const SECOND_MS = 1_000;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Flows that came back already; one forgotten early is still refused by the provider, whose code is spent. */
const MAX_SPENT = 10_000;

/**
 * Seals and opens the cookie of a sign-in under way (AES-256-GCM under a key derived from the master key). SameSite is
 * Lax, because the way back from the provider is a navigation that another site began. Each flow is good for one return.
 */
export class FlowCookies {
  readonly #name: string;
  readonly #key: () => Uint8Array;
  readonly #clock: Clock;
  readonly #spent = new LRUCache<string, true>({ max: MAX_SPENT });

  /** @param masterKey gives the one in force: when it is replaced, sign-ins under way begin anew. */
  constructor(masterKey: () => Uint8Array, instanceId: string, clock: Clock) {
    this.#name = `binnacle_oidc_${instanceId}`;
    this.#key = derivedKey(masterKey, "binnacle sign-in flow");
    this.#clock = clock;
  }

  /** The `Set-Cookie` value for a flow that begins now. */
  print(flow: Omit<Flow, "expiresAt">, isSecure: boolean): string {
    const expiresAt = this.#clock.now() + LIFETIME_SECONDS * SECOND_MS;
    return this.#cookie(this.#seal({ ...flow, expiresAt }), LIFETIME_SECONDS, isSecure);
  }

  /** The `Set-Cookie` value that makes the browser forget it. */
  clear(isSecure: boolean): string {
    return this.#cookie("", 0, isSecure);
  }

  /**
   * The flow that the browser brings back, this once; undefined when there is none, it is over, was used already, or
   * its state is not the one that the provider returned.
   */
  take(header: string | null, provider: string, state: string | null): Flow | undefined {
    const [value, ...others] = cookieValues(header ?? undefined, this.#name);
    if (value === undefined || others.length > 0) return undefined;
    const flow = this.#open(value);
    if (!flow || flow.provider !== provider || flow.state !== state) return undefined;
    if (this.#clock.now() >= flow.expiresAt || this.#spent.has(flow.state)) return undefined;
    this.#spent.set(flow.state, true);
    return flow;
  }

  #cookie(value: string, maxAgeSeconds: number, isSecure: boolean): string {
    return `${this.#name}=${value}; Path=${FLOW_PATH}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
  }

  #seal(flow: Flow): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key(), iv);
    const sealed = [cipher.update(JSON.stringify(flow), "utf8"), cipher.final()];
    return Buffer.concat([iv, cipher.getAuthTag(), ...sealed]).toString("base64url");
  }

  #open(text: string): Flow | undefined {
    const bytes = Buffer.from(text, "base64url");
    if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", this.#key(), bytes.subarray(0, IV_BYTES));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    try {
      const opened = [decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()];
      return JSON.parse(Buffer.concat(opened).toString("utf8")) as Flow;
    } catch {
      // Not sealed by this key: planted, or of another installation.
      return undefined;
    }
  }
}
