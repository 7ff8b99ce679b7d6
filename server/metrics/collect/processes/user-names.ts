import { readFileSync, statSync } from "node:fs";

const MAX_PASSWD_BYTES = 4 * 1024 * 1024;

/** Names of users by uid, from a passwd file that is read again when it changed. Users it does not hold (LDAP) keep their number. */
export class UserNames {
  readonly #path: string;
  #changedAtMs: number | undefined;
  #names: ReadonlyMap<number, string> = new Map();

  constructor(path: string) {
    this.#path = path;
  }

  nameOf(uid: number): string {
    this.#refresh();
    return this.#names.get(uid) ?? String(uid);
  }

  #refresh(): void {
    const status = statSync(this.#path, { throwIfNoEntry: false });
    if (status === undefined || status.size > MAX_PASSWD_BYTES || status.mtimeMs === this.#changedAtMs)
      return;
    this.#changedAtMs = status.mtimeMs;
    try {
      this.#names = parsePasswd(readFileSync(this.#path, "utf8"));
    } catch {
      this.#names = new Map(); // not ours to read: numbers instead of names
    }
  }
}

/** Reads passwd(5): `name:password:uid:…`. Of two names for one uid the first counts, as it does for getpwuid(3). */
export function parsePasswd(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [name, , uid] = line.split(":");
    if (!name || name.startsWith("#") || uid === undefined || !/^\d+$/.test(uid)) continue;
    if (!names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}
