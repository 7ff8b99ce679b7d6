import type { Database } from "../database/database.ts";
import { seal, unseal, wrappingKey } from "./envelope.ts";
import type { KeyRow, KeyStore, WrapRow } from "./key-store.ts";
import { sealToRecovery } from "./recovery-key.ts";

/** A key beneath the master key, in the clear. */
export interface OpenKey {
  row: KeyRow;
  bytes: Uint8Array;
}

/** Every key of `rows`; undefined when not all of them are wrapped under this master key. */
export async function openKeys(
  rows: readonly KeyRow[],
  wraps: readonly WrapRow[],
  master: Uint8Array,
): Promise<OpenKey[] | undefined> {
  const byId = new Map(wraps.map((wrap) => [wrap.keyId, wrap]));
  const key = await wrappingKey(master);
  const opened: OpenKey[] = [];
  for (const row of rows) {
    const wrap = byId.get(row.id);
    if (!wrap) return undefined;
    opened.push({ row, bytes: await unseal(key, wrap.sealed, wrapContext(wrap)) });
  }
  return opened;
}

/** Wraps keys under a master key. */
export async function wrapAll(
  keys: readonly OpenKey[],
  master: Uint8Array,
  masterId: string,
): Promise<WrapRow[]> {
  const key = await wrappingKey(master);
  return Promise.all(
    keys.map(async ({ row, bytes }) => {
      const place = { keyId: row.id, masterId };
      return { ...place, sealed: await seal(key, bytes, wrapContext(place)) };
    }),
  );
}

/** Wraps every key, and seals the master key to the recovery key, under a master key that is to come in force. */
export async function handOver(
  { database, store }: { database: Database; store: KeyStore },
  keys: readonly OpenKey[],
  next: Uint8Array,
  masterId: string,
): Promise<void> {
  const wraps = await wrapAll(keys, next, masterId);
  const recovery = await store.findRecovery();
  const sealed = recovery && (await sealToRecovery(recovery.publicKey, next, masterId));
  await database.write(async (tx) => {
    for (const wrap of wraps) await store.putWrap(tx, wrap);
    if (sealed) await store.putRecoveryWrap(tx, masterId, sealed);
  });
}

const wrapContext = ({ keyId, masterId }: Pick<WrapRow, "keyId" | "masterId">): string =>
  `binnacle key\0${keyId}\0${masterId}`;
