import type { Event } from "../events/event.ts";
import { type EventPattern, parsePattern } from "../events/pattern.ts";
import { mapped } from "../lib/mapped.ts";
import { merged } from "../lib/merged.ts";
import type { Alert } from "./alert.ts";
import type { AlertVerbs } from "./edge.ts";
import type { Repeats } from "./repeats.ts";
import type { Alerts } from "./service.ts";

/** What is followed, and where the alerts are. */
interface Followed extends Pick<AlertVerbs, "follow"> {
  alerts: Pick<Alerts, "find"> & { repeats: Pick<Repeats, "follow"> };
}

/**
 * Each alert as it stands when its change is read: of state or severity by its event, from `since` on; that it was raised
 * again as {@link Repeats} tells it. Ends by `return()` at any moment.
 * @throws AppError `events_missed` while iterating
 */
export function followAlerts(
  { alerts, follow }: Followed,
  since: number | undefined,
): AsyncIterableIterator<Alert> {
  const changed = mapped(follow({ patterns: [ALERT_EVENTS], since }), alertIdOf);
  const ids = merged(changed, alerts.repeats.follow());
  const next = async (): Promise<IteratorResult<Alert>> => {
    for (;;) {
      const step = await ids.next();
      if (step.done) return { done: true, value: undefined };
      const alert = await alerts.find(step.value);
      if (alert) return { done: false, value: alert };
    }
  };
  return {
    async next() {
      try {
        return await next();
      } catch (error) {
        // Nobody calls `return` of what has failed.
        await ids.return?.();
        throw error;
      }
    },
    async return() {
      await ids.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const ALERT_EVENTS: EventPattern = parsePattern("alert.*");

/** Empty for an event that speaks of none. */
function alertIdOf({ payload }: Event): string {
  const id = typeof payload === "object" && payload !== null && "alertId" in payload && payload.alertId;
  return typeof id === "string" ? id : "";
}
