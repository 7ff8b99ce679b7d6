import { Type } from "@sinclair/typebox";
import { MAX_EVENT_TYPE_LENGTH } from "../../../schema/events/index.ts";
import type { Connection } from "../../database/database.ts";
import type { GroupCommit } from "../../database/group-commit.ts";
import type { PluginEvent } from "../../events/event.ts";
import type { Clock } from "../../lib/clock.ts";
import type { PluginDecisions } from "./decisions.ts";
import { type Rate, RateBucket } from "./rate.ts";
import { method, type ServedMethod } from "./served-method.ts";

/** What the broker needs of the event bus. */
export interface PluginEventBus {
  readonly types: { isRegistered(name: string): boolean };
  /** @throws AppError `validation_failed` */
  publishOfPluginIn(tx: Connection, event: PluginEvent): Promise<{ id: string }>;
}

/** Each is on disk before it is answered, in one unit of work with what other plugins write at that moment. */
const EVENTS: Rate = { perSecond: 20, burst: 200 };

const EventParams = Type.Object(
  { type: Type.String({ minLength: 1, maxLength: MAX_EVENT_TYPE_LENGTH }), payload: Type.Unknown() },
  { additionalProperties: false },
);

/** What the types of a plugin's own events begin with; words of types have no dash and begin with a letter. */
const eventNamespace = (pluginId: string): string =>
  `plugin.${pluginId.replaceAll("-", "_").replace(/^(?=\d)/, "p")}.`;

/** `ctx.events` of one plugin: types of its own namespace, and those that applications registered. */
export function eventMethods(
  events: PluginEventBus,
  commits: GroupCommit,
  decisions: PluginDecisions,
  clock: Clock,
): Record<"events.publish", ServedMethod> {
  const rate = new RateBucket(EVENTS, clock);
  const { pluginId } = decisions;
  const namespace = eventNamespace(pluginId);
  return {
    "events.publish": method(EventParams, async ({ type, payload }) => {
      if (!type.startsWith(namespace) && !events.types.isRegistered(type)) {
        const message = `A plugin publishes types that begin with ${namespace}, or that an application registered.`;
        throw decisions.deny("events", type, message);
      }
      rate.require("publish events");
      decisions.allow("events");
      const event = { pluginId, type, payload: payload ?? null };
      const { id } = await commits.write((tx) => events.publishOfPluginIn(tx, event));
      return { id };
    }),
  };
}
