import { type GraphBuilder, type GraphFeature, pageOf, WORK } from "../../http/graphql-types.ts";
import { DEFAULT_PAGE, MAX_PAGE, type SpanView, type TraceDetail, type TraceView } from "./model.ts";
import { filterOf } from "./rest.ts";
import type { Traces } from "./service.ts";
import { traceDetail, traceView } from "./views.ts";

/** Traces as a graph: the verbs and limits of the REST routes. */
export const traceGraph =
  (traces: Traces): GraphFeature =>
  (builder) => {
    const page = pageOf(builder, "Trace", traceType(builder));
    const detail = detailType(builder);
    builder.queryFields((t) => ({
      traces: t.field({
        type: page,
        access: "profiler:read",
        cost: WORK.search,
        description: "Traces, the latest first",
        args: {
          service: t.arg.string(),
          name: t.arg.string({ description: "Of the root span" }),
          minDuration: t.arg.float({ description: "At least so many seconds" }),
          failed: t.arg.boolean(),
          since: t.arg({ type: "DateTime" }),
          limit: t.arg.int({ defaultValue: DEFAULT_PAGE }),
          cursor: t.arg.string(),
        },
        resolve: async (_root, { limit, cursor, service, name, minDuration, failed, since }) => {
          const found = await traces.list(
            {
              limit: Math.min(MAX_PAGE, Math.max(1, limit ?? DEFAULT_PAGE)),
              cursor: cursor ?? undefined,
            },
            filterOf({
              service: service ?? undefined,
              name: name ?? undefined,
              minDuration: minDuration ?? undefined,
              failed: failed ?? undefined,
              since: since?.toISOString(),
            }),
          );
          return { items: found.items.map(traceView), nextCursor: found.nextCursor };
        },
      }),
      trace: t.field({
        type: detail,
        access: "profiler:read",
        cost: WORK.search,
        args: { traceId: t.arg.string({ required: true }) },
        resolve: async (_root, { traceId }) => traceDetail(await traces.get(traceId)),
      }),
    }));
  };

function traceType(builder: GraphBuilder) {
  return builder.objectRef<TraceView>("Trace").implement({
    description: "A trace; durations are in seconds",
    fields: (t) => ({
      traceId: t.exposeString("traceId"),
      name: t.exposeString("name"),
      service: t.exposeString("service"),
      startedAt: t.expose("startedAt", { type: "DateTime" }),
      duration: t.exposeFloat("duration"),
      spanCount: t.exposeInt("spanCount"),
      errorCount: t.exposeInt("errorCount"),
    }),
  });
}

function detailType(builder: GraphBuilder) {
  const event = builder.objectRef<SpanView["events"][number]>("SpanEvent").implement({
    fields: (t) => ({
      name: t.exposeString("name"),
      offset: t.exposeFloat("offset", { description: "Seconds since the beginning of the span" }),
      attributes: t.expose("attributes", { type: "JSON" }),
    }),
  });
  const span = builder.objectRef<SpanView>("Span").implement({
    fields: (t) => ({
      spanId: t.exposeString("spanId"),
      parentId: t.exposeString("parentId", { nullable: true }),
      depth: t.exposeInt("depth"),
      name: t.exposeString("name"),
      kind: t.exposeString("kind"),
      service: t.exposeString("service"),
      offset: t.exposeFloat("offset", { description: "Seconds since the beginning of the trace" }),
      duration: t.exposeFloat("duration"),
      moved: t.exposeFloat("moved", {
        description: "Seconds that it is shown from where its sender's clock put it",
      }),
      failed: t.exposeBoolean("failed"),
      message: t.exposeString("message"),
      attributes: t.expose("attributes", { type: "JSON" }),
      events: t.expose("events", { type: [event] }),
    }),
  });
  return builder.objectRef<TraceDetail>("TraceDetail").implement({
    description: "A trace with its spans, in the order of a waterfall",
    fields: (t) => ({
      traceId: t.exposeString("traceId"),
      name: t.exposeString("name"),
      service: t.exposeString("service"),
      startedAt: t.expose("startedAt", { type: "DateTime" }),
      duration: t.exposeFloat("duration"),
      spanCount: t.exposeInt("spanCount"),
      errorCount: t.exposeInt("errorCount"),
      spans: t.expose("spans", { type: [span] }),
    }),
  });
}
