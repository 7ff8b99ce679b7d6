import type { Static } from "@sinclair/typebox";
import type { DeliveryView } from "./model.ts";
import type { OutboxRow } from "./outbox-store.ts";

const iso = (at: number): string => new Date(at).toISOString();

/** A delivery as every edge shows it: without its payload. */
export const deliveryView = (row: OutboxRow): Static<typeof DeliveryView> => ({
  id: row.id,
  kind: row.kind,
  target: row.target,
  state: row.state,
  attempts: row.attempts,
  createdAt: iso(row.createdAt),
  notBefore: iso(row.notBefore),
  settledAt: row.settledAt === null ? null : iso(row.settledAt),
  lastError: row.lastError,
});
