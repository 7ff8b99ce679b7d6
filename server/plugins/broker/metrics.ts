import { Type } from "@sinclair/typebox";
import type { Clock } from "../../lib/clock.ts";
import { type Rate, RateBucket } from "./rate.ts";
import type { PluginMetrics, RecordedMetric } from "./recorded-metrics.ts";
import { checked, method, type ServedMethod } from "./served-method.ts";

const MAX_METRICS_A_CALL = 200;
const CALLS: Rate = { perSecond: 20, burst: 200 };

const Metrics = Type.Array(
  Type.Object(
    {
      name: Type.String({ maxLength: 128 }),
      value: Type.Number(),
      labels: Type.Optional(
        Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 256 }), { maxProperties: 16 }),
      ),
      unit: Type.Optional(
        Type.Union([
          Type.Literal("percent"),
          Type.Literal("bytes"),
          Type.Literal("bytes_per_second"),
          Type.Literal("seconds"),
          Type.Literal("count"),
          Type.Literal("per_second"),
          Type.Literal("ratio"),
        ]),
      ),
      kind: Type.Optional(Type.Union([Type.Literal("gauge"), Type.Literal("counter")])),
    },
    { additionalProperties: false },
  ),
  { maxItems: MAX_METRICS_A_CALL },
);

/** What a plugin gives as metrics. @throws AppError `invalid_request` when they have no such form */
export const readMetrics = (value: unknown): RecordedMetric[] => checked(Metrics, value);

/** `ctx.metrics` of one plugin. */
export function metricMethods(
  metrics: PluginMetrics,
  pluginId: string,
  clock: Clock,
): Record<"metrics.record", ServedMethod> {
  const calls = new RateBucket(CALLS, clock);
  return {
    "metrics.record": method(Metrics, (recorded) => {
      calls.require("record metrics");
      metrics.record(pluginId, recorded);
      return null;
    }),
  };
}
