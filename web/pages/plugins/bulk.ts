import type { BulkVerb } from "../../data/plugins.ts";
import type { BulkOutcome } from "../../data/plugins-types.ts";
import { foreignText } from "../../lib/foreign-text.ts";

const DONE_WORDS: Record<BulkVerb, string> = { start: "started", stop: "stopped", reload: "reloaded" };

/** What became of a verb on all plugins, in a sentence, and whether all is well. */
export function bulkTold(verb: BulkVerb, { items }: BulkOutcome): [text: string, level: "calm" | "alarm"] {
  const done = items.filter(({ outcome }) => outcome === "done").length;
  const skipped = items.filter(({ outcome }) => outcome === "skipped").length;
  const failed = items.filter(({ outcome }) => outcome === "failed");
  const parts = [
    `${done} ${DONE_WORDS[verb]}`,
    ...(skipped === 0 ? [] : [`${skipped} left as they were`]),
    ...failed.map(
      ({ id, error }) => `${id} failed: ${foreignText(error?.message ?? "no reason given", 120)}`,
    ),
  ];
  return [parts.join(", "), failed.length === 0 ? "calm" : "alarm"];
}
