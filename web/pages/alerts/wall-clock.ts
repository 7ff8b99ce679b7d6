import { type Recurrence, WEEKDAYS } from "../../data/alerts-types.ts";

/** Whether the hours of a recurrence are on at `nowMs`; the day is that of their begin. As the server judges it. */
export function isWithinHours({ days = WEEKDAYS, from, to, timeZone }: Recurrence, nowMs: number): boolean {
  const { day, time } = wallAt(nowMs, timeZone);
  const isOvernight = from > to;
  const isOn = isOvernight ? time >= from || time < to : time >= from && time < to;
  const began = isOvernight && time < to ? day - 1 : day;
  return isOn && days.some((one) => one === WEEKDAYS.at(began));
}

/** Day of the week, from 0, Monday, and time, `02:30`, by the clock on the wall of a zone. */
function wallAt(atMs: number, timeZone: string): { day: number; time: string } {
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone, weekday: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  });
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const names: readonly (string | undefined)[] = WEEKDAYS;
  const day = names.indexOf(part.weekday?.toLowerCase());
  return { day, time: `${part.hour}:${part.minute}` };
}
