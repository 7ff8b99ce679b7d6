import type * as client from "openid-client";
import type { SignInProvider } from "../../config/sections/access.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Outbound } from "../../outbound/outbound.ts";
import { OutboundPolicy } from "../../outbound/policy.ts";
import type { Claims } from "./claims.ts";

/** Evaluated at the first use: most servers have no provider. */
const library = () => import("openid-client");

/** What the browser must bring back, and what the answer is checked against. */
export interface Challenge {
  state: string;
  nonce: string;
  /** PKCE. */
  codeVerifier: string;
}

/** Whom the provider vouches for. */
export interface Vouched {
  issuer: string;
  subject: string;
  claims: Claims;
  /** As it came: names the person at sign-out. */
  idToken: string;
}

interface RelyingPartyParts {
  provider: SignInProvider;
  /** The client's secret, references resolved; empty for a public client. */
  readSecret: () => string;
  outbound: Outbound;
}

const TIMEOUT_MS = 10_000;
const TIMEOUT_SECONDS = TIMEOUT_MS / 1_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
const DEFAULT_SCOPES = ["openid", "email", "profile"];
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Binnacle as a client of one OpenID provider: authorization code flow with PKCE, state and nonce (OpenID Connect Core
 * 1.0 §3.1, RFC 7636, RFC 9207). What the provider says of itself is fetched at the first use and kept; every
 * connection goes through `outbound`, so that a provider cannot lead it to private addresses.
 */
export class RelyingParty {
  readonly provider: SignInProvider;
  readonly #readSecret: () => string;
  readonly #outbound: Outbound;
  readonly #policy: OutboundPolicy;
  #discovered: Promise<client.Configuration> | undefined;

  constructor({ provider, readSecret, outbound }: RelyingPartyParts) {
    this.provider = provider;
    this.#readSecret = readSecret;
    this.#outbound = outbound;
    this.#policy = new OutboundPolicy({
      allow: provider.allow ?? [],
      totalTimeoutMs: TIMEOUT_MS,
      maxResponseBytes: MAX_ANSWER_BYTES,
      maxRedirects: 0,
    });
  }

  /** Where the browser goes to be asked who it is. @throws AppError `provider_failed` */
  async authorizationUrl(challenge: Challenge, redirectUri: string): Promise<URL> {
    const { scopes = DEFAULT_SCOPES } = this.provider;
    const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await library();
    return this.#guarded(async (configuration) =>
      buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: [...new Set(["openid", ...scopes])].join(" "),
        state: challenge.state,
        nonce: challenge.nonce,
        code_challenge: await calculatePKCECodeChallenge(challenge.codeVerifier),
        code_challenge_method: "S256",
      }),
    );
  }

  /**
   * Redeems the code that the browser brought back: state, issuer, signature, audience, expiry and nonce are checked.
   * @param answer the redirect address with the query that the provider sent.
   * @throws AppError `sign_in_refused` when the provider or the person said no, `provider_failed`
   */
  async redeem(answer: URL, challenge: Challenge): Promise<Vouched> {
    const { authorizationCodeGrant } = await library();
    return this.#guarded(async (configuration) => {
      const tokens = await authorizationCodeGrant(configuration, answer, {
        expectedState: challenge.state,
        expectedNonce: challenge.nonce,
        pkceCodeVerifier: challenge.codeVerifier,
        idTokenExpected: true,
      });
      const own = tokens.claims();
      const { id_token: idToken } = tokens;
      if (!own || idToken === undefined) throw new AppError("provider_failed");
      const told = await this.#userinfo(configuration, tokens.access_token, own.sub);
      return { issuer: own.iss, subject: own.sub, claims: { ...told, ...own }, idToken };
    });
  }

  /**
   * Where the browser goes to be signed out at the provider; undefined when the settings say not to, or the provider
   * has no such place.
   */
  async signOutUrl(idToken: string, returnTo: string): Promise<string | undefined> {
    if (this.provider.logout === false) return undefined;
    const { buildEndSessionUrl } = await library();
    return this.#guarded(async (configuration) => {
      if (!configuration.serverMetadata().end_session_endpoint) return undefined;
      return buildEndSessionUrl(configuration, {
        id_token_hint: idToken,
        post_logout_redirect_uri: returnTo,
      }).href;
    });
  }

  /** A failed discovery is not kept: the next attempt asks again. */
  async #configuration(): Promise<client.Configuration> {
    this.#discovered ??= this.#discover();
    try {
      return await this.#discovered;
    } catch (error) {
      this.#discovered = undefined;
      throw error;
    }
  }

  async #discover(): Promise<client.Configuration> {
    const { issuer, clientId } = this.provider;
    const secret = this.#readSecret();
    const openid = await library();
    const url = new URL(issuer);
    const configuration = await openid.discovery(
      url,
      clientId,
      undefined,
      secret === "" ? openid.None() : openid.ClientSecretBasic(secret),
      {
        timeout: TIMEOUT_SECONDS,
        [openid.customFetch]: (to, options) => this.#fetch(to, options),
        // The ID token's own signature is checked too, not only the connection it came over.
        execute: [
          openid.enableNonRepudiationChecks,
          ...(url.protocol === "http:" && LOOPBACK.test(url.hostname) ? [openid.allowInsecureRequests] : []),
        ],
      },
    );
    return configuration;
  }

  async #userinfo(
    configuration: client.Configuration,
    accessToken: string,
    subject: string,
  ): Promise<Claims> {
    if (!configuration.serverMetadata().userinfo_endpoint) return {};
    return (await library()).fetchUserInfo(configuration, accessToken, subject);
  }

  async #fetch(url: string, { method, headers, body, signal }: client.CustomFetchOptions): Promise<Response> {
    const { response } = await this.#outbound.fetch(
      {
        url,
        method,
        headers,
        circuit: `sign-in provider ${this.provider.id}`,
        ...(body === null || body === undefined ? {} : { body: textOf(body) }),
        ...(signal ? { signal } : {}),
      },
      this.#policy,
    );
    return response;
  }

  /** Failures of the library and the network as ours; what they say stays inside. */
  async #guarded<T>(work: (configuration: client.Configuration) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#configuration());
    } catch (cause) {
      if (cause instanceof AppError && cause.code !== "outbound_failed") throw wrapped(cause);
      const { AuthorizationResponseError } = await library();
      if (cause instanceof AuthorizationResponseError) {
        throw new AppError("sign_in_refused", "The provider did not let you in.", { cause });
      }
      throw new AppError("provider_failed", undefined, { cause });
    }
  }
}

const OURS = new Set(["provider_failed", "sign_in_refused"]);

const wrapped = (error: AppError): AppError =>
  OURS.has(error.code) ? error : new AppError("provider_failed", undefined, { cause: error });

/** The library sends forms only. */
function textOf(body: NonNullable<client.FetchBody>): string {
  if (typeof body === "string" || body instanceof URLSearchParams) return String(body);
  throw new TypeError("The OpenID client sends only texts.");
}

/** A challenge nobody can guess. */
export async function newChallenge(): Promise<Challenge> {
  const { randomState, randomNonce, randomPKCECodeVerifier } = await library();
  return { state: randomState(), nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() };
}
