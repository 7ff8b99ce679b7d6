import { Events } from "../events/events.ts";
import { Outbound } from "../outbound/outbound.ts";
import { Outbox } from "../outbox/outbox.ts";
import type { Redactor } from "../secrets/redactor.ts";
import type { Base } from "./base.ts";

export type Delivery = Awaited<ReturnType<typeof composeDelivery>>;

/** What features tell each other and the outside by. */
export async function composeDelivery(
  { log, clock, probe, incidents, recovery, databases: { state: database } }: Base,
  redactor: Redactor,
) {
  const { scrub } = redactor;
  const events = new Events({ database, clock, log: log.child("events"), scrub, report: incidents.record });
  incidents.onEscalation((tx, { incident: { id: fingerprint, code, message, count }, reason }) =>
    events.publishIn(tx, { type: "error.escalated", payload: { fingerprint, code, message, count, reason } }),
  );
  await events.open();
  const countRetry = (hasSucceeded: boolean) =>
    incidents.countRecovery("retry", "outbound_failed", hasSucceeded);
  const outbox = new Outbox({ database, events, clock, log: log.child("outbox"), scrub, countRetry, probe });
  const outbound = new Outbound({ clock, throughCircuit: recovery.throughCircuit.bind(recovery) });
  return { events, outbox, outbound };
}
