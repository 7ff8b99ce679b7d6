import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";

/** What a token endpoint could say, for better or worse. */
export interface Forgery {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  /** Signed by a key that the provider does not publish. */
  hasForeignSignature?: boolean;
  /** In place of the whole ID token. */
  idToken?: string;
  /** In place of the answer of the token endpoint. */
  answer?: () => Response;
}

const KID = "published";
const LIFETIME_SECONDS = 300;
const newKey = (): { publicKey: KeyObject; privateKey: KeyObject } =>
  generateKeyPairSync("rsa", { modulusLength: 2_048 });

/** A provider that lies as it is told: discovery and keys are sound, what it hands out for a code is not. */
export class ForgedProvider implements Disposable {
  readonly #published = newKey();
  readonly #foreign = newKey();
  readonly #server: ReturnType<typeof Bun.serve>;
  forgery: Forgery = {};
  /** Taken from the authorization request, as a provider would. */
  nonce = "";
  /** Fields in place of those of the discovery document. */
  metadata: Record<string, unknown> = {};

  constructor(readonly clientId: string) {
    this.#server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      development: false,
      fetch: (request) => this.#answer(new URL(request.url).pathname),
    });
  }

  get issuer(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  [Symbol.dispose](): void {
    void this.#server.stop(true);
  }

  #answer(path: string): Response {
    if (path === "/.well-known/openid-configuration") return Response.json(this.#discovery());
    if (path === "/jwks") {
      const jwk = this.#published.publicKey.export({ format: "jwk" });
      return Response.json({ keys: [{ ...jwk, kid: KID, use: "sig", alg: "RS256" }] });
    }
    if (path !== "/token") return new Response(null, { status: 404 });
    const id_token = this.forgery.idToken ?? this.#idToken();
    return this.forgery.answer?.() ?? Response.json({ access_token: "a", token_type: "Bearer", id_token });
  }

  #discovery(): Record<string, unknown> {
    const { issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      code_challenge_methods_supported: ["S256"],
      ...this.metadata,
    };
  }

  #idToken(): string {
    const now = Math.floor(Date.now() / 1_000);
    const header = { alg: "RS256", kid: KID, ...this.forgery.header };
    const claims = {
      iss: this.issuer,
      aud: this.clientId,
      sub: "somebody",
      iat: now,
      exp: now + LIFETIME_SECONDS,
      nonce: this.nonce,
      ...this.forgery.claims,
    };
    const signed = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    if (header.alg === "none") return `${signed}.`;
    const { privateKey } = this.forgery.hasForeignSignature ? this.#foreign : this.#published;
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(privateKey).toString("base64url")}`;
  }
}
