import type { Api } from "./api.ts";
import type { Page } from "./types.ts";

/** A secret without its value, which the server gives to nobody. */
export interface Secret {
  name: string;
  description: string;
  version: number;
  createdAt: string;
  changedAt: string;
  changedBy: string;
  lastUsedAt: string | null;
  uses: number;
  usedBy: { purpose: string; count: number; lastUsedAt: string }[];
}

export type RotatedKey = "data" | "master";

/** How the keys that protect secrets stand. */
export interface SecretKeys {
  master: "file" | "environment";
  dataKeyVersion: number;
  dataKeyCreatedAt: string;
  secretsUnderOldKeys: number;
  recoveryKeyCreatedAt: string | null;
  recoveryKeyConfirmedAt: string | null;
  rotation: { key: RotatedKey; done: number; total: number } | null;
}

const PAGE_LIMIT = 200;
const PAGES = 10;
const ROTATION_TIMEOUT_MS = 120_000;

/** Secrets and their keys. Every method throws ApiProblem when the server refuses. */
export class SecretVault {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async list(): Promise<Secret[]> {
    const items: Secret[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const answer: Page<Secret> = await this.#api.get("/api/v3/secrets", {
        query: { limit: PAGE_LIMIT, cursor },
      });
      items.push(...answer.items);
      if (answer.nextCursor === null) break;
      cursor = answer.nextCursor;
    }
    return items;
  }

  set(name: string, body: { value: string; description?: string }): Promise<Secret> {
    return this.#api.put(pathOf(name), body);
  }

  remove(name: string): Promise<void> {
    return this.#api.delete(pathOf(name));
  }

  keys(): Promise<SecretKeys> {
    return this.#api.get("/api/v3/secret-keys");
  }

  rotate(key: RotatedKey): Promise<{ secrets: number; keys: SecretKeys }> {
    return this.#api.post("/api/v3/secret-keys/rotations", { key }, { timeoutMs: ROTATION_TIMEOUT_MS });
  }

  /** Makes a recovery key in place of the one before: the only time it is shown. */
  async createRecoveryKey(): Promise<string> {
    const made = await this.#api.post<{ recoveryKey: string }>("/api/v3/secret-keys/recovery-key", undefined);
    return made.recoveryKey;
  }

  confirmRecoveryKey(ending: string): Promise<void> {
    return this.#api.put("/api/v3/secret-keys/recovery-key/confirmation", { ending });
  }
}

const pathOf = (name: string): string => `/api/v3/secrets/${encodeURIComponent(name)}`;
