import { AppError } from "../../errors/app-error.ts";
import type { ChainState } from "../audit-log.ts";
import type { AuditFilter, AuditRow } from "../audit-store.ts";
import { iso } from "../views.ts";
import type { AuditView, ChainView, Filter } from "./model.ts";

/** How a row leaves by every edge. */
export const auditView = (row: AuditRow): AuditView => ({
  seq: row.seq,
  at: iso(row.at),
  actor: row.actor,
  action: row.action,
  target: row.target,
  outcome: row.outcome,
  count: row.count,
  correlationId: row.correlationId,
  address: row.address,
  detail: detailOf(row.detail),
  mac: row.mac,
});

export function chainView(state: ChainState, retentionDays: number): ChainView {
  const { verification, checkpoint, rows, firstSeq, lastSeq, lastMac } = state;
  return {
    state: verification ? (verification.damage ? "broken" : "intact") : "unverified",
    rows,
    firstSeq,
    lastSeq,
    lastMac,
    removedThrough: checkpoint?.seq ?? null,
    retentionDays,
    verifiedAt: verification ? iso(verification.at) : null,
    verifiedRows: verification?.rows ?? 0,
    damage: verification?.damage ?? null,
  };
}

/** A search as a person writes it. @throws AppError `validation_failed` for a time that is none. */
export function readFilter({ from, to, ...words }: Filter): AuditFilter {
  return { ...words, from: readTime("from", from), to: readTime("to", to) };
}

function readTime(path: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isFinite(at)) return at;
  const message = "is not a time; write it as 2030-01-31T13:45:00Z";
  throw new AppError("validation_failed", `${path} ${message}.`, { issues: [{ path, message }] });
}

/** A row that somebody changed may hold anything. */
function detailOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : { value };
  } catch {
    return { text };
  }
}
