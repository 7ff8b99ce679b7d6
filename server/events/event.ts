import type { EventName, EventPayload } from "../../schema/events/index.ts";

/** Something that happened. */
export interface Event {
  /** Its place in the order of all events: grows by one, is never given twice. */
  readonly seq: number;
  /** UUIDv7: the same event delivered twice has the same id. */
  readonly id: string;
  readonly type: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** Who speaks; events of one source are delivered in order. */
  readonly source: string;
  readonly correlationId: string;
  readonly payload: unknown;
}

/** An event of Binnacle's own that is to be published. */
export interface NewEvent<Name extends EventName = EventName> {
  type: Name;
  payload: EventPayload<Name>;
  /** `binnacle` unless said; parts of it say `binnacle/<part>`. */
  source?: string;
  /** Of the request or work that caused it; the event's own id when absent. */
  correlationId?: string;
}

/** An event that an application publishes. */
export interface ForeignEvent {
  type: string;
  payload: unknown;
  /** Within `app/`; the name of the caller when absent. */
  source?: string | undefined;
  correlationId?: string | undefined;
}

/** An event that a plugin publishes. */
export interface PluginEvent {
  pluginId: string;
  /** Of the plugin's own namespace, or a registered one: the plugin's broker sees to it. */
  type: string;
  payload: unknown;
}

/** An event that was checked and has no place yet. */
export interface Draft {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly correlationId: string;
  readonly payload: unknown;
  /** The payload as JSON. */
  readonly text: string;
}

export const OWN_SOURCE = "binnacle";
export const FOREIGN_SOURCE = "app/";
export const PLUGIN_SOURCE = "plugin:";
/** Reports of the bus about itself: a failure to handle one is never reported by another. */
export const BUS_SOURCE = "binnacle/events";
