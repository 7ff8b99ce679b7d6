import type { FeedPhase } from "../data/graph-feed.ts";
import type { StatusLevel } from "./bn-status.ts";

/** Whether what a page follows is heard, as shape and word. */
export const FEED_PHASES: Readonly<Record<FeedPhase, { level: StatusLevel; word: string }>> = {
  idle: { level: "unknown", word: "Not following" },
  connecting: { level: "unknown", word: "Connecting" },
  open: { level: "calm", word: "Live" },
  lost: { level: "alarm", word: "Reconnecting" },
  refused: { level: "watch", word: "Not live" },
};
