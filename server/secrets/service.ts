import type { Connection, Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { Mutex } from "../lib/mutex.ts";
import type { Audit } from "../security/audit.ts";
import type { Caller } from "../security/caller.ts";
import type { KeyStore } from "./key-store.ts";
import type { Keyring, MasterRotationStep } from "./keyring.ts";
import type { Redactor } from "./redactor.ts";
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

/** Which keys a rotation replaces. */
export type RotatedKey = "data" | "master";

/** How the keys stand. */
export interface KeyState {
  /** Where the master key is. */
  master: "file" | "environment";
  dataKeyVersion: number;
  /** Epoch milliseconds. */
  dataKeyCreatedAt: number;
  /** Secrets that wait to be encrypted with the newest data key. */
  secretsUnderOldKeys: number;
  /** The recovery key; undefined as long as none was made. */
  recovery: { createdAt: number; confirmedAt: number | null } | undefined;
  /** The rotation under way. */
  rotation: { key: RotatedKey; done: number; total: number } | undefined;
}

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
  #rotation: KeyState["rotation"];

  private constructor(parts: SecretParts) {
    this.#parts = parts;
    this.#uses = new UseCounter(parts.database, parts.store);
  }

  /**
   * Decrypts every secret and begins to keep them, and the master key, out of what leaves the process.
   * @throws AppError `secret_unreadable` naming the secret.
   */
  static async open(parts: SecretParts): Promise<Secrets> {
    const secrets = new Secrets(parts);
    const { store, keyring, redactor, database, audit } = parts;
    secrets.#redactMaster();
    for (const row of await store.listRows()) {
      const value = await secrets.#open(row);
      secrets.#values.set(row.name, value);
      redactor.remember(value);
    }
    if (keyring.hasTidied) {
      const detail = { key: "master", outcome: "one that was cut short was ended" };
      await database.write((tx) => audit.appendOwn(tx, { action: "secret.rotate", target: "keys", detail }));
    }
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

  /**
   * Makes a new data key and encrypts every secret with it, one after the other: a crash leaves some under the old key
   * and some under the new one, all readable, and the next rotation ends it. Returns how many secrets were encrypted.
   */
  async rotateDataKey(caller: Caller): Promise<number> {
    return this.#changing.run(async () => {
      const { version } = await this.#parts.keyring.addDataKey();
      return this.#sealAnew(version, async (tx, secrets) => {
        const detail = { key: "data", version, secrets };
        await this.#parts.audit.append(tx, caller, { action: "secret.rotate", target: "keys", detail });
      });
    });
  }

  /** Ends a rotation of the data key that was cut short; returns how many secrets were left to encrypt. */
  async finishRotation(): Promise<number> {
    const { store, keyring, audit } = this.#parts;
    return this.#changing.run(async () => {
      const { version } = keyring.dataKey;
      if ((await store.listNamesNotUnder(version)).length === 0) return 0;
      return this.#sealAnew(version, async (tx, secrets) => {
        const detail = { key: "data", version, secrets, outcome: "one that was cut short was ended" };
        await audit.appendOwn(tx, { action: "secret.rotate", target: "keys", detail });
      });
    });
  }

  /** Replaces the master key; see {@link Keyring.rotateMaster}. @throws AppError `key_in_environment` */
  async rotateMasterKey(caller: Caller, onStep?: (step: MasterRotationStep) => void): Promise<void> {
    const { keyring, audit } = this.#parts;
    await this.#changing.run(async () => {
      this.#rotation = { key: "master", done: 0, total: MASTER_STEPS };
      try {
        await keyring.rotateMaster(
          (tx) =>
            audit.append(tx, caller, { action: "secret.rotate", target: "keys", detail: { key: "master" } }),
          (step) => {
            if (this.#rotation) this.#rotation.done++;
            onStep?.(step);
          },
        );
      } finally {
        this.#rotation = undefined;
        this.#redactMaster();
      }
      this.#tell({ kind: "key_rotated", key: "master", secrets: 0 });
    });
  }

  /** Makes a recovery key in place of the one before; the only moment its text is known. */
  async createRecoveryKey(caller: Caller): Promise<{ text: string; ending: string }> {
    const { keyring, audit } = this.#parts;
    return this.#changing.run(() =>
      keyring.createRecoveryKey((tx) =>
        audit.append(tx, caller, { action: "secret.make_recovery_key", target: "recovery-key" }),
      ),
    );
  }

  /**
   * Takes note that the recovery key is kept safely; whoever repeats its last group has it before them.
   * @throws AppError `recovery_key_invalid`
   */
  async confirmRecoveryKey(ending: string, caller: Caller): Promise<void> {
    const { database, keyStore, audit, clock } = this.#parts;
    await database.write(async (tx) => {
      const isRight = await keyStore.confirmRecovery(tx, ending.trim().toUpperCase(), clock.now());
      if (!isRight) {
        throw new AppError(
          "recovery_key_invalid",
          "Those are not the last four characters of the recovery key in force.",
        );
      }
      await audit.append(tx, caller, { action: "secret.confirm_recovery_key", target: "recovery-key" });
    });
  }

  async keys(): Promise<KeyState> {
    const { store, keyStore, keyring } = this.#parts;
    const { version, createdAt } = keyring.dataKey;
    const recovery = await keyStore.findRecovery();
    return {
      master: keyring.ownsMaster ? "file" : "environment",
      dataKeyVersion: version,
      dataKeyCreatedAt: createdAt,
      secretsUnderOldKeys: (await store.listNamesNotUnder(version)).length,
      recovery: recovery && { createdAt: recovery.createdAt, confirmedAt: recovery.confirmedAt },
      rotation: this.#rotation && { ...this.#rotation },
    };
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

  async #sealAnew(
    keyVersion: number,
    record: (tx: Connection, secrets: number) => Promise<void>,
  ): Promise<number> {
    const { database, store, keyring } = this.#parts;
    const names = await store.listNamesNotUnder(keyVersion);
    this.#rotation = { key: "data", done: 0, total: names.length };
    try {
      for (const name of names) {
        const before = await store.findRow(name);
        if (before) {
          const context = contextOf(name, before.version);
          const plain = await keyring.unseal(before.keyVersion, before.sealed, context);
          const { sealed } = await keyring.seal(plain, context);
          await database.write((tx) => store.reseal(tx, before, keyVersion, sealed));
        }
        this.#rotation.done++;
      }
      await database.write(async (tx) => {
        if ((await store.listNamesNotUnder(keyVersion, tx)).length === 0) await keyring.dropOldDataKeys(tx);
        await record(tx, names.length);
      });
    } finally {
      this.#rotation = undefined;
    }
    this.#tell({ kind: "key_rotated", key: "data", secrets: names.length });
    return names.length;
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

  #redactMaster(): void {
    const { keyring, redactor } = this.#parts;
    redactor.remember(Buffer.from(keyring.masterKey).toString("base64"));
    redactor.remember(Buffer.from(keyring.masterKey).toString("hex"));
  }

  #tell(change: SecretChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

const MASTER_STEPS = 4;

/** What a value is encrypted as: another secret's value, or an older one, does not open in its place. */
const contextOf = (name: string, version: number): string => `binnacle secret\0${name}\0${version}`;

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
