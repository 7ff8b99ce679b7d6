import { Type } from "@sinclair/typebox";
import { guard, routes } from "../http/guard.ts";
import { personOf } from "../security/principal.ts";
import * as model from "./model.ts";
import { parseSeriesList } from "./series-filter.ts";
import type { Metrics } from "./service.ts";

const CONTENT_TYPE = {
  csv: "text/csv; charset=utf-8; header=present",
  json: "application/json",
} as const;

/** What is measured: the latest values, their history, exports, processes. */
export const metricRoutes = (metrics: Metrics) =>
  routes("metrics")
    .get(
      "/api/metrics",
      ({ query }) => metrics.current(seriesOf(query.series), query.search),
      guard("metrics:read", {
        summary: "Latest value of every series",
        query: model.CurrentQuery,
        response: model.CurrentMetrics,
      }),
    )
    .get(
      "/api/metrics/export",
      ({ query, exchange }) => {
        const body = metrics.export(personOf(exchange.principal).id, {
          ...query,
          series: seriesOf(query.series),
        });
        return new Response(body, {
          headers: {
            "content-type": CONTENT_TYPE[query.format],
            "content-disposition": `attachment; filename="binnacle-metrics.${query.format}"`,
            "cache-control": "no-store",
          },
        });
      },
      guard("metrics:read", {
        summary: "Stream samples as CSV or JSON",
        query: model.ExportQuery,
        response: Type.String({ contentMediaType: "text/csv" }),
      }),
    )
    .get(
      "/api/v3/metrics/series",
      ({ query }) => metrics.listSeries(query),
      guard("metrics:read", {
        summary: "List the series there are",
        query: model.SeriesListQuery,
        response: model.SeriesPage,
      }),
    )
    .get(
      "/api/v3/metrics/query",
      ({ query }) => metrics.query({ ...query, series: seriesOf(query.series) }),
      guard("metrics:read", {
        summary: "Draw up to 20 series over a range",
        query: model.HistoryQuery,
        response: model.MetricHistory,
      }),
    )
    .get(
      "/api/v3/metrics/status",
      () => metrics.status(),
      guard("metrics:read", {
        summary: "How sampling and storing fare",
        response: model.MetricsStatus,
      }),
    )
    .get(
      "/api/v3/processes",
      () => metrics.processes(),
      guard("metrics:read", {
        summary: "Processes that use the most",
        response: model.ProcessList,
      }),
    );

/** The query parser splits at every comma, also within keys; joined again, the list is read as it was sent. */
const seriesOf = (pieces: readonly string[] | undefined): string[] =>
  parseSeriesList((pieces ?? []).join(","));
