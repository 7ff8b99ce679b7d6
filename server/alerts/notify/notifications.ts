import { Value } from "@sinclair/typebox/value";
import type { Page, PageQuery } from "../../database/paging.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { DeliveryState, OutboxRow } from "../../outbox/outbox-store.ts";
import type { Audit } from "../../security/audit.ts";
import type { Caller } from "../../security/caller.ts";
import type { Definitions } from "../definitions/definitions.ts";
import { NOTIFICATION_KIND } from "./channel-delivery.ts";
import { Message } from "./message.ts";

/** A message on its way to a channel, or given up. Times are epoch milliseconds. */
export interface Notification {
  id: string;
  channelId: string;
  /** Undefined when the channel was removed. */
  channelName: string | undefined;
  state: DeliveryState;
  /** Undefined when another version of the server wrote it. */
  message: Message | undefined;
  attempts: number;
  createdAt: number;
  nextAttemptAt: number | null;
  settledAt: number | null;
  lastError: string | null;
}

/** How the delivery to one channel fares. */
export interface ChannelStatus {
  channelId: string;
  state: "active" | "paused" | "off";
  waiting: number;
  /** Attempts that failed in a row. */
  failures: number;
}

type OutboxVerbs = Pick<Outbox, "list" | "listTargets" | "retry" | "discard" | "pause" | "resume">;

/** The outbox as people who look after alerts see it: messages to channels, and nothing else that is delivered. */
export class Notifications {
  readonly #outbox: OutboxVerbs;
  readonly #definitions: Pick<Definitions, "find" | "get" | "list">;
  readonly #audit: Audit;

  constructor(outbox: OutboxVerbs, definitions: Pick<Definitions, "find" | "get" | "list">, audit: Audit) {
    this.#outbox = outbox;
    this.#definitions = definitions;
    this.#audit = audit;
  }

  /** The latest first. @throws AppError `invalid_cursor` */
  async list(
    query: PageQuery,
    { state, channelId: target }: { state?: DeliveryState | undefined; channelId?: string | undefined },
  ): Promise<Page<Notification>> {
    const { items, nextCursor } = await this.#outbox.list(query, { kind: NOTIFICATION_KIND, state, target });
    return { items: items.map((row) => this.#notificationOf(row)), nextCursor };
  }

  /** Tries one that was given up anew, under its id. @throws AppError `delivery_not_found` */
  async retry(id: string, caller: Caller): Promise<void> {
    const line = { action: "notification.retry", target: id };
    await this.#outbox.retry(id, (tx) => this.#audit.append(tx, caller, line), NOTIFICATION_KIND);
  }

  /** Forgets one that was given up. @throws AppError `delivery_not_found` */
  async discard(id: string, caller: Caller): Promise<void> {
    const line = { action: "notification.discard", target: id };
    await this.#outbox.discard(id, (tx) => this.#audit.append(tx, caller, line), NOTIFICATION_KIND);
  }

  /** Of every channel. */
  listStatuses(): ChannelStatus[] {
    const targets = new Map(
      this.#outbox
        .listTargets()
        .filter(({ kind }) => kind === NOTIFICATION_KIND)
        .map((one) => [one.target, one]),
    );
    return this.#definitions.list("channel").map(({ id: channelId }) => {
      const { state = "active", waiting = 0, failures = 0 } = targets.get(channelId) ?? {};
      return { channelId, state, waiting, failures };
    });
  }

  /** Sends nothing by a channel for now; what comes for it waits. @throws AppError `alert_definition_not_found` */
  async pause(channelId: string, caller: Caller): Promise<void> {
    const { name } = this.#definitions.get("channel", channelId);
    await this.#outbox.pause(NOTIFICATION_KIND, channelId, (tx) =>
      this.#audit.append(tx, caller, { action: "alert_channel.pause", target: name }),
    );
  }

  /** Lets a channel go on that was paused, or switched off after failures. @throws AppError `alert_definition_not_found` */
  async resume(channelId: string, caller: Caller): Promise<void> {
    const { name } = this.#definitions.get("channel", channelId);
    await this.#outbox.resume(NOTIFICATION_KIND, channelId, (tx) =>
      this.#audit.append(tx, caller, { action: "alert_channel.resume", target: name }),
    );
  }

  #notificationOf(row: OutboxRow): Notification {
    const { id, target: channelId, state, attempts, createdAt, notBefore, settledAt, lastError } = row;
    const payload: unknown = JSON.parse(row.payload);
    return {
      ...{ id, channelId, channelName: this.#definitions.find("channel", channelId)?.name, state, attempts },
      ...{ createdAt, settledAt, lastError, nextAttemptAt: state === "waiting" ? notBefore : null },
      message: Value.Check(Message, payload) ? payload : undefined,
    };
  }
}
