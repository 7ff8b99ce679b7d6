import type { StatusLevel } from "../../components/bn-status.ts";
import { SEVERITY_WORDS } from "../../data/alert-words.ts";
import {
  type Defined,
  type Match,
  type Recurrence,
  WEEKDAYS,
  type Weekday,
} from "../../data/alerts-types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { momentWriter } from "../../lib/viewer.ts";
import { isWithinHours } from "./wall-clock.ts";

const MAX_TEXT = 200;
const formatDay = momentWriter({ dateStyle: "medium" });
const formatMinute = momentWriter({ dateStyle: "medium", timeStyle: "short" });

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
  const rest = route.onlyUnrouted ? ", if no other route takes it" : "";
  return `${matchText(route.match)}${rest} → ${foreignText(names.join(", "), MAX_TEXT)}${quiet}${escalation}`;
}

/** On which days, as one says it: "Every day", "Monday to Friday", "Every Saturday and Sunday". */
function daysText(days: readonly Weekday[]): string {
  const positions = days.map((day) => WEEKDAYS.indexOf(day)).sort((a, b) => a - b);
  const names = positions.map((at) => nameOf(WEEKDAYS[at] ?? ""));
  const [first = "", last = ""] = [names[0], names.at(-1)];
  const isRow = positions.every((at, index) => at === (positions[0] ?? 0) + index);
  if (days.length === WEEKDAYS.length) return "Every day";
  if (isRow && days.length > 2) return `${first} to ${last}`;
  return `Every ${new Intl.ListFormat("en-GB").format(names)}`;
}

const nameOf = (day: string): string => day.charAt(0).toUpperCase() + day.slice(1);

/** Hours that come again: "Every Sunday 02:00–04:00, Europe/Berlin". */
const recurrenceText = ({ days = WEEKDAYS, from, to, timeZone }: Recurrence): string =>
  `${daysText(days)} ${from}–${to}, ${foreignText(timeZone)}`;

/** When a window is open, and what it keeps quiet. */
export function windowText({ startsAt, endsAt, recurrence, match }: Defined<"window">): string {
  const write = recurrence ? formatDay : formatMinute;
  const [start, end] = [startsAt, endsAt].map((at) => write(Date.parse(at)));
  const times = recurrence
    ? `${recurrenceText(recurrence)}, from ${start} until ${end}`
    : `${start} to ${end}`;
  return `${times}: nobody is told of ${matchText(match)}`;
}

/** Whether a window is open at `nowMs`. */
export function windowState(
  { startsAt, endsAt, recurrence }: Pick<Defined<"window">, "startsAt" | "endsAt" | "recurrence">,
  nowMs: number,
): { level: StatusLevel; word: string } {
  if (nowMs < Date.parse(startsAt)) return { level: "unknown", word: "To come" };
  if (nowMs >= Date.parse(endsAt)) return { level: "unknown", word: "Over" };
  const isOpen = recurrence === undefined || isWithinHours(recurrence, nowMs);
  return isOpen ? { level: "watch", word: "Open" } : { level: "unknown", word: "To come again" };
}
