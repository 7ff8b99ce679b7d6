import { guard, routes } from "../http/guard.ts";
import type { Audit } from "../security/audit.ts";
import { principalName } from "../security/principal.ts";
import * as model from "./model.ts";
import type { Recovery } from "./recovery.ts";
import type { Incidents } from "./service.ts";
import { incidentDetail, incidentView, strategyViews, summaryView } from "./views.ts";

/** What the edges of the error centre call. */
export interface IncidentVerbs {
  incidents: Incidents;
  recovery: Recovery;
  audit: Audit;
}

/** Failures grouped by cause, and how they are recovered from. */
export const incidentRoutes = ({ incidents, recovery, audit }: IncidentVerbs) =>
  routes("errors")
    .get(
      "/api/v3/errors",
      async ({ query: { limit, cursor, state, since, ...filter } }) => {
        const { items, nextCursor } = await incidents.list(
          { limit, cursor },
          { ...filter, states: state, since: since === undefined ? undefined : Date.parse(since) },
        );
        return { items: items.map(incidentView), nextCursor };
      },
      guard("errors:read", {
        summary: "Errors grouped by cause, the latest first",
        query: model.IncidentsQuery,
        response: model.IncidentPage,
      }),
    )
    .get(
      "/api/v3/errors/strategies",
      async () => ({
        items: strategyViews(recovery.strategies, await incidents.listRecoveries()),
        nextCursor: null,
      }),
      guard("errors:read", {
        summary: "Recovery strategies, their attempts and successes",
        response: model.StrategyList,
      }),
    )
    .get(
      "/api/v3/errors/summary",
      async () => summaryView(await incidents.summary()),
      guard("errors:read", { summary: "The last 24 hours in figures", response: model.SummaryView }),
    )
    .get(
      "/api/v3/errors/:id",
      async ({ params: { id } }) => {
        const incident = await incidents.get(id);
        return incidentDetail(incident, await incidents.listRecoveries(incident.code));
      },
      guard("errors:read", {
        summary: "One error: cause, occurrences, recovery",
        params: model.ById,
        response: model.IncidentDetail,
      }),
    )
    .put(
      "/api/v3/errors/:id/state",
      async ({ params: { id }, body: { state }, exchange }) =>
        incidentView(
          await incidents.setState(id, state, principalName(exchange.principal), (tx, before) =>
            audit.append(tx, exchange, {
              action: "error.set_state",
              target: id,
              detail: { code: before.code, from: before.state, to: state },
            }),
          ),
        ),
      guard("errors:write", {
        summary: "Resolve an error, ignore it, or open it again",
        params: model.ById,
        body: model.StateBody,
        response: model.IncidentView,
      }),
    );
