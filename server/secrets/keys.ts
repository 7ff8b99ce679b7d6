import type { Connection, Database } from "../database/database.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Mutex } from "../lib/mutex.ts";
import type { Audit } from "../security/audit.ts";
import type { Caller } from "../security/caller.ts";
import type { KeyStore } from "./key-store.ts";
import type { Keyring, MasterRotationStep } from "./keyring.ts";
import type { Redactor } from "./redactor.ts";
import { contextOf } from "./sealing-context.ts";
import type { SecretStore } from "./store.ts";

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

interface SecretKeysParts {
  database: Database;
  store: SecretStore;
  keyStore: KeyStore;
  keyring: Keyring;
  audit: Audit;
  redactor: Redactor;
  clock: Clock;
  /** Changes of values and keys, one at a time. */
  changing: Mutex;
  tell: (change: { kind: "key_rotated"; key: RotatedKey; secrets: number }) => void;
}

const MASTER_STEPS = 4;
const ROTATE = { action: "secret.rotate", target: "keys" } as const;
const CUT_SHORT = "one that was cut short was ended";

/** The verbs on the keys that secrets are encrypted with: rotation, and the recovery key. */
export class SecretKeys {
  readonly #parts: SecretKeysParts;
  #rotation: KeyState["rotation"];

  constructor(parts: SecretKeysParts) {
    this.#parts = parts;
  }

  async state(): Promise<KeyState> {
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

  /**
   * Makes a new data key and encrypts every secret with it, one after the other: a crash leaves some under the old key
   * and some under the new one, all readable, and the next rotation ends it. Returns how many secrets were encrypted.
   */
  async rotateData(caller: Caller): Promise<number> {
    const { changing, keyring, audit } = this.#parts;
    return changing.run(async () => {
      const { version } = await keyring.addDataKey();
      return this.#sealAnew(version, (tx, secrets) =>
        audit.append(tx, caller, { ...ROTATE, detail: { key: "data", version, secrets } }),
      );
    });
  }

  /** Ends a rotation of the data key that was cut short; returns how many secrets were left to encrypt. */
  async finishRotation(): Promise<number> {
    const { changing, store, keyring, audit } = this.#parts;
    return changing.run(async () => {
      const { version } = keyring.dataKey;
      if ((await store.listNamesNotUnder(version)).length === 0) return 0;
      return this.#sealAnew(version, (tx, secrets) =>
        audit.appendOwn(tx, { ...ROTATE, detail: { key: "data", version, secrets, outcome: CUT_SHORT } }),
      );
    });
  }

  /** Replaces the master key; see {@link Keyring.rotateMaster}. @throws AppError `key_in_environment` */
  async rotateMaster(caller: Caller, onStep?: (step: MasterRotationStep) => void): Promise<void> {
    const { changing, keyring, audit, tell } = this.#parts;
    await changing.run(async () => {
      const rotation = { key: "master" as const, done: 0, total: MASTER_STEPS };
      this.#rotation = rotation;
      try {
        await keyring.rotateMaster(
          (tx) => audit.append(tx, caller, { ...ROTATE, detail: { key: "master" } }),
          (step) => {
            rotation.done++;
            onStep?.(step);
          },
        );
      } finally {
        this.#rotation = undefined;
        this.redactMaster();
      }
      tell({ kind: "key_rotated", key: "master", secrets: 0 });
    });
  }

  /** Takes note, at the start, of a replacement of the master key that the opening of the keys had to end. */
  async recordTidied(): Promise<void> {
    const { database, keyring, audit } = this.#parts;
    if (!keyring.hasTidied) return;
    const detail = { key: "master", outcome: CUT_SHORT };
    await database.write((tx) => audit.appendOwn(tx, { ...ROTATE, detail }));
  }

  /** Makes a recovery key in place of the one before; the only moment its text is known. */
  async createRecovery(caller: Caller): Promise<{ text: string; ending: string }> {
    const { changing, keyring, audit } = this.#parts;
    return changing.run(() =>
      keyring.createRecoveryKey((tx) =>
        audit.append(tx, caller, { action: "secret.make_recovery_key", target: "recovery-key" }),
      ),
    );
  }

  /**
   * Takes note that the recovery key is kept safely; whoever repeats its last group has it before them.
   * @throws AppError `recovery_key_invalid`
   */
  async confirmRecovery(ending: string, caller: Caller): Promise<void> {
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

  /** Begins to keep the master key in force out of what leaves the process. */
  redactMaster(): void {
    const { keyring, redactor } = this.#parts;
    redactor.remember(Buffer.from(keyring.masterKey).toString("base64"));
    redactor.remember(Buffer.from(keyring.masterKey).toString("hex"));
  }

  async #sealAnew(
    keyVersion: number,
    record: (tx: Connection, secrets: number) => Promise<void>,
  ): Promise<number> {
    const { database, store, keyring, tell } = this.#parts;
    const names = await store.listNamesNotUnder(keyVersion);
    const rotation = { key: "data" as const, done: 0, total: names.length };
    this.#rotation = rotation;
    try {
      for (const name of names) {
        await this.#sealOneAnew(name, keyVersion);
        rotation.done++;
      }
      await database.write(async (tx) => {
        if ((await store.listNamesNotUnder(keyVersion, tx)).length === 0) await keyring.dropOldDataKeys(tx);
        await record(tx, names.length);
      });
    } finally {
      this.#rotation = undefined;
    }
    tell({ kind: "key_rotated", key: "data", secrets: names.length });
    return names.length;
  }

  async #sealOneAnew(name: string, keyVersion: number): Promise<void> {
    const { database, store, keyring } = this.#parts;
    const before = await store.findRow(name);
    if (!before) return;
    const context = contextOf(name, before.version);
    const plain = await keyring.unseal(before.keyVersion, before.sealed, context);
    const { sealed } = await keyring.seal(plain, context);
    await database.write((tx) => store.reseal(tx, before, keyVersion, sealed));
  }
}
