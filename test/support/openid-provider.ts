import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider, { type Configuration } from "oidc-provider";

/** Somebody with an account at the provider. */
export type Account = Readonly<Record<string, unknown>>;

export const CLIENT = { id: "binnacle", secret: "a secret of the client, long enough" } as const;
const MAX_OPEN = 1_000;

/** A real OpenID provider on a loopback port; whoever arrives is signed in at once as {@link visitor}. */
export class OpenIdProvider implements AsyncDisposable {
  readonly #server: Server;
  readonly issuer: string;
  readonly accounts = new Map<string, Account>();
  /** Subject of who sits before the browser. */
  visitor = "";

  private constructor(server: Server) {
    this.#server = server;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async listen(): Promise<OpenIdProvider> {
    const server = createServer();
    server.maxConnections = MAX_OPEN;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new OpenIdProvider(server);
  }

  /** Begins to answer, for a client at `address`. */
  serve(address: string, providerId: string): void {
    const provider = new Provider(this.issuer, this.#configuration(address, providerId));
    const answer = provider.callback();
    this.#server.on("request", (request, response) => {
      if (request.url?.startsWith("/interaction/") !== true) return void answer(request, response);
      provider
        .interactionFinished(request, response, { login: { accountId: this.visitor } })
        .catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #configuration(address: string, providerId: string): Configuration {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    return {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          redirect_uris: [`${address}/api/v3/sign-in/${providerId}/callback`],
          post_logout_redirect_uris: [`${address}/sign-in`],
        },
      ],
      jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "test", use: "sig", alg: "RS256" }] },
      cookies: { keys: ["not a secret"] },
      claims: {
        openid: ["sub"],
        email: ["email", "email_verified"],
        profile: ["preferred_username", "groups"],
      },
      features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      ttl: { AccessToken: 60, IdToken: 60, Session: 60, Grant: 60, Interaction: 60 },
      findAccount: (_context, sub) => ({
        accountId: sub,
        claims: () => ({ sub, ...this.accounts.get(sub) }),
      }),
      loadExistingGrant: async (context) => {
        const { client, session } = context.oidc;
        if (!client || session?.accountId === undefined) return undefined;
        const grant = new context.oidc.provider.Grant({
          clientId: client.clientId,
          accountId: session.accountId,
        });
        grant.addOIDCScope("openid email profile");
        await grant.save();
        return grant;
      },
    };
  }
}
