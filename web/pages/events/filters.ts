/** The filter of the page as the address holds it. */
export interface EventQuery {
  /** Patterns as written: `alert.*, shop.sold`. */
  types: string;
  source: string;
  range: string;
  /** Of one request. */
  correlation: string;
}

const HOUR_MS = 3_600_000;

/** How far back the list begins, in milliseconds. */
export const RANGES = [
  { id: "15m", label: "15 min", ms: HOUR_MS / 4 },
  { id: "1h", label: "1 h", ms: HOUR_MS },
  { id: "", label: "24 h", ms: 24 * HOUR_MS },
  { id: "all", label: "All kept", ms: undefined },
] as const;

export const readEventQuery = (query: URLSearchParams): EventQuery => ({
  types: query.get("types") ?? "",
  source: query.get("source") ?? "",
  range: query.get("range") ?? "",
  correlation: query.get("correlation") ?? "",
});

/** Whether an event is of the source and the request that are asked for. */
export const isAskedFor = (
  { source, correlation }: EventQuery,
  event: { source: string; correlationId: string },
): boolean =>
  (source === "" || event.source === source) && (correlation === "" || event.correlationId === correlation);

/** The address of the page with some of the filter changed. */
export function eventsHref(query: EventQuery, change: Partial<EventQuery & { event: string }> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, ...change })) {
    if (value !== "") params.set(name, value);
  }
  const text = params.toString();
  return text === "" ? "/events" : `/events?${text}`;
}

/** The patterns of a written list. */
export const patternsOf = (types: string): string[] => types.split(/[\s,]+/).filter((text) => text !== "");

/** Where the list begins, epoch milliseconds; undefined for everything that is kept. */
export function beginOf(range: string, nowMs: number): number | undefined {
  const ms = (RANGES.find(({ id }) => id === range) ?? RANGES[2]).ms;
  return ms === undefined ? undefined : nowMs - ms;
}
