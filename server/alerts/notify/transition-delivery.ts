import { type Static, Type } from "@sinclair/typebox";
import type { NewDelivery } from "../../outbox/delivery.ts";

/** The kind of delivery that takes a transition of an alert to those who are to know. */
export const TRANSITION_KIND = "alert";
/** What they are looked at for is how the alert stands by then, so they need no order; lanes keep a storm within the outbox's limits. */
const LANES = 8;

export const TransitionPayload = Type.Object({ alertId: Type.String(), transition: Type.Integer() });
export type TransitionPayload = Static<typeof TransitionPayload>;

/** The one outbox entry of a transition. */
export function transitionDelivery(alertId: string, transition: number): NewDelivery {
  const payload: TransitionPayload = { alertId, transition };
  return {
    kind: TRANSITION_KIND,
    target: `lane-${transition % LANES}`,
    payload,
    dedupeKey: `transition:${transition}`,
  };
}
