import type { KeyState } from "./keys.ts";
import type { KeysView, SecretView } from "./model.ts";
import type { Secret } from "./store.ts";

/** How a secret leaves by every edge: named fields only, and none of them is its value. */
export const secretView = (secret: Secret): SecretView => ({
  name: secret.name,
  description: secret.description,
  version: secret.version,
  createdAt: iso(secret.createdAt),
  changedAt: iso(secret.changedAt),
  changedBy: secret.changedBy,
  lastUsedAt: isoOrNull(secret.lastUsedAt),
  uses: secret.uses,
  usedBy: secret.usedBy.map(({ purpose, count, lastUsedAt }) => ({
    purpose,
    count,
    lastUsedAt: iso(lastUsedAt),
  })),
});

export const keysView = (state: KeyState): KeysView => ({
  master: state.master,
  dataKeyVersion: state.dataKeyVersion,
  dataKeyCreatedAt: iso(state.dataKeyCreatedAt),
  secretsUnderOldKeys: state.secretsUnderOldKeys,
  recoveryKeyCreatedAt: isoOrNull(state.recovery?.createdAt ?? null),
  recoveryKeyConfirmedAt: isoOrNull(state.recovery?.confirmedAt ?? null),
  rotation: state.rotation ?? null,
});

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));
