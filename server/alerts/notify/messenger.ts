import type { Connection } from "../../database/database.ts";
import { AppError } from "../../errors/app-error.ts";
import type { FailureReport } from "../../errors/failure.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Alert } from "../alert.ts";
import type { Definitions } from "../definitions/definitions.ts";
import type { Channel, Route } from "../definitions/schemas.ts";
import { NOTIFICATION_KIND } from "./channel-delivery.ts";
import { type Message, type MessageParts, messageOf } from "./message.ts";
import { type NoticeStore, REST_OF_GROUPS } from "./notice-store.ts";
import { templateProblem } from "./template.ts";

interface MessengerParts {
  clock: Clock;
  notices: NoticeStore;
  definitions: Pick<Definitions, "find">;
  outbox: Pick<Outbox, "enqueue">;
  /** Address of the dashboard as it is now; empty when it is not known. */
  dashboardUrl: () => string;
  report: FailureReport;
}

/** What people are to be told. */
export interface News {
  reason: Exclude<Message["reason"], "test">;
  route: Route;
  /** Each with the key of its group. */
  told: readonly { alert: Alert; groupKey: string }[];
}

/** Puts messages into the outbox, one for each channel, and notes which alerts they name. */
export class Messenger {
  readonly #parts: MessengerParts;

  constructor(parts: MessengerParts) {
    this.#parts = parts;
  }

  async send(tx: Connection, { reason, route, told }: News, channelIds: readonly string[]): Promise<void> {
    const { definitions, notices, outbox, clock, dashboardUrl } = this.#parts;
    const now = clock.now();
    const alerts = told.map(({ alert }) => alert);
    const [groupKey = REST_OF_GROUPS, ...others] = new Set(told.map((one) => one.groupKey));
    const group =
      others.length === 0 ? { groupKey, groups: 1 } : { groupKey: REST_OF_GROUPS, groups: others.length + 1 };
    for (const channelId of channelIds) {
      const channel = definitions.find("channel", channelId);
      if (!channel?.enabled) continue;
      const words = { channel: this.#soundTemplates(channel), dashboardUrl: dashboardUrl(), now };
      const payload = messageOf({ reason, route, alerts, ...group, ...words });
      const deliveryId = await outbox.enqueue(tx, { kind: NOTIFICATION_KIND, target: channelId, payload });
      const message = { deliveryId, reason, routeId: route.id, channelId, at: now };
      await notices.addMessage(
        tx,
        message,
        alerts.map((alert) => alert.id),
      );
    }
  }

  /** Templates are checked when they are saved; one that another version wrote is reported, and the usual words are used. */
  #soundTemplates({ name, titleTemplate, lineTemplate }: Channel): MessageParts["channel"] {
    const given = Object.entries({ titleTemplate, lineTemplate });
    const sound = given.filter(([field, template]) => {
      const problem = template === undefined ? undefined : templateProblem(template);
      if (problem === undefined) return true;
      const error = new AppError("validation_failed", `${field} of the channel ${name}: ${problem}.`);
      this.#parts.report(error, { where: "a notification" });
      return false;
    });
    return Object.fromEntries(sound);
  }
}
