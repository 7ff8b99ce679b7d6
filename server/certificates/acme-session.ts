import { createHash, sign } from "node:crypto";
import { AppError } from "../errors/app-error.ts";
import type { Outbound } from "../outbound/outbound.ts";
import type { OutboundPolicy } from "../outbound/policy.ts";
import { Directory, isBadNonce, read, reasonOf } from "./acme-messages.ts";
import type { KeyPair } from "./requests.ts";

/** An answer of the authority, read whole. */
export interface AcmeAnswer {
  /** Parsed when it is JSON, else undefined. */
  body: unknown;
  text: string;
  /** Where what was made stands. */
  location: string | null;
}

interface AcmeSessionParts {
  outbound: Pick<Outbound, "fetch">;
  policy: OutboundPolicy;
  directoryUrl: string;
  account: KeyPair;
  signal: AbortSignal;
}

const JOSE = "application/jose+json";
/** Authorities refuse some on purpose, to see that clients go on. */
const MAX_BAD_NONCES = 8;
const MS_PER_SECOND = 1_000;
const CLIENT_ERROR = 400;

/**
 * Signed talk with an authority (RFC 8555 §6): ES256, a nonce a request, the account named by its address once it is
 * known. All of it goes through `outbound`; the library for this brings an HTTP client of its own and 6 MB.
 */
export class AcmeSession {
  readonly #parts: AcmeSessionParts;
  #directory: Directory | undefined;
  #nonce: string | undefined;
  #account: string | undefined;

  constructor(parts: AcmeSessionParts) {
    this.#parts = parts;
  }

  /** The authority's addresses. @throws AppError */
  async directory(): Promise<Directory> {
    this.#directory ??= read(Directory, (await this.#send(this.#parts.directoryUrl, "GET")).answer.body);
    return this.#directory;
  }

  /** Makes the account, or finds the one of this key; later requests are in its name. @throws AppError */
  async enter(account: { contact?: readonly string[] }): Promise<void> {
    const { newAccount } = await this.directory();
    const { location } = await this.post(newAccount, { termsOfServiceAgreed: true, ...account });
    if (location === null) throw unreadable();
    this.#account = location;
  }

  /**
   * Sends a signed request; without a payload it reads what stands there (POST-as-GET).
   * @throws AppError `certificate_failed` with the authority's reason, and what `outbound` throws
   */
  async post(url: string, payload?: object): Promise<AcmeAnswer> {
    for (let tries = 1; ; tries++) {
      const nonce = this.#nonce ?? (await this.#freshNonce());
      this.#nonce = undefined;
      const { answer, status, retryAfterMs } = await this.#send(
        url,
        "POST",
        this.#signed(url, nonce, payload),
      );
      if (status < CLIENT_ERROR) return answer;
      if (tries < MAX_BAD_NONCES && isBadNonce(answer.body)) continue;
      const reason = `The certificate authority refused: ${reasonOf(answer.body)}`;
      throw new AppError("certificate_failed", reason, retryAfterMs === undefined ? {} : { retryAfterMs });
    }
  }

  /** What proves a challenge (RFC 8555 §8.1): its token with the fingerprint of the account's key (RFC 7638). */
  keyAuthorization(token: string): string {
    const thumbprint = createHash("sha256").update(JSON.stringify(this.#jwk())).digest("base64url");
    return `${token}.${thumbprint}`;
  }

  async #freshNonce(): Promise<string> {
    const { newNonce } = await this.directory();
    await this.#send(newNonce, "HEAD");
    if (this.#nonce === undefined) throw unreadable();
    return this.#nonce;
  }

  #signed(url: string, nonce: string, payload: object | undefined): string {
    const who = this.#account === undefined ? { jwk: this.#jwk() } : { kid: this.#account };
    const header = base64url(JSON.stringify({ alg: "ES256", nonce, url, ...who }));
    const body = payload === undefined ? "" : base64url(JSON.stringify(payload));
    const key = { key: this.#parts.account.privateKey, dsaEncoding: "ieee-p1363" } as const;
    const signature = sign("sha256", Buffer.from(`${header}.${body}`), key).toString("base64url");
    return JSON.stringify({ protected: header, payload: body, signature });
  }

  /** In the order that the fingerprint needs. */
  #jwk() {
    const { crv, kty, x, y } = this.#parts.account.publicKey.export({ format: "jwk" });
    return { crv, kty, x, y };
  }

  async #send(url: string, method: string, body?: string) {
    const { outbound, policy, signal } = this.#parts;
    const headers = body === undefined ? {} : { "content-type": JOSE };
    const request = { url, method, headers, signal, ...(body === undefined ? {} : { body }) };
    const { response } = await outbound.fetch(request, policy);
    this.#nonce = response.headers.get("replay-nonce") ?? this.#nonce;
    const text = await response.text();
    const answer: AcmeAnswer = { text, body: parsed(text), location: response.headers.get("location") };
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    const retryAfterMs = Number.isFinite(seconds) ? seconds * MS_PER_SECOND : undefined;
    return { answer, status: response.status, retryAfterMs };
  }
}

const base64url = (text: string): string => Buffer.from(text).toString("base64url");

const unreadable = (): AppError =>
  new AppError("certificate_failed", "The certificate authority's answer cannot be read.");

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a certificate, or nothing
  }
}
