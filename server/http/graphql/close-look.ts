import type { Probe } from "../../lib/probe.ts";
import { settled, traceStep } from "../../lib/tracing.ts";
import type { FieldTimer } from "../exchange.ts";

/** Fields of one operation that are timed: a list of a thousand items must not make a thousand figures. */
const MAX_TIMED_FIELDS = 200;

/** Times the resolvers of one operation, each as an operation and as a step of the trace under way. */
export function fieldTimer(probe: Probe): FieldTimer {
  let timed = 0;
  return (name, work) => {
    timed++;
    if (timed > MAX_TIMED_FIELDS) return work();
    const startedMs = performance.now();
    return settled(
      () => traceStep(name, work),
      (hasFailed) => probe.observer?.record("resolver", name, performance.now() - startedMs, hasFailed),
    );
  };
}
