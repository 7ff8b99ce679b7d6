import type { Connection, Database } from "../database/database.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { type Bytes, encryptionKey, masterIdOf, newKeyBytes, seal, unseal } from "./envelope.ts";
import type { KeyFile } from "./key-file.ts";
import type { KeyRow, KeyStore } from "./key-store.ts";
import { handOver, type OpenKey, openKeys, wrapAll } from "./key-wraps.ts";
import { newRecoveryKey, sealToRecovery } from "./recovery-key.ts";

/** Where the master key comes from. */
export interface MasterSource {
  /** The key in force, 32 bytes. */
  key: Uint8Array;
  /** The one before it, when the environment hands over from one to the next. */
  previousKey?: Uint8Array | undefined;
  /** Absent when the environment holds the key: it then cannot be replaced from here. */
  file?: KeyFile | undefined;
}

interface KeyringParts {
  database: Database;
  store: KeyStore;
  master: MasterSource;
  clock: Clock;
  /**
   * The key of the audit log for a database that has no keys yet.
   * @throws AppError `key_mismatch` when a log is there that another master key signed.
   */
  firstAuditKey: (master: Uint8Array) => Promise<Uint8Array>;
}

/** How far the replacement of the master key has come; each is safely on disk when it is told. */
export type MasterRotationStep = "staged" | "wrapped" | "swapped" | "dropped";

/**
 * The keys beneath the master key. The master key wraps data keys and the key of the audit log; data keys encrypt values.
 * Replacing the master key therefore touches a few dozen bytes and no secret.
 */
export class Keyring {
  readonly #parts: KeyringParts;
  readonly #keys = new Map<string, OpenKey>();
  readonly #dataKeys = new Map<number, CryptoKey>();
  #master: Uint8Array;
  #masterId: string;
  /** Whether a replacement of the master key that had been cut short was tidied up at the start. */
  readonly hasTidied: boolean;

  private constructor(parts: KeyringParts, master: Uint8Array, masterId: string, hasTidied: boolean) {
    this.#parts = parts;
    this.#master = master;
    this.#masterId = masterId;
    this.hasTidied = hasTidied;
  }

  /**
   * Opens every key; makes the first ones in a new database, and ends what a crash during a replacement left: whichever
   * master key is in force opens all keys, so the other one is dropped.
   * @throws AppError `key_mismatch` when the master key does not open what is there. Nothing is changed then.
   */
  static async open(parts: KeyringParts): Promise<Keyring> {
    const { database, store, master } = parts;
    const { key, previousKey, file } = master;
    const masterId = await masterIdOf(key);
    const rows = await store.listKeys();
    if (rows.length === 0) return Keyring.#begin(parts, masterId);
    let keys = await openKeys(rows, await store.listWraps(masterId), key);
    if (!keys && previousKey) {
      keys = await openKeys(rows, await store.listWraps(await masterIdOf(previousKey)), previousKey);
      if (keys) await handOver(parts, keys, key, masterId);
    }
    if (!keys) throw keyMismatch(file);
    const hasTidied = await database.write((tx) => store.keepOnly(tx, masterId));
    file?.dropStaged();
    const keyring = new Keyring(parts, key, masterId, hasTidied);
    for (const open of keys) await keyring.#add(open);
    return keyring;
  }

