import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { isId, newId } from "../lib/ids.ts";
import { cookieValues } from "./session-cookie.ts";

/** The cookie of a browser in which somebody signed in before. */
export const DEVICE_COOKIE = "binnacle_device";
const LIFETIME_SECONDS = 180 * 24 * 60 * 60;
const KEY_BYTES = 32;
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
  readonly #key: Uint8Array;

  constructor(masterKey: Uint8Array) {
    this.#key = new Uint8Array(hkdfSync("sha256", masterKey, "", "binnacle device cookie", KEY_BYTES));
  }

  /** Reads it from a `Cookie` header; undefined when there is none of ours. Never throws. */
  read(header: string | null | undefined): KnownDevice | undefined {
    const [value, ...others] = cookieValues(header ?? undefined, DEVICE_COOKIE);
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
    return `${DEVICE_COOKIE}=${value}; Path=/api/v3/session; Max-Age=${LIFETIME_SECONDS}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
  }

  #mac(deviceId: string, userId: string): string {
    return createHmac("sha256", this.#key).update(`${deviceId}.${userId}`).digest("base64url");
  }
}
