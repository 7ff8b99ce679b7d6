import type { StatusLevel } from "../../components/bn-status.ts";
import { SEVERITY_WORDS } from "../../data/alert-words.ts";
import type { Defined, Match } from "../../data/alerts-types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatDayAndTime } from "../../lib/format.ts";

const MAX_TEXT = 200;

/** Which alerts a match means, in words. */
export function matchText({ severities = [], types = [], labels = {} }: Match): string {
  const parts = [
    severities.map((severity) => SEVERITY_WORDS[severity].word.toLowerCase()).join(" or "),
    types.join(" or "),
    Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(", "),
  ].filter((part) => part !== "");
  return parts.length === 0 ? "every alert" : foreignText(parts.join(", "), MAX_TEXT);
}

/** What a route does, in a line. */
export function routeText(route: Defined<"route">, channels: readonly Defined<"channel">[]): string {
  const names = route.channels.map(
    (id) => channels.find((one) => one.id === id)?.name ?? "a removed channel",
  );
  const quiet = route.quietHours ? `; quiet ${route.quietHours.from} to ${route.quietHours.to}` : "";
  const steps = route.escalation.length;
  const escalation = steps === 0 ? "" : `; ${steps === 1 ? "1 step" : `${steps} steps`} of escalation`;
  return `${matchText(route.match)} → ${foreignText(names.join(", "), MAX_TEXT)}${quiet}${escalation}`;
}

/** When a window is open, and what it keeps quiet. */
export const windowText = ({ startsAt, endsAt, match }: Defined<"window">): string =>
  `${formatDayAndTime(Date.parse(startsAt))} to ${formatDayAndTime(Date.parse(endsAt))}: nobody is told of ${matchText(match)}`;

/** Whether a window is open at `nowMs`. */
export function windowState(
  { startsAt, endsAt }: Pick<Defined<"window">, "startsAt" | "endsAt">,
  nowMs: number,
): { level: StatusLevel; word: string } {
  if (nowMs < Date.parse(startsAt)) return { level: "unknown", word: "To come" };
  return nowMs < Date.parse(endsAt) ? { level: "watch", word: "Open" } : { level: "unknown", word: "Over" };
}
