import { isSecret } from "./secrets.ts";

/** The cookie that carries a session's secret. */
export const SESSION_COOKIE = "binnacle_session";
const MAX_HEADER_LENGTH = 8_192;

/** What a `Cookie` header says of the session. */
export type CookieReading =
  | { kind: "absent" }
  /** There is one that cannot be ours: garbage, or several (one of them planted by a neighbouring site). */
  | { kind: "unusable" }
  | { kind: "present"; secret: string };

/** Reads the session's secret from a `Cookie` header. Never throws: other cookies may hold anything. */
export function readSessionCookie(header: string | undefined): CookieReading {
  if (!header) return { kind: "absent" };
  if (header.length > MAX_HEADER_LENGTH) return { kind: "unusable" };
  const values = cookieValues(header, SESSION_COOKIE);
  const [secret] = values;
  if (secret === undefined) return { kind: "absent" };
  if (values.length > 1 || !isSecret(secret)) return { kind: "unusable" };
  return { kind: "present", secret };
}

/** Every value that a `Cookie` header holds under a name; none of a header longer than browsers send. */
export function cookieValues(header: string | undefined, name: string): string[] {
  if (!header || header.length > MAX_HEADER_LENGTH) return [];
  return header
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}

/** The `Set-Cookie` value that hands a browser its session; `maxAgeSeconds` is the absolute end. */
export const sessionCookie = (secret: string, maxAgeSeconds: number, isSecure: boolean): string =>
  `${SESSION_COOKIE}=${secret}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;

/** The `Set-Cookie` value that makes a browser forget it. */
export const clearedSessionCookie = (isSecure: boolean): string => sessionCookie("", 0, isSecure);
