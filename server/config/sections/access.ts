import { type Static, Type } from "@sinclair/typebox";
import { flag, int, list, type SettingOptions, section, text } from "../setting-types.ts";

const closed = { additionalProperties: false };
const Word = (title: string, description: string) =>
  Type.String({ title, minLength: 1, maxLength: 255, description });
const Words = (title: string, description: string, options: Partial<SettingOptions> = {}) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 255 }), {
    title,
    maxItems: 100,
    description,
    ...options,
  });

const SignInProviderSchema = Type.Object(
  {
    id: Type.String({
      title: "Name in addresses",
      pattern: "^[a-z][a-z0-9-]{0,31}$",
      description: "Stands in addresses: never change it",
    }),
    label: Type.Optional(Word("Label", "What the button says; the id when left out")),
    issuer: Type.String({
      title: "Issuer",
      maxLength: 1_024,
      pattern: "^https?://[^?#]+$",
      description: "Its issuer, exactly as it names itself; http only on a loopback address",
    }),
    clientId: Word("Client id", "What the provider calls this server"),
    clientSecret: Type.Optional(
      Type.String({
        title: "Client secret",
        maxLength: 1_024,
        description: "A reference to a secret, or empty for a public client",
        writeOnly: true,
      }),
    ),
    scopes: Type.Optional(Words("Scopes", "Asked of the provider; openid, email and profile when left out")),
    allow: Type.Optional(
      Words("Private addresses", "Private names, addresses or blocks that the provider may stand at", {
        machineOnly: true,
      }),
    ),
    allowedDomains: Type.Optional(
      Words("Allowed domains", "Domains of verified e-mail addresses that may sign in"),
    ),
    allowedGroups: Type.Optional(Words("Allowed groups", "Groups that may sign in: one is enough")),
    groupsClaim: Type.Optional(Word("Groups claim", "The claim with the groups; groups when left out")),
    roleClaim: Type.Optional(
      Word("Role claim", "The claim that decides the role; groupsClaim when left out"),
    ),
    roles: Type.Optional(
      Type.Array(
        Type.Object(
          { value: Word("Value", "A value of the claim"), role: Word("Role", "The role it gives") },
          closed,
        ),
        {
          title: "Roles",
          maxItems: 100,
          description: "Values of roleClaim and the roles they give; the first that fits counts",
        },
      ),
    ),
    defaultRole: Type.Optional(
      Word("Default role", "Role of those for whom no value fits; without one they may not enter"),
    ),
    create: Type.Optional(
      Type.Boolean({
        title: "Create users",
        description: "Whether a stranger who may sign in becomes a user; otherwise only linked users",
      }),
    ),
    logout: Type.Optional(
      Type.Boolean({
        title: "Sign out there too",
        default: true,
        description: "Whether signing out here signs out there; true when left out",
      }),
    ),
  },
  closed,
);

/** One OpenID provider, as it stands in the settings. */
export type SignInProvider = Static<typeof SignInProviderSchema>;

export const signIn = section("Ways to sign in beside a password", {
  providers: Type.Array(SignInProviderSchema, {
    title: "Providers",
    default: [],
    maxItems: 20,
    description: "OpenID providers; see docs/access.md for each field",
    notRemote: true,
    scope: "users:admin",
    secret: true,
  }),
});

export const cors = section("Pages of other origins that may call the API", {
  origins: list([], {
    description: "Origins, exactly, such as https://ops.example.org; * for every one, without credentials",
    machineOnly: true,
  }),
  credentials: flag(false, {
    description: "Whether those origins may act by the session cookie; never together with *",
    machineOnly: true,
  }),
  maxAgeSeconds: int(600, 0, 86_400, { description: "How long a browser keeps the answer to its question" }),
});

const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

const acme = section("Certificates from an authority (ACME)", {
  domains: list([], {
    description:
      "Names that this server is reached by from the outside, for which an authority gives it a certificate; empty for none",
    machineOnly: true,
    restart: true,
  }),
  agreed: flag(false, {
    description: "Whether you agree to the authority's terms of service",
    machineOnly: true,
    restart: true,
  }),
  email: text("", {
    description: "Where the authority may write to; empty for nowhere",
    pattern: "^([^@\\s]+@[^@\\s]+)?$",
    machineOnly: true,
    restart: true,
  }),
  directoryUrl: text(LETS_ENCRYPT, {
    description: "The authority's directory (RFC 8555)",
    pattern: "^https://\\S+$",
    machineOnly: true,
    restart: true,
  }),
  caFile: text("", {
    description:
      "PEM file with the root that vouches for the directory of an authority of your own; empty for the usual ones",
    machineOnly: true,
    restart: true,
  }),
  allow: list([], {
    description: "Private names, addresses or blocks that the authority may stand at, such as 10.0.0.5",
    machineOnly: true,
    restart: true,
  }),
});

export const tls = section("Built-in TLS", {
  certFile: text("", {
    description: "PEM file with the certificate and its chain; empty for none",
    machineOnly: true,
    restart: true,
  }),
  keyFile: text("", { description: "PEM file with its private key", machineOnly: true, restart: true }),
  httpPort: int(0, 0, 65_535, {
    description: "Port that answers plain HTTP beside it, such as 80 to redirect; 0 for none",
    machineOnly: true,
    restart: true,
  }),
  acme,
});

/** What `server` knows of the way that requests come. */
export const transport = {
  requireHttps: flag(false, {
    description: "Whether pages asked for over plain HTTP are redirected, and everything else is refused",
    machineOnly: true,
  }),
  trustedProxies: list([], {
    description: "Addresses or blocks of proxies before Binnacle whose word on the client counts",
    machineOnly: true,
  }),
  forwardedHeader: text("x-forwarded", {
    description:
      "The headers that those proxies write: x-forwarded (-For, -Proto, -Host), or forwarded (RFC 7239)",
    pattern: "^(x-forwarded|forwarded)$",
    machineOnly: true,
  }),
};
