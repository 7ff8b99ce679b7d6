import type { Parts } from "../compose.ts";
import { parseTimeRange, printTimeRange } from "../lib/time-range.ts";

const YOUNG_MS = 15 * 60_000;
const FIRST_RANGE_MS = 5 * 60_000;

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

/** A server that measures for minutes only would fill an hour with emptiness: its overview starts closer. */
export async function showFirstMinutes({
  metrics,
  time,
  router,
  toasts,
}: TimeParts & Pick<Parts, "metrics" | "toasts">): Promise<void> {
  const isUntouched = (): boolean =>
    router.location.value.path === "/" && router.location.value.query.size === 0;
  if (!isUntouched()) return;
  try {
    const firstAtMs = await metrics.firstSampleAtMs();
    const isYoung = firstAtMs !== undefined && time.now() - firstAtMs < YOUNG_MS;
    if (isYoung && isUntouched()) time.choose({ kind: "last", durationMs: FIRST_RANGE_MS });
  } catch (error) {
    toasts.sayFailure(error);
  }
}
