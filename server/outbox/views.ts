import type { Static } from "@sinclair/typebox";
import type { Page, PageQuery } from "../database/paging.ts";
import type { DeliveryView } from "./model.ts";
import type { Outbox } from "./outbox.ts";
import type { DeliveryFilter, OutboxRow } from "./outbox-store.ts";

const iso = (at: number): string => new Date(at).toISOString();

/** A delivery as every edge shows it: without its payload. */
const deliveryView = (row: OutboxRow, targetName: string | null): Static<typeof DeliveryView> => ({
  id: row.id,
  kind: row.kind,
  target: row.target,
  targetName,
  state: row.state,
  attempts: row.attempts,
  createdAt: iso(row.createdAt),
  notBefore: iso(row.notBefore),
  settledAt: row.settledAt === null ? null : iso(row.settledAt),
  lastError: row.lastError,
});

/** Newest first, each with the name of its target. @throws AppError `invalid_cursor` */
export async function pageOfDeliveries(
  outbox: Pick<Outbox, "list" | "nameOf">,
  query: PageQuery,
  filter: Partial<DeliveryFilter>,
): Promise<Page<Static<typeof DeliveryView>>> {
  const { items, nextCursor } = await outbox.list(query, filter);
  return { items: items.map((row) => deliveryView(row, outbox.nameOf(row.kind, row.target))), nextCursor };
}
