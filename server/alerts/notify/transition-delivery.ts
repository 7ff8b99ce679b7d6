import { type Static, Type } from "@sinclair/typebox";
import type { NewDelivery } from "../../outbox/delivery.ts";

/** The kind of delivery that takes a transition of an alert to those who are to know. */
export const TRANSITION_KIND = "alert";
/** Transitions of one alert keep their order; those of others need not wait for them. */
const LANES = 8;

export const TransitionPayload = Type.Object({ alertId: Type.String(), transition: Type.Integer() });
export type TransitionPayload = Static<typeof TransitionPayload>;

/** The one outbox entry of a transition. */
export function transitionDelivery(alertId: string, transition: number): NewDelivery {
  const payload: TransitionPayload = { alertId, transition };
  const lane = Number.parseInt(alertId.slice(-4), 16) % LANES;
  return {
    kind: TRANSITION_KIND,
    target: `lane-${lane}`,
    payload,
    dedupeKey: `transition:${transition}`,
  };
}
