import { Type } from "@sinclair/typebox";
import { guard, routes } from "../http/guard.ts";
import { personOf } from "../security/principal.ts";
import * as model from "./model.ts";
import type { Logs } from "./service.ts";

const headersOf = (mediaType: string, extension: string) => ({
  "content-type": mediaType,
  "content-disposition": `attachment; filename="binnacle-logs.${extension}"`,
});
const EXPORT_HEADERS = {
  ndjson: headersOf("application/x-ndjson", "ndjson"),
  csv: headersOf("text/csv; charset=utf-8", "csv"),
  text: headersOf("text/plain; charset=utf-8", "log"),
} as const satisfies Record<model.ExportFormat, Record<string, string>>;

/** Log lines: searched, counted, exported; and how collecting them fares. */
export const logRoutes = (logs: Logs) =>
  routes("logs")
    .get(
      "/api/v3/logger/stats",
      () => logs.stats(),
      guard("logs:read", {
        summary: "How collecting and keeping of log lines fares",
        response: model.LoggerStats,
      }),
    )
    .get(
      "/api/v3/logger/recent-logs",
      ({ query }) => logs.recent(query),
      guard("logs:read", {
        summary: "Log lines, newest first, that pass a filter",
        query: model.LinesQuery,
        response: model.LinePage,
      }),
    )
    .get(
      "/api/v3/logs/window",
      ({ query }) => logs.window(query),
      guard("logs:read", {
        summary: "The lines before and after a place that pass a filter, oldest first",
        query: model.WindowQuery,
        response: model.LineWindow,
      }),
    )
    .get(
      "/api/v3/logs/histogram",
      ({ query }) => logs.histogram(query),
      guard("logs:read", {
        summary: "Lines of each level over time; the last hour unless a range is given",
        query: model.HistogramQuery,
        response: model.LineHistogram,
      }),
    )
    .get(
      "/api/v3/logs/sources",
      () => ({ items: logs.sources(), nextCursor: null }),
      guard("logs:read", { summary: "Who has written log lines, by name", response: model.SourceList }),
    )
    .get(
      "/api/v3/logs/export",
      ({ query, exchange }) =>
        new Response(logs.export(personOf(exchange.principal).id, query), {
          headers: { ...EXPORT_HEADERS[query.format], "cache-control": "no-store" },
        }),
      guard("logs:read", {
        summary: "Stream the lines that pass a filter as NDJSON, CSV or plain text, oldest first",
        query: model.ExportQuery,
        response: Type.String({ contentMediaType: "application/x-ndjson" }),
      }),
    )
    .get(
      "/api/v3/logs/:id/context",
      ({ params, query }) => logs.context(params.id, query),
      guard("logs:read", {
        summary: "The lines around one",
        params: model.ByLineId,
        query: model.ContextQuery,
        response: model.LineContext,
      }),
    );
