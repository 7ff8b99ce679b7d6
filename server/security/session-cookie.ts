import { isSecret } from "./secrets.ts";

const MAX_HEADER_LENGTH = 8_192;
const SPACE = 0x20;
const EQUALS = 0x3d;

/** What a `Cookie` header says of the session. */
export type CookieReading =
  | { kind: "absent" }
  /** There is one that cannot be ours: garbage, or several (one of them planted by a neighbouring site). */
  | { kind: "unusable" }
  | { kind: "present"; secret: string };

/**
 * The cookie that carries a session's secret. Cookies know hosts and no ports: its name tells the Binnacles of one host
 * apart, so that signing in to one signs nobody out of another.
 */
export class SessionCookie {
  readonly name: string;

  constructor(instanceId: string) {
    this.name = `binnacle_session_${instanceId}`;
  }

  /** Reads the session's secret from a `Cookie` header. Never throws: other cookies may hold anything. */
  read(header: string | undefined): CookieReading {
    if (!header) return { kind: "absent" };
    if (header.length > MAX_HEADER_LENGTH) return { kind: "unusable" };
    const values = cookieValues(header, this.name);
    const [secret] = values;
    if (secret === undefined) return { kind: "absent" };
    if (values.length > 1 || !isSecret(secret)) return { kind: "unusable" };
    return { kind: "present", secret };
  }

  /** The `Set-Cookie` value that hands a browser its session; `maxAgeSeconds` is the absolute end. */
  print(secret: string, maxAgeSeconds: number, isSecure: boolean): string {
    return `${this.name}=${secret}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
  }

  /** The `Set-Cookie` value that makes a browser forget it. */
  clear(isSecure: boolean): string {
    return this.print("", 0, isSecure);
  }
}

/** Every value that a `Cookie` header holds under a name; none of a header longer than browsers send. */
export function cookieValues(header: string | undefined, name: string): string[] {
  if (!header || header.length > MAX_HEADER_LENGTH) return [];
  const values: string[] = [];
  // Each request comes by here: only what is asked for is cut out.
  for (let at = 0; at < header.length; ) {
    const next = header.indexOf(";", at);
    const end = next < 0 ? header.length : next;
    while (header.charCodeAt(at) === SPACE) at++;
    if (header.startsWith(name, at) && header.charCodeAt(at + name.length) === EQUALS)
      values.push(header.slice(at + name.length + 1, end).trimEnd());
    at = end + 1;
  }
  return values;
}
