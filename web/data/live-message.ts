import type { LiveMessage } from "./types.ts";

/** Parses one frame of the live-metrics socket; undefined for anything that is not one of its messages. */
export function parseLiveMessage(data: unknown): LiveMessage | undefined {
  if (typeof data !== "string") return undefined;
  let message: unknown;
  try {
    message = JSON.parse(data);
  } catch {
    return undefined;
  }
  return isLiveMessage(message) ? message : undefined;
}

function isLiveMessage(message: unknown): message is LiveMessage {
  if (typeof message !== "object" || message === null || !("type" in message)) return false;
  switch (message.type) {
    case "snapshot":
      return isSampleLike(message) && "series" in message && Array.isArray(message.series);
    case "delta":
      return isSampleLike(message);
    case "error":
    case "pong":
      return true;
    default:
      return false;
  }
}

function isSampleLike(message: object): boolean {
  return (
    "seq" in message &&
    typeof message.seq === "number" &&
    "at" in message &&
    typeof message.at === "number" &&
    "values" in message &&
    typeof message.values === "object" &&
    message.values !== null
  );
}
