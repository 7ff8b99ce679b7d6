import { createHmac, timingSafeEqual } from "node:crypto";
import { isId, newId } from "../lib/ids.ts";
import { derivedKey } from "./derived-key.ts";
import { cookieValues } from "./session-cookie.ts";

const LIFETIME_SECONDS = 180 * 24 * 60 * 60;
const MAC_LENGTH = 43;

/** A browser in which that user signed in before. */
export interface KnownDevice {
  deviceId: string;
  userId: string;
}

/**
 * Marks browsers in which somebody signed in before, so that guessing from elsewhere cannot keep that person out: their
 * browser is counted by itself. It opens nothing; stolen, it gives a thief one more slow place to guess from.
 * (OWASP, "Slow Down Online Guessing Attacks with Device Cookies".)
 */
export class DeviceCookies {
  readonly #name: string;
  readonly #key: () => Uint8Array;

  /** @param masterKey gives the one in force: when it is replaced, browsers are strangers until the next sign-in. */
  constructor(masterKey: () => Uint8Array, instanceId: string) {
    this.#name = `binnacle_device_${instanceId}`;
    this.#key = derivedKey(masterKey, "binnacle device cookie");
  }

  /** Reads it from a `Cookie` header; undefined when there is none of ours. Never throws. */
  read(header: string | null | undefined): KnownDevice | undefined {
    const [value, ...others] = cookieValues(header ?? undefined, this.#name);
    if (value === undefined || others.length > 0) return undefined;
    const [deviceId = "", userId = "", mac = ""] = value.split(".");
    if (!isId(deviceId) || !isId(userId) || mac.length !== MAC_LENGTH) return undefined;
    const isOurs = timingSafeEqual(Buffer.from(mac), Buffer.from(this.#mac(deviceId, userId)));
    return isOurs ? { deviceId, userId } : undefined;
  }

  /** The `Set-Cookie` value that marks the browser as the user's; one that is marked already keeps its id. */
  print(userId: string, known: KnownDevice | undefined, isSecure: boolean): string {
    const deviceId = known?.userId === userId ? known.deviceId : newId();
    const value = `${deviceId}.${userId}.${this.#mac(deviceId, userId)}`;
    return `${this.#name}=${value}; Path=/api/v3/session; Max-Age=${LIFETIME_SECONDS}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
  }

  #mac(deviceId: string, userId: string): string {
    return createHmac("sha256", this.#key()).update(`${deviceId}.${userId}`).digest("base64url");
  }
}