  static async #begin(parts: KeyringParts, masterId: string): Promise<Keyring> {
    const { database, store, master, clock, firstAuditKey } = parts;
    const createdAt = clock.now();
    const keyring = new Keyring(parts, master.key, masterId, false);
    const first: OpenKey[] = [
      {
        row: { id: "audit-1", purpose: "audit", version: 1, createdAt },
        bytes: await firstAuditKey(master.key),
      },
      { row: { id: "data-1", purpose: "data", version: 1, createdAt }, bytes: newKeyBytes() },
    ];
    const wraps = await wrapAll(first, master.key, masterId);
    await database.write(async (tx) => {
      for (const { row } of first) await store.insertKey(tx, row);
      for (const wrap of wraps) await store.putWrap(tx, wrap);
    });
    for (const open of first) await keyring.#add(open);
    return keyring;
  }

  /** The key that chains the audit log. */
  get auditKey(): Uint8Array {
    return this.#newest("audit").bytes;
  }

  /** Bytes that must not leave the process. */
  get masterKey(): Uint8Array {
    return this.#master;
  }

  get masterId(): string {
    return this.#masterId;
  }

  /** Whether the master key can be replaced from here: it stands in the key file. */
  get ownsMaster(): boolean {
    return this.#parts.master.file !== undefined;
  }

  /** The data key that new values are encrypted with. */
  get dataKey(): KeyRow {
    return this.#newest("data").row;
  }

  /** Encrypts a value with the newest data key, bound to `context`. */
  async seal(plain: Uint8Array, context: string): Promise<{ keyVersion: number; sealed: Buffer }> {
    const { version } = this.dataKey;
    return { keyVersion: version, sealed: await seal(this.#dataKey(version), plain, context) };
  }

  /** @throws AppError `secret_unreadable` */
  unseal(keyVersion: number, sealed: Uint8Array, context: string): Promise<Bytes> {
    return unseal(this.#dataKey(keyVersion), sealed, context);
  }

  /** Adds a data key; from the moment it is stored, new values are encrypted with it. */
  async addDataKey(): Promise<KeyRow> {
    const { database, store, clock } = this.#parts;
    const version = this.dataKey.version + 1;
    const open: OpenKey = {
      row: { id: `data-${version}`, purpose: "data", version, createdAt: clock.now() },
      bytes: newKeyBytes(),
    };
    const wraps = await wrapAll([open], this.#master, this.#masterId);
    await database.write(async (tx) => {
      await store.insertKey(tx, open.row);
      for (const wrap of wraps) await store.putWrap(tx, wrap);
    });
    await this.#add(open);
    return open.row;
  }

  /** Forgets the data keys before the newest, once nothing is encrypted with them. */
  async dropOldDataKeys(tx: Connection): Promise<void> {
    const { database, store } = this.#parts;
    const newest = this.dataKey.id;
    const old = [...this.#keys.values()].filter(({ row }) => row.purpose === "data" && row.id !== newest);
    for (const { row } of old) await store.removeKey(tx, row.id);
    database.afterCommit(() => {
      for (const { row } of old) this.#keys.delete(row.id);
    });
  }

  /**
   * Replaces the master key while everything goes on. Steps, each safely on disk before the next: the new key is written
   * beside the file in force; every key is wrapped under both; the new file takes the old one's place at once; the old
   * wraps are dropped. A crash anywhere leaves a key file that opens every key: the old one before the third step, the
   * new one after it. {@link open} tidies up the rest.
   *
   * @param record writes what goes with the change, in the unit of work that ends it.
   * @throws AppError `key_in_environment` when the master key is not in a file.
   */
  async rotateMaster(
    record: (tx: Connection) => Promise<void>,
    onStep: (step: MasterRotationStep) => void = () => {},
  ): Promise<void> {
    const { database, store, master } = this.#parts;
    if (!master.file) {
      throw new AppError(
        "key_in_environment",
        "BINNACLE_KEY holds the master key. Start with the new one as BINNACLE_KEY and the present one as BINNACLE_KEY_PREVIOUS.",
      );
    }
    const next = newKeyBytes();
    const nextId = await masterIdOf(next);
    master.file.stage(next);
    onStep("staged");
    await handOver(this.#parts, [...this.#keys.values()], next, nextId);
    onStep("wrapped");
    master.file.swap();
    this.#master = next;
    this.#masterId = nextId;
    onStep("swapped");
    await database.write(async (tx) => {
      await store.keepOnly(tx, nextId);
      await record(tx);
    });
    onStep("dropped");
  }

  /** Makes a recovery key in place of the one before; its text is known this once. */
  async createRecoveryKey(
    record: (tx: Connection) => Promise<void>,
  ): Promise<{ text: string; ending: string }> {
    const { database, store, clock } = this.#parts;
    const { text, ending, publicKey } = await newRecoveryKey();
    const sealed = await sealToRecovery(publicKey, this.#master, this.#masterId);
    const row = { publicKey: Buffer.from(publicKey), ending, createdAt: clock.now(), confirmedAt: null };
    await database.write(async (tx) => {
      await store.replaceRecovery(tx, row);
      await store.putRecoveryWrap(tx, this.#masterId, sealed);
      await record(tx);
    });
    return { text, ending };
  }

  async #add(open: OpenKey): Promise<void> {
    const { row, bytes } = open;
    if (row.purpose === "data") this.#dataKeys.set(row.version, await encryptionKey(bytes));
    this.#keys.set(row.id, open);
  }

  #newest(purpose: KeyRow["purpose"]): OpenKey {
    const found = [...this.#keys.values()]
      .filter(({ row }) => row.purpose === purpose)
      .toSorted((a, b) => b.row.version - a.row.version)[0];
    if (!found) throw new AppError("secret_unreadable", `There is no ${purpose} key.`);
    return found;
  }

  #dataKey(version: number): CryptoKey {
    const key = this.#dataKeys.get(version);
    if (!key) throw new AppError("secret_unreadable", `The data key ${version} is gone.`);
    return key;
  }
}

/**
 * The key of the audit log as a database holds it, without changing anything; undefined when it has no keys yet.
 * @throws AppError `key_mismatch`
 */
export async function findAuditKey(store: KeyStore, master: Uint8Array): Promise<Uint8Array | undefined> {
  if (!(await store.exists())) return undefined;
  const rows = await store.listKeys();
  if (rows.length === 0) return undefined;
  const keys = await openKeys(rows, await store.listWraps(await masterIdOf(master)), master);
  if (!keys) throw keyMismatch(undefined);
  return keys.findLast(({ row }) => row.purpose === "audit")?.bytes;
}

/** The master key is another one than what is stored needs. */
export function keyMismatch(file: KeyFile | undefined): AppError {
  const origin = file ? file.path : "The master key given";
  return new AppError(
    "key_mismatch",
    `${origin} does not open the secrets and the audit log of this data folder: it is another server's key, or an older one. Put the right key back, or restore it with "binnacle secret recover".`,
  );
}
