import { compareSeverities } from "../../../schema/rules/severities.ts";
import type { Connection } from "../../database/database.ts";
import type { Alert } from "../alert.ts";
import type { Definitions } from "../definitions/definitions.ts";
import type { Route } from "../definitions/schemas.ts";
import type { AlertStore } from "../store.ts";
import { matches } from "./matching.ts";
import type { Notice } from "./notice-store.ts";
import { quietUntil, recursUntil } from "./quiet-hours.ts";

/** Why nobody is told now, and when to look again (epoch milliseconds). */
export interface Hold {
  by: NonNullable<Notice["heldBy"]>;
  until: number;
}

/** So often within the window an alert fires anew before it counts as flapping. */
const FLAPS = 5;
const FLAP_WINDOW_MS = 10 * 60_000;
/** What ends by itself, at no known time, is looked at again after this. */
const LOOK_AGAIN_MS = 30_000;

/**
 * What keeps an alert from being told: a maintenance window, quiet hours, an open alert that it depends on, flapping.
 * It is asked each time something falls due, so nothing is lost: what is held back is told when the reason is gone and
 * it is still true.
 */
export class Silence {
  readonly #definitions: Pick<Definitions, "list" | "find">;
  readonly #store: Pick<AlertStore, "listOpenOfRule" | "countRaises">;

  constructor(
    definitions: Pick<Definitions, "list" | "find">,
    store: Pick<AlertStore, "listOpenOfRule" | "countRaises">,
  ) {
    this.#definitions = definitions;
    this.#store = store;
  }

  async holds(tx: Connection, alert: Alert, route: Route, now: number): Promise<Hold | undefined> {
    return (
      this.#maintenance(alert, now) ??
      quietHours(alert, route, now) ??
      (await this.#inhibition(tx, alert, now)) ??
      (await this.#flapping(tx, alert, now))
    );
  }

  #maintenance(alert: Alert, now: number): Hold | undefined {
    const ends = this.#definitions
      .list("window")
      .filter(({ startsAt, endsAt }) => Date.parse(startsAt) <= now && now < Date.parse(endsAt))
      .filter(({ match }) => matches(match, alert))
      .flatMap(({ endsAt, recurrence }) => {
        const until = recurrence ? recursUntil(recurrence, now) : Date.parse(endsAt);
        return until === undefined ? [] : [Math.min(until, Date.parse(endsAt))];
      });
    return ends.length === 0 ? undefined : { by: "maintenance", until: Math.max(...ends) };
  }

  async #inhibition(tx: Connection, { ruleId, state }: Alert, now: number): Promise<Hold | undefined> {
    if (ruleId === null || state === "resolved") return undefined;
    for (const other of this.#definitions.find("rule", ruleId)?.dependsOn ?? []) {
      const open = await this.#store.listOpenOfRule(other, tx);
      if (open.length > 0) return { by: "inhibited", until: now + LOOK_AGAIN_MS };
    }
    return undefined;
  }

  async #flapping(tx: Connection, { fingerprint }: Alert, now: number): Promise<Hold | undefined> {
    const raises = await this.#store.countRaises(tx, fingerprint, now - FLAP_WINDOW_MS);
    return raises >= FLAPS ? { by: "flapping", until: now + LOOK_AGAIN_MS } : undefined;
  }
}

function quietHours({ severity }: Alert, { quietHours: quiet }: Route, now: number): Hold | undefined {
  if (!quiet) return undefined;
  const { exceptSeverity } = quiet;
  if (exceptSeverity && compareSeverities(severity, exceptSeverity) >= 0) return undefined;
  const until = quietUntil(quiet, now);
  return until === undefined ? undefined : { by: "quiet_hours", until };
}
