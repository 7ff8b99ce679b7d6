import { STATE_MIGRATIONS } from "../../../schema/migrations/state/index.ts";
import { Database } from "../../../server/database/database.ts";
import type { Clock } from "../../../server/lib/clock.ts";
import { newKeyBytes } from "../../../server/secrets/envelope.ts";
import { KeyFile } from "../../../server/secrets/key-file.ts";
import { KeyStore } from "../../../server/secrets/key-store.ts";
import { Keyring, type MasterSource } from "../../../server/secrets/keyring.ts";
import { Redactor } from "../../../server/secrets/redactor.ts";
import { Secrets } from "../../../server/secrets/service.ts";
import { SecretStore } from "../../../server/secrets/store.ts";
import { Audit } from "../../../server/security/audit.ts";
import { chainKey } from "../../../server/security/audit-chain.ts";
import { AuditHead } from "../../../server/security/audit-head.ts";
import { AuditLog } from "../../../server/security/audit-log.ts";
import { AuditStore } from "../../../server/security/audit-store.ts";

/** The files of a house of secrets. */
export const housePaths = (folder: string) => ({
  key: `${folder}/binnacle.key`,
  state: `${folder}/state.db`,
  head: `${folder}/audit.head`,
});

/** Secrets with their keys and the audit log over real files, opened as the server opens them. */
export class SecretHouse implements AsyncDisposable {
  private constructor(
    readonly state: Database,
    readonly keyring: Keyring,
    readonly keyStore: KeyStore,
    readonly store: SecretStore,
    readonly redactor: Redactor,
    readonly audit: Audit,
    readonly auditLog: AuditLog,
    readonly secrets: Secrets,
  ) {}

  /** @param given the master key, when it does not stand in the key file. */
  static async open(folder: string, clock: Clock, given?: Omit<MasterSource, "file">): Promise<SecretHouse> {
    const paths = housePaths(folder);
    const database = Database.open({ path: paths.state, migrations: STATE_MIGRATIONS, synchronous: "FULL" });
    try {
      return await SecretHouse.#join(database, paths, clock, given);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  static async #join(
    database: Database,
    paths: ReturnType<typeof housePaths>,
    clock: Clock,
    given: Omit<MasterSource, "file"> | undefined,
  ): Promise<SecretHouse> {
    const file = new KeyFile(paths.key);
    if (!given && !(await Bun.file(paths.key).exists())) file.create(newKeyBytes());
    const [keyStore, store] = [new KeyStore(database), new SecretStore(database)];
    const master = given ?? { key: file.read(), file };
    const keyring = await Keyring.open({
      database,
      store: keyStore,
      master,
      clock,
      firstAuditKey: async (key) => chainKey(key),
    });
    const redactor = new Redactor();
    const key = keyring.auditKey;
    const auditStore = new AuditStore(database);
    const head = new AuditHead(paths.head, key, clock);
    const audit = new Audit(database, auditStore, clock, key, { head, scrub: redactor.scrub });
    const auditLog = new AuditLog({ database, store: auditStore, clock, key, head });
    await auditLog.open(audit);
    const secrets = await Secrets.open({ database, store, keyStore, keyring, audit, redactor, clock });
    return new SecretHouse(database, keyring, keyStore, store, redactor, audit, auditLog, secrets);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.secrets.flushUses();
    await this.audit.flush();
    await this.state.close();
  }
}
