import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { AppError } from "../../errors/app-error.ts";
import type { Deliverer, Delivery, DeliveryOutcome } from "../../outbox/delivery.ts";
import type { Definitions } from "../definitions/definitions.ts";
import { Message } from "./message.ts";

/** The kind of delivery that takes a message to a channel; its target is the channel's id. */
export const NOTIFICATION_KIND = "notification";

/** What a channel is handed as `{alert}`. */
export type ChannelAlert = Message & { id: string };

/** Calls the verb `send` of a plugin of type alert. @throws AppError what the plugin or its process fails with */
export type SendToPlugin = (pluginId: string, alert: ChannelAlert, signal: AbortSignal) => Promise<unknown>;

/** What a channel says of a message that it sent. */
const Receipt = Type.Object({ answer: Type.String() });
/** By the first two a channel says that it did not send, however badly it says when and why; any other answer counts as sent. */
const Refusal = Type.Object({
  rejected: Type.Optional(Type.Unknown()),
  retryAfterMs: Type.Optional(Type.Unknown()),
  reason: Type.Optional(Type.Unknown()),
});
const MAX_REASON_LENGTH = 500;

/** Takes messages to channels: at least once, in order for each channel, with an id that stays the same. */
export class ChannelDelivery implements Deliverer {
  readonly kind = NOTIFICATION_KIND;
  readonly #definitions: Pick<Definitions, "find">;
  readonly #send: SendToPlugin;

  constructor(definitions: Pick<Definitions, "find">, send: SendToPlugin) {
    this.#definitions = definitions;
    this.#send = send;
  }

  nameOf(channelId: string): string | undefined {
    return this.#definitions.find("channel", channelId)?.name;
  }

  async deliver(
    { idempotencyKey, target, payload }: Delivery,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    const channel = this.#definitions.find("channel", target);
    if (!channel) return { outcome: "rejected", reason: "The channel was removed." };
    if (!Value.Check(Message, payload)) {
      return { outcome: "rejected", reason: "The entry is not a message of alerts." };
    }
    const answer = await this.#send(channel.plugin, { ...payload, id: idempotencyKey }, signal);
    return outcomeOf(answer);
  }

  /**
   * Sends at once and once, for a person who waits.
   * @returns what the service answered; empty when the plugin does not say.
   * @throws AppError `plugin_execution_failed` with what the service answered, and what keeps it from being sent
   */
  async test(channelId: string, message: Message, id: string, signal: AbortSignal): Promise<string> {
    const channel = this.#definitions.find("channel", channelId);
    if (!channel) throw new AppError("alert_definition_not_found", "There is no such channel.");
    const answer = await this.#send(channel.plugin, { ...message, id }, signal);
    const outcome = outcomeOf(answer);
    if (outcome.outcome !== "delivered") {
      throw new AppError("plugin_execution_failed", `The channel did not send: ${outcome.reason}`);
    }
    return Value.Check(Receipt, answer) ? answer.answer.slice(0, MAX_REASON_LENGTH) : "";
  }
}

function outcomeOf(answer: unknown): DeliveryOutcome {
  if (!Value.Check(Refusal, answer)) return { outcome: "delivered" };
  const { rejected, retryAfterMs, reason } = answer;
  if (rejected !== undefined && rejected !== null && rejected !== false) {
    return { outcome: "rejected", reason: textOr(rejected, "The channel rejects the message.") };
  }
  if (retryAfterMs === undefined) return { outcome: "delivered" };
  // A wait that is no number, such as one that was reckoned from a broken answer, is as good as none.
  const wait = typeof retryAfterMs === "number" && retryAfterMs > 0 ? { retryAfterMs } : {};
  return { outcome: "retry", reason: textOr(reason, "The channel asks for another attempt."), ...wait };
}

const textOr = (given: unknown, usual: string): string =>
  typeof given === "string" && given !== "" ? given.slice(0, MAX_REASON_LENGTH) : usual;
