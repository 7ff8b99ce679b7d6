import { count, type EventDefinition, payload, text } from "./definition.ts";

const subscriber = { subscriber: text("Name of the subscriber") };
const target = { kind: text("Kind of delivery"), target: text("Where it goes") };

/** What the bus and the outbox tell of themselves. */
export const deliveryEvents = {
  "event.dropped": {
    description: "A subscriber did not keep up and lost events",
    payload: payload({
      ...subscriber,
      dropped: count("Since the last report"),
      total: count("Since the start"),
    }),
  },
  "event.missed": {
    description: "A durable subscriber was so far behind that the ring no longer held its events",
    payload: payload({ ...subscriber, missed: count("At most so many") }),
  },
  "event.parked": {
    description: "An event failed too often at a durable subscriber and was put aside",
    payload: payload({
      ...subscriber,
      parkedId: text("Id to retry or discard it by"),
      eventId: text("Id of the event"),
      type: text("Type of the event"),
      eventSource: text("Source of the event"),
      attempts: count("How often it was tried"),
      message: text("The last failure"),
    }),
  },
  "outbox.target_switched_off": {
    description: "Deliveries to a target failed so persistently that it was switched off",
    payload: payload({
      ...target,
      failures: count("Attempts that failed in a row"),
      message: text("The last failure"),
    }),
  },
  "outbox.target_resumed": { description: "Deliveries to a target go on", payload: payload(target) },
  "outbox.delivery_abandoned": {
    description: "A delivery failed for good and waits as a dead letter",
    payload: payload({
      ...target,
      deliveryId: text("Id to retry or discard it by"),
      attempts: count("How often it was tried"),
      message: text("The last failure"),
    }),
  },
} as const satisfies Record<string, EventDefinition>;
