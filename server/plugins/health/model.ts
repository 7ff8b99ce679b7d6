import { type Static, t } from "elysia";
import { PLUGIN_HEALTHS } from "../../../schema/rules/plugins.ts";
import { IntegerParameter } from "../../lib/integer-parameter.ts";
import { Count, closed, Moment, Nullable } from "../fields.ts";

const MAX_PAGE = 500;
const DEFAULT_PAGE = 50;
const MAX_CURSOR_LENGTH = 512;

export const HealthQuery = t.Object(
  {
    limit: IntegerParameter({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
    cursor: t.Optional(
      t.String({ maxLength: MAX_CURSOR_LENGTH, description: "nextCursor of the page before" }),
    ),
  },
  closed,
);
const DependencyView = t.Object({
  name: t.String(),
  status: t.UnionEnum(PLUGIN_HEALTHS),
  responseMs: Nullable(t.Number({ minimum: 0 }), "Null when it was not measured"),
});
export const HealthRecordView = t.Object({
  at: Moment("When it was checked"),
  status: t.UnionEnum(PLUGIN_HEALTHS),
  responseMs: Nullable(t.Number({ minimum: 0 }), "Null when it did not answer"),
  message: t.String(),
  dependencies: t.Array(DependencyView),
});
export type HealthRecordView = Static<typeof HealthRecordView>;
export const PluginHealthPage = t.Object({
  status: t.UnionEnum(PLUGIN_HEALTHS, { description: "As it is now" }),
  items: t.Array(HealthRecordView, { description: "The latest first" }),
  nextCursor: t.Union([t.String(), t.Null()]),
});
export type PluginHealthPage = Static<typeof PluginHealthPage>;

/** Health as `/api/analytics/v1/plugins/{id}/health` gives it. */
export const AnalyticsHealth = t.Object({
  status: t.UnionEnum(PLUGIN_HEALTHS),
  plugin_id: t.String(),
  version: t.String(),
  uptime: t.String({ description: "72h15m" }),
  queries_executed: Count("Calls since the server started"),
  error_rate: t.Number({ minimum: 0, maximum: 1 }),
  last_error: t.Union([t.String(), t.Null()]),
  dependencies: t.Array(
    t.Object({
      name: t.String(),
      status: t.UnionEnum(PLUGIN_HEALTHS),
      response_time: Nullable(t.Number({ minimum: 0 }), "Milliseconds"),
    }),
  ),
});
export type AnalyticsHealth = Static<typeof AnalyticsHealth>;
