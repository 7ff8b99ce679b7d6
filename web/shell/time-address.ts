import type { Parts } from "../compose.ts";
import { GROWING_RANGE_MS, parseTimeRange, printTimeRange } from "../lib/time-range.ts";

const YOUNG_MS = 15 * 60_000;

type TimeParts = Pick<Parts, "router" | "time">;

/** Takes over the time range of the address when it differs from the shown one. */
export function adoptTime({ router, time }: TimeParts): void {
  const { route, query } = router.location.value;
  if (!route?.hasTime) return;
  const range = parseTimeRange(query);
  if (JSON.stringify(range) !== JSON.stringify(time.state.value.range)) time.choose(range);
}

/** Writes the shown time range into the address of a page that shows time. */
export function writeTime({ router, time }: TimeParts): void {
  if (router.location.value.route?.hasTime) router.setQuery(printTimeRange(time.state.value.range));
}

/** The query string that carries the shown time to another page; empty for the default range. */
export function timeSuffix({ router }: Pick<Parts, "router">): string {
  const printed = Object.entries(printTimeRange(parseTimeRange(router.location.value.query)));
  const kept = printed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return kept.length === 0 ? "" : `?${new URLSearchParams(kept)}`;
}

/**
 * A server that measures for minutes only would fill an hour with emptiness: its overview starts closer, and short
 * ranges begin at the first sample until it is further back than they reach.
 */
export async function showFirstMinutes(
  parts: TimeParts & Pick<Parts, "metrics" | "toasts" | "live" | "session">,
): Promise<void> {
  const { metrics, time, router, toasts, session } = parts;
  if (!router.location.value.route?.hasTime || !session.can("metrics:read")) return;
  const isUntouched = (): boolean =>
    router.location.value.path === "/" && router.location.value.query.size === 0;
  try {
    const firstAtMs = await metrics.firstSampleAtMs();
    if (firstAtMs === undefined || time.now() - firstAtMs >= YOUNG_MS) return;
    growFrom(firstAtMs, parts);
    if (isUntouched()) time.choose({ kind: "last", durationMs: GROWING_RANGE_MS });
  } catch (error) {
    toasts.sayFailure(error);
  }
}

function growFrom(firstAtMs: number, { time, live }: Pick<Parts, "time" | "live">): void {
  const isFresh = (): boolean => time.now() - firstAtMs < GROWING_RANGE_MS;
  if (!isFresh()) return;
  time.begin(firstAtMs);
  const stop = live.sample.subscribe(() => {
    // A reader who pauses within the first minutes keeps what they see.
    if (isFresh() || !time.isLive) return;
    stop();
    time.begin(undefined);
  });
}
