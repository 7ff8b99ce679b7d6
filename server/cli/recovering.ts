import { existsSync } from "node:fs";
import { dataFolderPaths } from "../database/data-folder.ts";
import { Database } from "../database/database.ts";
import { takeInstanceLock } from "../database/instance-lock.ts";
import { AppError } from "../errors/app-error.ts";
import { masterIdOf } from "../secrets/envelope.ts";
import { KeyFile } from "../secrets/key-file.ts";
import { KeyStore } from "../secrets/key-store.ts";
import { openWithRecovery } from "../secrets/recovery-key.ts";

/**
 * Makes the key file of a data folder anew from the recovery key; gives its path. A file that is there and is another
 * one is never written over.
 * @throws AppError `already_running`, `recovery_key_invalid`, `storage_unavailable`
 */
export async function recoverKeyFile(folder: string, recoveryKey: string): Promise<string> {
  const paths = dataFolderPaths(folder);
  if (!existsSync(paths.stateDatabase)) {
    throw new AppError(
      "storage_unavailable",
      `There is nothing to recover: ${paths.stateDatabase} does not exist.`,
    );
  }
  if (existsSync(paths.key)) {
    throw new AppError(
      "storage_unavailable",
      `${paths.key} is there. If it is the wrong one, move it away first; it is not written over.`,
    );
  }
  const lock = takeInstanceLock(paths.lock, paths.pid);
  const database = Database.openReader(paths.stateDatabase);
  try {
    new KeyFile(paths.key).create(await recoverMaster(new KeyStore(database), recoveryKey));
    return paths.key;
  } finally {
    await database.close();
    lock.release();
  }
}

async function recoverMaster(store: KeyStore, recoveryKey: string): Promise<Uint8Array> {
  const wraps = (await store.exists()) ? await store.listRecoveryWraps() : [];
  if (wraps.length === 0) {
    throw new AppError("recovery_key_invalid", "No recovery key was ever made for this data folder.");
  }
  // A rotation that was cut short leaves one for each master key, and every key is wrapped under both.
  const rows = await store.listKeys();
  for (const { masterId, sealed } of wraps) {
    const master = await openWithRecovery(recoveryKey, sealed, masterId);
    const isWhole = (await store.listWraps(masterId)).length === rows.length;
    if (isWhole && (await masterIdOf(master)) === masterId) return master;
  }
  throw new AppError(
    "recovery_key_invalid",
    "The recovery key opens a master key, but not one that opens the secrets.",
  );
}
