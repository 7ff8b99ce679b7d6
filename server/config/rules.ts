import { isIP } from "node:net";
import type { InputIssue } from "../errors/app-error.ts";
import type { SignInProvider } from "./sections/access.ts";

/** What holds between settings, beyond what each may be by itself: the key to blame, and the sentence. */
const RULES: readonly {
  path: string;
  message: string;
  isBroken: (value: (key: string) => unknown) => boolean;
}[] = [
  {
    path: "queryCache.backend",
    message: "redis needs queryCache.redisUrl",
    isBroken: (value) => value("queryCache.backend") === "redis" && value("queryCache.redisUrl") === "",
  },
  {
    path: "server.tls.keyFile",
    message: "a certificate and its key go together: set both server.tls.certFile and server.tls.keyFile",
    isBroken: (value) => (value("server.tls.certFile") === "") !== (value("server.tls.keyFile") === ""),
  },
  {
    path: "server.tls.acme.domains",
    message:
      "each entry is a name such as status.example.org; addresses and wildcards cannot be proven over HTTP",
    isBroken: (value) => textsIn(value("server.tls.acme.domains")).some((text) => !DOMAIN.test(text)),
  },
  {
    path: "server.tls.acme.domains",
    message: "a certificate comes from files or from an authority: leave server.tls.certFile empty",
    isBroken: (value) => !isEmpty(value("server.tls.acme.domains")) && value("server.tls.certFile") !== "",
  },
  {
    path: "server.tls.acme.agreed",
    message: "must be true with server.tls.acme.domains: an authority wants its terms agreed to",
    isBroken: (value) =>
      !isEmpty(value("server.tls.acme.domains")) && value("server.tls.acme.agreed") !== true,
  },
  {
    path: "server.tls.httpPort",
    message: "server.tls.acme.domains needs it: the authority asks on port 80, or where that is forwarded to",
    isBroken: (value) => !isEmpty(value("server.tls.acme.domains")) && value("server.tls.httpPort") === 0,
  },
  {
    path: "server.requireHttps",
    message: "needs server.tls or server.trustedProxies: nothing would be known to come over HTTPS",
    isBroken: (value) =>
      value("server.requireHttps") === true &&
      value("server.tls.certFile") === "" &&
      isEmpty(value("server.tls.acme.domains")) &&
      isEmpty(value("server.trustedProxies")),
  },
  {
    path: "server.trustedProxies",
    message: "each entry is an address or a block, such as 10.0.0.0/8",
    isBroken: (value) => textsIn(value("server.trustedProxies")).some((text) => !isBlock(text)),
  },
  {
    path: "server.cors.origins",
    message: "* stands alone and without server.cors.credentials; name the origins exactly",
    isBroken: (value) => {
      const origins = textsIn(value("server.cors.origins"));
      return origins.includes("*") && (origins.length > 1 || value("server.cors.credentials") === true);
    },
  },
  {
    path: "server.cors.origins",
    message: "each entry is an origin as a browser sends it, such as https://ops.example.org, without a path",
    isBroken: (value) =>
      textsIn(value("server.cors.origins")).some(
        (origin) => origin !== "*" && URL.parse(origin)?.origin !== origin,
      ),
  },
  {
    path: "signIn.providers",
    message: "each provider needs an id of its own",
    isBroken: (value) => {
      const ids = providersIn(value("signIn.providers")).map(({ id }) => id);
      return new Set(ids).size < ids.length;
    },
  },
  {
    path: "signIn.providers",
    message: "an issuer is an https address; http is for a loopback address only",
    isBroken: (value) => providersIn(value("signIn.providers")).some(({ issuer }) => !isSafeIssuer(issuer)),
  },
  {
    path: "plugins.items",
    message: "each plugin stands here once",
    isBroken: (value) => hasTwins(value("plugins.items"), "id"),
  },
  {
    path: "plugins.items",
    message: "approve names a digest, permissions, or both",
    isBroken: (value) =>
      objectsIn(value("plugins.items")).some(
        ({ approve }) => isObject(approve) && !("digest" in approve) && !("permissions" in approve),
      ),
  },
  {
    path: "plugins.trustedKeys",
    message: "each key stands here once, under a name of its own",
    isBroken: (value) =>
      hasTwins(value("plugins.trustedKeys"), "name") || hasTwins(value("plugins.trustedKeys"), "publicKey"),
  },
];

/** RFC 1123 labels, at least two of them, the last no number. */
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
const providersIn = (value: unknown): SignInProvider[] => (Array.isArray(value) ? value : []);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objectsIn = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

function hasTwins(value: unknown, field: string): boolean {
  const names = objectsIn(value).map((item) => item[field]);
  return new Set(names).size < names.length;
}

function isSafeIssuer(issuer: string): boolean {
  const url = URL.parse(issuer);
  return url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
}

/** The syntax only; whether bits stand below the prefix is told where the blocks are read. */
function isBlock(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

/** The rules that the merged values break. */
export const settingRules = (value: (key: string) => unknown): InputIssue[] =>
  RULES.filter(({ isBroken }) => isBroken(value)).map(({ path, message }) => ({ path, message }));
