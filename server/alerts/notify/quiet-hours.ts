import { type QuietHours, type Recurrence, WEEKDAYS } from "../definitions/schemas.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const HALF_DAY_MINUTES = DAY_MINUTES / 2;
/** Of each time zone: to make one takes longer than to use it, and a storm asks for every alert. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

/**
 * When the quiet hours end that are on at `now`, epoch milliseconds; undefined while there are none. The times are those
 * of a clock on the wall in the zone: a night in which clocks change is an hour shorter or longer.
 */
export function quietUntil(
  { from, to, timeZone }: Pick<QuietHours, "from" | "to" | "timeZone">,
  now: number,
): number | undefined {
  const wallMinute = wallMinuteAt(now, timeZone);
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  const isQuiet =
    begin <= end ? wallMinute >= begin && wallMinute < end : wallMinute >= begin || wallMinute < end;
  if (!isQuiet) return undefined;
  const leftMinutes = (end - wallMinute + DAY_MINUTES) % DAY_MINUTES;
  const guess = Math.floor(now / MINUTE_MS) * MINUTE_MS + leftMinutes * MINUTE_MS;
  // Clocks that change meanwhile show another time then; the guess moves by what they differ.
  const off = (wallMinuteAt(guess, timeZone) - end + DAY_MINUTES + HALF_DAY_MINUTES) % DAY_MINUTES;
  return Math.max(now + MINUTE_MS, guess - (off - HALF_DAY_MINUTES) * MINUTE_MS);
}

/** When the hours of a recurrence end that are on at `now`; undefined while there are none. The day is that of their begin. */
export function recursUntil(recurrence: Recurrence, now: number): number | undefined {
  const until = quietUntil(recurrence, now);
  const { days, from, to, timeZone } = recurrence;
  if (until === undefined || days === undefined) return until;
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  const beganYesterday = begin > end && wallMinuteAt(now, timeZone) < end;
  const today = weekdayAt(now, timeZone);
  const day = beganYesterday ? (today + WEEKDAYS.length - 1) % WEEKDAYS.length : today;
  return days.some((one) => WEEKDAYS.indexOf(one) === day) ? until : undefined;
}

function minuteOf(time: string): number {
  const [hours = "0", minutes = "0"] = time.split(":");
  return Number(hours) * 60 + Number(minutes);
}

const wallMinuteAt = (at: number, timeZone: string): number =>
  Number(partOf(at, timeZone, "hour")) * 60 + Number(partOf(at, timeZone, "minute"));

/** From 0, Monday, by the calendar of the zone. */
function weekdayAt(at: number, timeZone: string): number {
  const names: readonly string[] = WEEKDAYS;
  return names.indexOf(partOf(at, timeZone, "weekday").toLowerCase());
}

function partOf(at: number, timeZone: string, wanted: "weekday" | "hour" | "minute"): string {
  const parts = formatOf(timeZone).formatToParts(at);
  return parts.find(({ type }) => type === wanted)?.value ?? "";
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone, weekday: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  });
  FORMATS.set(timeZone, made);
  return made;
}
