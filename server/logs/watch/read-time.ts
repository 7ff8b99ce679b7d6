const ISO = /^\[?(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?\s?(Z|[+-]\d{2}:?\d{2})?/;
/** RFC 3164: no year, no zone. */
const SYSLOG = /^([A-Z][a-z]{2}) ([ \d]\d) (\d{2}:\d{2}:\d{2})/;
/** The common log format of web servers. */
const COMMON = /\[(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})\]/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Numbers below are seconds, milliseconds, microseconds; above, nanoseconds. */
const MAX_SECONDS = 1e11;
const MAX_MILLISECONDS = 1e14;
const MAX_MICROSECONDS = 1e17;
const MAX_EPOCH_MS = 8.64e15;
const DAY_MS = 86_400_000;
/** A time is looked for no further into a line. */
const SEARCHED_CHARACTERS = 200;

/** Epoch milliseconds of what a structured line holds as its time: a number of any unit, or a text. */
export function readTimeValue(value: unknown, now: number): number | undefined {
  if (typeof value === "number") return sound(ofNumber(value));
  if (typeof value !== "string") return undefined;
  if (/^\d{9,19}(\.\d+)?$/.test(value)) return sound(ofNumber(Number(value)));
  return readTimeIn(value, now) ?? sound(Date.parse(value));
}

/** The time that a plain line begins with, or has in the brackets of an access log. Without a zone it is this machine's. */
export function readTimeIn(line: string, now: number): number | undefined {
  const iso = ISO.exec(line);
  if (iso) {
    const [, day, time, fraction, zone = ""] = iso;
    return sound(Date.parse(`${day}T${time}${fraction ? `.${fraction.slice(0, 3)}` : ""}${zone}`));
  }
  const syslog = SYSLOG.exec(line);
  if (syslog) return ofSyslog(syslog, now);
  const common = COMMON.exec(line.slice(0, SEARCHED_CHARACTERS));
  if (!common) return undefined;
  const [, day, month = "", year, time, hours, minutes] = common;
  const number = String(MONTHS.indexOf(month) + 1).padStart(2, "0");
  return sound(Date.parse(`${year}-${number}-${day}T${time}${hours}:${minutes}`));
}

/** Of this year, or of the last one when that would lie ahead. */
function ofSyslog([, month = "", day = "", time]: RegExpExecArray, now: number): number | undefined {
  const number = String(MONTHS.indexOf(month) + 1).padStart(2, "0");
  const inYear = (year: number): number =>
    Date.parse(`${year}-${number}-${day.trim().padStart(2, "0")}T${time}`);
  const year = new Date(now).getFullYear();
  const at = inYear(year);
  return sound(at > now + DAY_MS ? inYear(year - 1) : at);
}

function ofNumber(value: number): number {
  if (value < MAX_SECONDS) return value * 1_000;
  if (value < MAX_MILLISECONDS) return value;
  return value < MAX_MICROSECONDS ? value / 1_000 : value / 1_000_000;
}

const sound = (at: number): number | undefined =>
  at >= 0 && at <= MAX_EPOCH_MS ? Math.round(at) : undefined;
