import type { Configuration } from "../config/configuration.ts";
import { InvalidConfiguration } from "../config/invalid-configuration.ts";
import type { Logger } from "../logs/logger.ts";
import { KeyFile } from "../secrets/key-file.ts";
import { KeyStore } from "../secrets/key-store.ts";
import { Keyring, keyMismatch } from "../secrets/keyring.ts";
import type { Redactor } from "../secrets/redactor.ts";
import { Secrets } from "../secrets/service.ts";
import { SecretStore } from "../secrets/store.ts";
import { Audit } from "../security/audit.ts";
import { chainKey } from "../security/audit-chain.ts";
import { AuditHead } from "../security/audit-head.ts";
import { AuditLog } from "../security/audit-log.ts";
import { AuditStore } from "../security/audit-store.ts";
import type { Base } from "./base.ts";

/**
 * Opens the keys, then what they protect: the audit log and the secrets.
 * @throws AppError `key_mismatch` when the master key is another one than what is stored needs.
 */
export async function composeSecrets(
  { configuration, folder, log, clock, databases }: Base,
  redactor: Redactor,
) {
  const database = databases.state;
  const { paths, isKeyInFile, ...given } = folder;
  const [keyStore, store] = [new KeyStore(database), new AuditStore(database)];
  const file = isKeyInFile ? new KeyFile(paths.key) : undefined;
  const keyring = await Keyring.open({
    database,
    store: keyStore,
    master: { key: given.key, previousKey: given.previousKey, file },
    clock,
    firstAuditKey: async (master) => {
      const key = chainKey(master);
      if (await new AuditLog({ database, store, clock, key }).fitsKey()) return key;
      throw keyMismatch(file);
    },
  });
  const key = keyring.auditKey;
  const head = new AuditHead(paths.auditHead, key, clock);
  const audit = new Audit(database, store, clock, key, { head, scrub: redactor.scrub });
  const auditLog = new AuditLog({ database, store, clock, key, head });
  const damage = await auditLog.open(audit);
  if (damage) log.child("audit").error("The chain of the audit log does not hold", { ...damage });
  const secrets = await Secrets.open({
    database,
    store: new SecretStore(database),
    keyStore,
    keyring,
    audit,
    redactor,
    clock,
  });
  resolveSecrets(configuration, secrets, log.child("config"));
  secrets.onChange(({ kind }) => {
    if (kind !== "key_rotated") resolveSecrets(configuration, secrets, log.child("config"));
  });
  return { redactor, keyring, secrets, audit, auditLog };
}

/** A setting that refers to a secret that is not there keeps its value until the secret is. */
function resolveSecrets(configuration: Configuration, secrets: Secrets, log: Logger): void {
  try {
    const { failures } = configuration.openSecrets(secrets.resolver("configuration"));
    for (const failure of failures)
      log.error("A part did not take a setting with a secret", { error: failure });
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    log.error("A setting refers to a secret that cannot be used", { reason: error.message });
  }
}
