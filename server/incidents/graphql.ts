import { type GraphBuilder, type GraphFeature, pageOf, WORK } from "../http/graphql-types.ts";
import { principalName } from "../security/principal.ts";
import { INCIDENT_STATES, SETTABLE_STATES } from "./incident.ts";
import { DEFAULT_PAGE, type IncidentDetail, type RecoveryView } from "./model.ts";
import type { IncidentVerbs } from "./rest.ts";
import type { Incidents } from "./service.ts";
import { incidentDetail, recoveryView } from "./views.ts";

const MAX_PAGE = 200;

/** The error centre as a graph: the verbs and limits of the REST routes. */
export const incidentGraph =
  ({ incidents, audit }: Omit<IncidentVerbs, "recovery">): GraphFeature =>
  (builder) => {
    const incident = incidentType(builder, incidents);
    const page = pageOf(builder, "Error", incident);
    const stateType = builder.enumType("ErrorState", { values: INCIDENT_STATES });
    const settable = builder.enumType("SettableErrorState", { values: SETTABLE_STATES });
    builder.queryFields((t) => ({
      errors: t.field({
        type: page,
        access: "errors:read",
        cost: WORK.search,
        description: "Errors grouped by cause, the latest first",
        args: {
          state: t.arg({ type: [stateType] }),
          code: t.arg.string(),
          kind: t.arg.string(),
          text: t.arg.string({ description: "Within message, cause, place or code" }),
          since: t.arg({ type: "DateTime" }),
          limit: t.arg.int({ defaultValue: DEFAULT_PAGE }),
          cursor: t.arg.string(),
        },
        resolve: async (_root, { state, code, kind, text, since, limit, cursor }) => {
          const found = await incidents.list(
            { limit: Math.min(MAX_PAGE, Math.max(1, limit ?? DEFAULT_PAGE)), cursor: cursor ?? undefined },
            {
              states: state ?? undefined,
              code: code ?? undefined,
              kind: kind ?? undefined,
              text: text ?? undefined,
              since: since?.getTime(),
            },
          );
          return { items: found.items.map((one) => incidentDetail(one, [])), nextCursor: found.nextCursor };
        },
      }),
      error: t.field({
        type: incident,
        access: "errors:read",
        args: { id: t.arg.string({ required: true }) },
        resolve: async (_root, { id }) => incidentDetail(await incidents.get(id), []),
      }),
    }));
    builder.mutationField("setErrorState", (t) =>
      t.field({
        type: incident,
        access: "errors:write",
        description: "Resolves an error, ignores it, or opens it again",
        args: { id: t.arg.string({ required: true }), state: t.arg({ type: settable, required: true }) },
        resolve: async (_root, { id, state }, context) => {
          const by = principalName(context.principal);
          const changed = await incidents.setState(id, state, by, (tx, before) =>
            audit.append(tx, context, {
              action: "error.set_state",
              target: id,
              detail: { code: before.code, from: before.state, to: state },
            }),
          );
          return incidentDetail(changed, []);
        },
      }),
    );
  };

function incidentType(builder: GraphBuilder, incidents: Incidents) {
  const occurrence = builder.objectRef<IncidentDetail["occurrences"][number]>("ErrorOccurrence").implement({
    fields: (t) => ({
      correlationId: t.exposeString("correlationId"),
      at: t.expose("at", { type: "DateTime" }),
      place: t.exposeString("place"),
      principal: t.exposeString("principal", { nullable: true }),
    }),
  });
  const recovery = builder.objectRef<RecoveryView>("ErrorRecovery").implement({
    description: "What a recovery strategy did about errors of a code",
    fields: (t) => ({
      strategy: t.exposeString("strategy"),
      code: t.exposeString("code"),
      attempts: t.exposeInt("attempts"),
      successes: t.exposeInt("successes"),
      lastAttemptAt: t.expose("lastAttemptAt", { type: "DateTime" }),
    }),
  });
  return builder.objectRef<IncidentDetail>("Error").implement({
    description: "Failures with one cause",
    fields: (t) => ({
      id: t.exposeString("id"),
      code: t.exposeString("code"),
      kind: t.exposeString("kind"),
      title: t.exposeString("title"),
      state: t.exposeString("state"),
      headline: t.exposeString("headline", {
        description: "What to call it: the message, or what a fault inside says of itself",
      }),
      message: t.exposeString("message", { description: "Public sentence of the latest" }),
      place: t.exposeString("place"),
      frame: t.exposeString("frame"),
      cause: t.exposeString("cause", { description: "Of a recent occurrence, without secrets" }),
      count: t.exposeInt("count"),
      hours: t.exposeIntList("hours", { description: "In each of the last 24 hours, oldest first" }),
      firstSeenAt: t.expose("firstSeenAt", { type: "DateTime" }),
      lastSeenAt: t.expose("lastSeenAt", { type: "DateTime" }),
      regressions: t.exposeInt("regressions"),
      stateChangedAt: t.expose("stateChangedAt", { type: "DateTime", nullable: true }),
      stateChangedBy: t.exposeString("stateChangedBy", { nullable: true }),
      escalatedAt: t.expose("escalatedAt", { type: "DateTime", nullable: true }),
      occurrences: t.expose("occurrences", { type: [occurrence] }),
      recoveries: t.field({
        type: [recovery],
        resolve: async ({ code }) => (await incidents.listRecoveries(code)).map(recoveryView),
      }),
    }),
  });
}
