import type { Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { Mutex } from "../lib/mutex.ts";
import type { Audit } from "../security/audit.ts";
import type { Caller } from "../security/caller.ts";
import type { KeyStore } from "./key-store.ts";
import type { Keyring } from "./keyring.ts";
import { type RotatedKey, SecretKeys } from "./keys.ts";
import type { Redactor } from "./redactor.ts";
import { contextOf } from "./sealing-context.ts";
import { requireSecretName } from "./secret-name.ts";
import type { Secret, SecretRow, SecretStore } from "./store.ts";
import { UseCounter } from "./use-counter.ts";

/** A value to keep. */
export interface NewSecret {
  value: string;
  /** Absent: as it was, or empty. */
  description?: string | undefined;
}

/** A secret was stored, got a new value, was removed, or was encrypted anew. */
export type SecretChange =
  | { kind: "created" | "changed" | "removed"; name: string }
  | { kind: "key_rotated"; key: RotatedKey; secrets: number };

interface SecretParts {
  database: Database;
  store: SecretStore;
  keyStore: KeyStore;
  keyring: Keyring;
  audit: Audit;
  redactor: Redactor;
  clock: Clock;
}

/** 64 KiB of UTF-8. */
export const MAX_VALUE_BYTES = 64 * 1_024;
/** All of them are held in memory, decrypted, as long as the process runs. */
const MAX_SECRETS = 500;
const MAX_PURPOSE_LENGTH = 100;

/**
 * Named secrets: written by people, read only by parts of this process, each use counted. Values are decrypted once, at
 * the start, because whoever reads a setting cannot wait; nothing gives them out.
 */
export class Secrets {
  readonly #parts: SecretParts;
  readonly #values = new Map<string, string>();
  readonly #uses: UseCounter;
  readonly #listeners = new Set<(change: SecretChange) => void>();
  /** Changes of values and keys, one at a time. */
  readonly #changing = new Mutex();
  /** The keys beneath the values. */
  readonly keys: SecretKeys;

  private constructor(parts: SecretParts) {
    this.#parts = parts;
    this.#uses = new UseCounter(parts.database, parts.store);
    this.keys = new SecretKeys({ ...parts, changing: this.#changing, tell: (change) => this.#tell(change) });
  }

  /**
   * Decrypts every secret and begins to keep them, and the master key, out of what leaves the process.
   * @throws AppError `secret_unreadable` naming the secret.
   */
  static async open(parts: SecretParts): Promise<Secrets> {
    const secrets = new Secrets(parts);
    const { store, redactor } = parts;
    secrets.keys.redactMaster();
    for (const row of await store.listRows()) {
      const value = await secrets.#open(row);
      secrets.#values.set(row.name, value);
      redactor.remember(value);
    }
    await secrets.keys.recordTidied();
    return secrets;
  }

  /** Hears of every change once it is stored; returns what ends it. Must be quick and must not throw. */
  onChange(listener: (change: SecretChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** By name, without values. @throws AppError `invalid_cursor` */
  async list(query: PageQuery): Promise<Page<Secret>> {
    return this.#parts.store.list(query);
  }

  /** @throws AppError `secret_not_found` */
  async get(name: string): Promise<Secret> {
    const secret = await this.#parts.store.find(name);
    if (secret) return secret;
    throw notFound(name);
  }

  /** Stores a secret, or gives it a new value. @throws AppError `validation_failed` */
  async set(name: string, input: NewSecret, caller: Caller): Promise<{ secret: Secret; isNew: boolean }> {
    requireSecretName(name);
    requireValue(input.value);
    const { redactor } = this.#parts;
    redactor.remember(input.value);
    return this.#changing.run(async () => {
      const stored = await this.#store(name, input, caller);
      this.#values.set(name, input.value);
      this.#tell({ kind: stored.isNew ? "created" : "changed", name });
      return stored;
    });
  }

  /** @throws AppError `secret_not_found` */
  async remove(name: string, caller: Caller): Promise<void> {
    const { database, store, audit } = this.#parts;
    await this.#changing.run(async () => {
      await database.write(async (tx) => {
        if (!(await store.find(name, tx))) throw notFound(name);
        await store.remove(tx, name);
        await audit.append(tx, caller, { action: "secret.remove", target: name });
      });
      this.#values.delete(name);
      this.#tell({ kind: "removed", name });
    });
  }

  /**
   * The value, for a part of this process and never for an answer. Counted for `purpose` (`plugin:backup-s3`), and in the
   * audit log once a minute for each user and purpose; by Binnacle itself without a caller.
   * @throws AppError `secret_not_found`
   */
  use(name: string, purpose: string, caller?: Caller): string {
    const value = this.#values.get(name);
    if (value === undefined) throw notFound(name);
    const { audit, clock } = this.#parts;
    const detail = { purpose: purpose.slice(0, MAX_PURPOSE_LENGTH) };
    audit.recordUse(caller, { action: "secret.use", target: name, detail });
    this.#uses.count({ name, ...detail, count: 1, lastUsedAt: clock.now() });
    return value;
  }

  /** Whether a secret of that name is stored. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** What `${secret:NAME}` asks: the value of that name for `purpose`, undefined when there is none. */
  resolver(purpose: string): (name: string) => string | undefined {
    return (name) => (this.#values.has(name) ? this.use(name, purpose) : undefined);
  }

  /** Writes the uses counted so far; those that cannot be written wait. */
  flushUses(): Promise<void> {
    return this.#uses.flush();
  }

  async #store(name: string, { value, description }: NewSecret, caller: Caller) {
    const { database, store, keyring, audit, clock } = this.#parts;
    const before = await store.findRow(name);
    const version = (before?.version ?? 0) + 1;
    const now = clock.now();
    const row: SecretRow = {
      name,
      description: description ?? before?.description ?? "",
      version,
      ...(await keyring.seal(new TextEncoder().encode(value), contextOf(name, version))),
      createdAt: before?.createdAt ?? now,
      changedAt: now,
      changedBy: audit.nameOf(caller),
    };
    const secret = await database.write(async (tx) => {
      if (!before && (await store.count(tx)) >= MAX_SECRETS) throw tooMany();
      await (before ? store.update(tx, row) : store.insert(tx, row));
      const action = before ? "secret.change" : "secret.create";
      await audit.append(tx, caller, { action, target: name, detail: { version } });
      return store.find(name, tx);
    });
    if (!secret) throw notFound(name);
    return { secret, isNew: before === undefined };
  }

  async #open(row: SecretRow): Promise<string> {
    try {
      const plain = await this.#parts.keyring.unseal(
        row.keyVersion,
        row.sealed,
        contextOf(row.name, row.version),
      );
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain);
    } catch (cause) {
      throw new AppError(
        "secret_unreadable",
        `The stored secret ${row.name} cannot be decrypted: its row was damaged or changed. Restore the newest backup, or remove the row.`,
        { cause },
      );
    }
  }

  #tell(change: SecretChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function requireValue(value: string): void {
  const sizeBytes = Buffer.byteLength(value);
  const message =
    sizeBytes === 0
      ? "must not be empty"
      : sizeBytes > MAX_VALUE_BYTES
        ? `has ${sizeBytes} bytes; at most ${MAX_VALUE_BYTES} are kept`
        : value.isWellFormed()
          ? undefined
          : "is not whole Unicode text";
  if (message === undefined) return;
  throw new AppError("validation_failed", `The value ${message}.`, { issues: [{ path: "value", message }] });
}

const notFound = (name: string): AppError =>
  new AppError("secret_not_found", `There is no secret named ${name}.`);

const tooMany = (): AppError =>
  new AppError(
    "validation_failed",
    `There are ${MAX_SECRETS} secrets already; remove one that is no longer used.`,
  );
