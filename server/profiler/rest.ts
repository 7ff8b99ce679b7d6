import type { OperationKind } from "../../schema/rules/operations.ts";
import { guard, routes } from "../http/guard.ts";
import type { Clock } from "../lib/clock.ts";
import type { Advice } from "./advice/service.ts";
import * as model from "./model.ts";
import type { Profiler } from "./service.ts";
import { historyView, reportedOperations, slowView, statisticsPage } from "./views.ts";

/** What the edges of the profiler call. */
export interface ProfilerVerbs {
  profiler: Profiler;
  advice: Advice;
  clock: Clock;
  /** Seconds from which an operation is slow. */
  slowSeconds: () => number;
}

const MS_PER_SECOND = 1_000;

/** How long operations take, and what applications report of theirs. */
export const profilerRoutes = ({ profiler, advice, clock, slowSeconds }: ProfilerVerbs) => {
  const listSlow = async (query: typeof model.SlowQuery.static) => ({
    items: await slowest(profiler, { ...query, threshold: query.threshold ?? slowSeconds() }),
    nextCursor: null,
  });
  const slowOptions = {
    summary: "The slowest of the operations kept as slow",
    query: model.SlowQuery,
    response: model.SlowList,
  };
  return routes("profiler")
    .get(
      "/api/v3/profiler/stats",
      async ({ query: { kind, ...query } }) =>
        statisticsPage(await profiler.statistics({ ...query, kinds: kind }), profiler.recorder),
      guard("profiler:read", {
        summary: "How long operations took, how often they ran and failed",
        query: model.StatisticsQuery,
        response: model.StatisticsPage,
      }),
    )
    .get(
      "/api/v3/profiler/operations/:id/history",
      async ({ params: { id }, query: { window, from, to } }) => {
        const span = from === undefined ? window : { from: Date.parse(from), to: momentOf(to) };
        return historyView(await profiler.history(id, span));
      },
      guard("profiler:read", {
        summary: "One operation over time",
        params: model.ById,
        query: model.HistoryQuery,
        response: model.HistoryView,
      }),
    )
    .get("/api/v3/profiler/slow-ops", ({ query }) => listSlow(query), guard("profiler:read", slowOptions))
    .get(
      "/api/v3/profiler/slow-operations",
      ({ query }) => listSlow(query),
      guard("profiler:read", slowOptions),
    )
    .get(
      "/api/v3/profiler/suggestions",
      async () => ({ items: await advice.suggestions(), nextCursor: null }),
      guard("profiler:read", {
        summary: "What could be better, and what shows it",
        response: model.SuggestionList,
      }),
    )
    .post(
      "/api/v3/operations",
      ({ body }) => {
        profiler.report(reportedOperations(body, clock.now()));
        return { accepted: body.operations.length };
      },
      guard("profiler:write", {
        summary: "Report operations of an application",
        body: model.ReportBody,
        response: model.ReportAnswer,
      }),
    );
};

interface SlowQuestion {
  /** In seconds. */
  threshold: number;
  limit: number;
  kind?: OperationKind | undefined;
  operation?: string | undefined;
  service?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

const momentOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);

/** Slow operations as both edges show them. */
export async function slowest(
  profiler: Profiler,
  { threshold, limit, kind, operation, service, since, until }: SlowQuestion,
): Promise<model.SlowView[]> {
  const minimumMs = threshold * MS_PER_SECOND;
  const kinds = kind === undefined ? undefined : [kind];
  const [sinceAt, untilAt] = [momentOf(since), momentOf(until)];
  const filter = { minimumMs, kinds, name: operation, service, since: sinceAt, until: untilAt };
  const found = await profiler.listSlow(filter, limit);
  return found.map(slowView);
}
