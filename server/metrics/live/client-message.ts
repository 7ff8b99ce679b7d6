/** A longer message is no message of this protocol. */
export const MAX_CLIENT_MESSAGE_BYTES = 1_024;
const MIN_INTERVAL_SECONDS = 1;
const MAX_INTERVAL_SECONDS = 60;
/** The intervals there are, in words. */
export const INTERVAL_RANGE = `${MIN_INTERVAL_SECONDS} to ${MAX_INTERVAL_SECONDS}`;

/** What a reader may say. */
export type ClientMessage = { type: "interval"; seconds: number } | { type: "ping" };

/** Reads a reader's frame; a string says what is wrong with it. */
export function parseClientMessage(text: string): ClientMessage | string {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return "The message is not JSON.";
  }
  if (typeof message !== "object" || message === null || !("type" in message)) {
    return "The message has no type.";
  }
  if (message.type === "ping") return { type: "ping" };
  if (message.type !== "interval") return "The message type is neither interval nor ping.";
  const seconds = "seconds" in message ? message.seconds : undefined;
  if (!isIntervalSeconds(seconds)) {
    return `The interval is not a whole number from ${INTERVAL_RANGE} seconds.`;
  }
  return { type: "interval", seconds };
}

/** Whether readers may ask for this interval. */
export function isIntervalSeconds(value: unknown): value is number {
  return (
    typeof value === "number" &&
    Number.isInteger(value) &&
    value >= MIN_INTERVAL_SECONDS &&
    value <= MAX_INTERVAL_SECONDS
  );
}
