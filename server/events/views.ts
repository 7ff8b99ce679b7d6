import type { ParkedEvent } from "./durable-store.ts";
import type { Event } from "./event.ts";
import type { EventView, ParkedView } from "./model.ts";

/** An event as every edge shows it. */
export const eventView = ({ seq, id, type, time, source, correlationId, payload }: Event): EventView => ({
  seq,
  id,
  type,
  time: new Date(time).toISOString(),
  source,
  correlationId,
  payload,
});

/** A parked event as every edge shows it. */
export const parkedView = ({
  id,
  subscriber,
  event,
  attempts,
  message,
  parkedAt,
}: ParkedEvent): ParkedView => ({
  id,
  subscriber,
  event: eventView(event),
  attempts,
  message,
  parkedAt: new Date(parkedAt).toISOString(),
});
