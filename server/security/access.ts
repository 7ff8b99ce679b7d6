import { AppError } from "../errors/app-error.ts";
import type { Audit } from "./audit.ts";
import { NOBODY, type Principal } from "./principal.ts";
import type { SessionCookie } from "./session-cookie.ts";
import type { Sessions } from "./sessions.ts";
import type { Tokens } from "./tokens.ts";

/** What a request brings to prove who asks. */
export interface Evidence {
  /** The `Authorization` header. */
  authorization?: string | null | undefined;
  /** The `Cookie` header. */
  cookie?: string | null | undefined;
  correlationId: string;
  clientAddress: string;
}

/** Who asks. */
export interface Identity {
  principal: Principal;
  /** The browser holds a session cookie that is worth nothing (any more): the answer should clear it. */
  hasStaleCookie: boolean;
}

/** Sent by proxies that guard a site with a password of their own; it says nothing to us. */
const FOREIGN_SCHEME = /^basic(\s|$)/i;
/** As everybody writes it. */
const PLAIN_BEARER = "Bearer ";
const BEARER = /^bearer +(\S+) *$/i;

/** Who asks: by bearer token, else by session cookie, else nobody. */
export class Access {
  readonly #sessions: Sessions;
  readonly #tokens: Tokens;
  readonly #audit: Audit;
  readonly #sessionCookie: SessionCookie;

  constructor(sessions: Sessions, tokens: Tokens, audit: Audit, sessionCookie: SessionCookie) {
    this.#sessionCookie = sessionCookie;
    this.#sessions = sessions;
    this.#tokens = tokens;
    this.#audit = audit;
  }

  /**
   * Who asks, where that was verified before and still holds: most requests, and none of them waits. Undefined when
   * {@link authenticate} has to find out.
   */
  recognise(authorization: string | null, cookie: string | null): Principal | undefined {
    if (authorization !== null) {
      return authorization.startsWith(PLAIN_BEARER)
        ? this.#tokens.recognise(authorization.slice(PLAIN_BEARER.length))
        : undefined;
    }
    const reading = this.#sessionCookie.read(cookie ?? undefined);
    return reading.kind === "present" ? this.#sessions.recognise(reading.secret) : undefined;
  }

  /**
   * A token that is sent must be right: it never falls back to the cookie. A cookie that is no longer right makes a
   * nobody, because a browser sends it whether the person wants it or not.
   * @throws AppError `invalid_token`
   */
  async authenticate(evidence: Evidence): Promise<Identity> {
    const { authorization, cookie } = evidence;
    if (authorization && !FOREIGN_SCHEME.test(authorization)) {
      return { principal: await this.#byToken(authorization, evidence), hasStaleCookie: false };
    }
    const reading = this.#sessionCookie.read(cookie ?? undefined);
    if (reading.kind === "absent") return { principal: NOBODY, hasStaleCookie: false };
    const principal =
      reading.kind === "present" ? await this.#sessions.authenticate(reading.secret) : undefined;
    return principal ? { principal, hasStaleCookie: false } : { principal: NOBODY, hasStaleCookie: true };
  }

  async #byToken(authorization: string, evidence: Evidence): Promise<Principal> {
    const text = BEARER.exec(authorization)?.[1];
    const principal = text === undefined ? undefined : await this.#tokens.authenticate(text);
    if (principal) return principal;
    const { correlationId, clientAddress } = evidence;
    const caller = { principal: NOBODY, correlationId, clientAddress };
    this.#audit.recordRefusal(caller, { action: "token.use", target: "token" });
    throw new AppError("invalid_token", "The token is unknown, expired or revoked.");
  }
}
