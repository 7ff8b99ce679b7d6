import { Type } from "@sinclair/typebox";
import { guard, routes } from "../../http/guard.ts";
import type { Clock } from "../../lib/clock.ts";
import type { AuditLog } from "../audit-log.ts";
import { exportStream } from "./export.ts";
import * as model from "./model.ts";
import { auditView, chainView, readFilter } from "./views.ts";

/** What the edges of the audit log call. */
export interface AuditVerbs {
  auditLog: AuditLog;
  retentionDays: () => number;
  clock: Clock;
}

const CONTENT_TYPE = {
  csv: "text/csv; charset=utf-8; header=present",
  ndjson: "application/x-ndjson",
} as const;

/** Who did what: search, export, proof. */
export const auditRoutes = ({ auditLog, retentionDays, clock }: AuditVerbs) =>
  routes("audit")
    .get(
      "/api/v3/audit",
      async ({ query: { limit, cursor, ...filter } }) => {
        const page = await auditLog.list(readFilter(filter), { limit, cursor });
        return { items: page.items.map(auditView), nextCursor: page.nextCursor };
      },
      guard("audit:read", {
        summary: "Search the audit log, newest first",
        query: model.SearchQuery,
        response: model.AuditPage,
      }),
    )
    .get(
      "/api/v3/audit/export",
      ({ query: { format, ...filter } }) =>
        new Response(exportStream(auditLog.read(readFilter(filter)), format, clock), {
          headers: {
            "content-type": CONTENT_TYPE[format],
            "content-disposition": `attachment; filename="binnacle-audit.${format}"`,
            "cache-control": "no-store",
          },
        }),
      guard("audit:read", {
        summary: "Stream the audit log, oldest first",
        query: model.ExportQuery,
        response: Type.String({ contentMediaType: CONTENT_TYPE.ndjson }),
      }),
    )
    .get(
      "/api/v3/audit/chain",
      async () => chainView(await auditLog.state(), retentionDays()),
      guard("audit:read", {
        summary: "Where the chain stands, and its last verification",
        response: model.ChainView,
      }),
    )
    .post(
      "/api/v3/audit/verifications",
      async () => {
        await auditLog.verify();
        return chainView(await auditLog.state(), retentionDays());
      },
      guard("audit:write", { summary: "Verify the whole chain now", response: model.ChainView }),
    );
