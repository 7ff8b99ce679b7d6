import { viewerZone } from "./viewer.ts";

/** A moment as `<input type="datetime-local">` wants it: wall time of the viewer's zone, without naming it. */
export function toLocalInput(atMs: number): string {
  return new Date(atMs + offsetMs(atMs)).toISOString().slice(0, 19);
}

/**
 * The moment that such an input means in the viewer's zone; NaN for none. Of an hour that comes twice the first is
 * meant, an hour that is skipped is the one after it.
 */
export function fromLocalInput(text: string): number {
  const wallMs = Date.parse(`${text}Z`);
  if (Number.isNaN(wallMs)) return Number.NaN;
  const before = wallMs - offsetMs(wallMs - DAY_MS);
  const after = wallMs - offsetMs(wallMs + DAY_MS);
  return [before, after].find((atMs) => atMs + offsetMs(atMs) === wallMs) ?? before;
}

const DAY_MS = 86_400_000;

/** What the zone's clocks are ahead of UTC at a moment. */
function offsetMs(atMs: number): number {
  const timeZone = viewerZone();
  const format = new Intl.DateTimeFormat("en-GB", {
    ...(timeZone === undefined ? {} : { timeZone }),
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1_000) * 1_000;
}
