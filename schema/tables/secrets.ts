import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Keys that encrypt or sign, each held only wrapped. Times are epoch milliseconds. */
export const secretKeys = sqliteTable("secret_keys", {
  /** `data-3`, `audit-1`. */
  id: text("id").primaryKey(),
  purpose: text("purpose", { enum: ["data", "audit"] }).notNull(),
  /** Grows by one with each rotation. */
  version: integer("version").notNull(),
  createdAt: integer("created_at").notNull(),
});

/** Each key under each master key; two master keys only while one takes the place of the other. */
export const secretKeyWraps = sqliteTable(
  "secret_key_wraps",
  {
    keyId: text("key_id")
      .notNull()
      .references(() => secretKeys.id, { onDelete: "cascade" }),
    /** Fingerprint of the master key. */
    masterId: text("master_id").notNull(),
    /** Nonce, ciphertext and tag. */
    sealed: blob("sealed", { mode: "buffer" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.keyId, table.masterId] })],
);

/** The recovery key in force, by its public half: one row, or none. */
export const secretRecovery = sqliteTable("secret_recovery", {
  /** Always 1. */
  id: integer("id").primaryKey(),
  publicKey: blob("public_key", { mode: "buffer" }).notNull(),
  /** Its last characters (a check sum), which a person repeats to show that it was written down. */
  ending: text("ending").notNull(),
  createdAt: integer("created_at").notNull(),
  /** When its safekeeping was confirmed. */
  confirmedAt: integer("confirmed_at"),
});

/** Each master key, sealed to the public half of the recovery key. */
export const secretRecoveryWraps = sqliteTable("secret_recovery_wraps", {
  masterId: text("master_id").primaryKey(),
  sealed: blob("sealed", { mode: "buffer" }).notNull(),
});

/** Secrets, encrypted by a data key. */
export const secrets = sqliteTable("secrets", {
  name: text("name").primaryKey(),
  description: text("description").notNull(),
  /** Grows by one with each new value; part of what is authenticated. */
  version: integer("version").notNull(),
  /** Version of the data key. */
  keyVersion: integer("key_version").notNull(),
  /** Nonce, ciphertext and tag. */
  sealed: blob("sealed", { mode: "buffer" }).notNull(),
  createdAt: integer("created_at").notNull(),
  changedAt: integer("changed_at").notNull(),
  /** Name of the principal as it was then. */
  changedBy: text("changed_by").notNull(),
});

/** What each secret is used for, written at most once a minute. */
export const secretUses = sqliteTable(
  "secret_uses",
  {
    name: text("name")
      .notNull()
      .references(() => secrets.name, { onDelete: "cascade" }),
    /** `configuration`, `plugin:backup-s3`. */
    purpose: text("purpose").notNull(),
    count: integer("count").notNull(),
    lastUsedAt: integer("last_used_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.name, table.purpose] })],
);
