import { guard, routes } from "../../http/guard.ts";
import * as model from "./model.ts";
import type { Traces } from "./service.ts";
import type { TraceFilter } from "./trace-store.ts";
import { traceDetail, traceView } from "./views.ts";

const US_PER_MS = 1_000;
const US_PER_SECOND = 1_000_000;

/** Traces that applications sent. */
export const traceRoutes = (traces: Traces) =>
  routes("traces")
    .get(
      "/api/v3/traces",
      async ({ query: { limit, cursor, ...wanted } }) => {
        const { items, nextCursor } = await traces.list({ limit, cursor }, filterOf(wanted));
        return { items: items.map(traceView), nextCursor };
      },
      guard("profiler:read", {
        summary: "Traces, the latest first",
        query: model.TracesQuery,
        response: model.TracePage,
      }),
    )
    .get(
      "/api/v3/traces/:traceId",
      async ({ params: { traceId } }) => traceDetail(await traces.get(traceId)),
      guard("profiler:read", {
        summary: "A trace and its spans, in the order of a waterfall",
        params: model.ByTraceId,
        response: model.TraceDetail,
      }),
    );

interface WantedTraces {
  service?: string | undefined;
  name?: string | undefined;
  /** In seconds. */
  minDuration?: number | undefined;
  failed?: boolean | undefined;
  since?: string | undefined;
}

/** A filter in the units of the store. */
export const filterOf = ({ service, name, minDuration, failed, since }: WantedTraces): TraceFilter => ({
  service,
  name,
  hasFailed: failed,
  minimumUs: minDuration === undefined ? undefined : minDuration * US_PER_SECOND,
  sinceUs: since === undefined ? undefined : Date.parse(since) * US_PER_MS,
});
