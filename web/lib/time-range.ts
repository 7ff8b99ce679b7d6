import { formatDayAndTime, formatDuration } from "./format.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const SHORTEST_MS = 10_000;
const LONGEST_MS = 5 * 366 * DAY_MS;
/** A range of at most this grows from the first sample while less than it is known. */
export const GROWING_RANGE_MS = 5 * MINUTE_MS;
const GROWING_FROM_MS = MINUTE_MS;

/** What a page shows: the last so-many milliseconds, moving, or a fixed window of epoch milliseconds. */
export type TimeRange =
  | { kind: "last"; durationMs: number }
  | { kind: "absolute"; fromMs: number; toMs: number };

export interface TimeWindow {
  fromMs: number;
  toMs: number;
}

export const DEFAULT_RANGE: TimeRange = { kind: "last", durationMs: HOUR_MS };

/** The ranges offered by name. */
export const PRESET_RANGES = [
  { code: "5m", durationMs: 5 * MINUTE_MS, label: "Last 5 min" },
  { code: "15m", durationMs: 15 * MINUTE_MS, label: "Last 15 min" },
  { code: "1h", durationMs: HOUR_MS, label: "Last 1 h" },
  { code: "6h", durationMs: 6 * HOUR_MS, label: "Last 6 h" },
  { code: "24h", durationMs: DAY_MS, label: "Last 24 h" },
  { code: "7d", durationMs: 7 * DAY_MS, label: "Last 7 d" },
  { code: "30d", durationMs: 30 * DAY_MS, label: "Last 30 d" },
  { code: "90d", durationMs: 90 * DAY_MS, label: "Last 90 d" },
] as const;

const UNIT_MS: Record<string, number> = { s: 1000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS };

/** Reads `range`, or `from` and `to`, of a URL; anything unusable falls back to the last hour. */
export function parseTimeRange(params: URLSearchParams): TimeRange {
  const fromMs = Number(params.get("from") ?? Number.NaN);
  const toMs = Number(params.get("to") ?? Number.NaN);
  if (isUsable(toMs - fromMs) && fromMs >= 0) return { kind: "absolute", fromMs, toMs };
  const match = /^(\d{1,6})([smhdw])$/.exec(params.get("range") ?? "");
  const durationMs = Number(match?.[1] ?? Number.NaN) * (UNIT_MS[match?.[2] ?? ""] ?? Number.NaN);
  return isUsable(durationMs) ? { kind: "last", durationMs } : DEFAULT_RANGE;
}

function isUsable(spanMs: number): boolean {
  return Number.isFinite(spanMs) && spanMs >= SHORTEST_MS && spanMs <= LONGEST_MS;
}

/** The URL parameters of a range; `undefined` means that the parameter is absent. */
export function printTimeRange(range: TimeRange): Record<"range" | "from" | "to", string | undefined> {
  if (range.kind === "absolute")
    return { range: undefined, from: String(Math.round(range.fromMs)), to: String(Math.round(range.toMs)) };
  const isDefault = DEFAULT_RANGE.kind === "last" && range.durationMs === DEFAULT_RANGE.durationMs;
  return { range: isDefault ? undefined : durationCode(range.durationMs), from: undefined, to: undefined };
}

function durationCode(durationMs: number): string {
  const preset = PRESET_RANGES.find((entry) => entry.durationMs === durationMs);
  return preset?.code ?? `${Math.round(durationMs / 1000)}s`;
}

/**
 * The window a range means at `nowMs`. When measuring began only at `beganAtMs`, a short range begins there too, so
 * that the first samples fill the width; it is a minute wide at least, the rest of which is yet to come.
 */
export function resolveRange(range: TimeRange, nowMs: number, beganAtMs?: number): TimeWindow {
  if (range.kind === "absolute") return { fromMs: range.fromMs, toMs: range.toMs };
  if (beganAtMs === undefined || !isGrowing(range, nowMs, beganAtMs))
    return { fromMs: nowMs - range.durationMs, toMs: nowMs };
  return {
    fromMs: beganAtMs,
    toMs: Math.max(nowMs, beganAtMs + Math.min(GROWING_FROM_MS, range.durationMs)),
  };
}

/** Whether a range reaches back to before the first sample and is short enough to begin there instead. */
export function isGrowing(range: TimeRange, nowMs: number, beganAtMs: number | undefined): boolean {
  if (range.kind === "absolute" || range.durationMs > GROWING_RANGE_MS) return false;
  return beganAtMs !== undefined && beganAtMs > nowMs - range.durationMs;
}

/** In words, for the button that opens the picker. */
export function describeRange(range: TimeRange): string {
  if (range.kind === "absolute") return `${formatDayAndTime(range.fromMs)} – ${formatDayAndTime(range.toMs)}`;
  const preset = PRESET_RANGES.find((entry) => entry.durationMs === range.durationMs);
  return preset?.label ?? `Last ${formatDuration(range.durationMs / 1000)}`;
}

/** Moves a window by a share of its width (negative: back in time), never past `nowMs`. */
export function panWindow(window: TimeWindow, share: number, nowMs: number): TimeWindow {
  const spanMs = window.toMs - window.fromMs;
  const toMs = Math.min(window.toMs + spanMs * share, nowMs);
  return { fromMs: toMs - spanMs, toMs };
}

/** Narrows (`factor` < 1) or widens a window around its middle, within the sensible limits. */
export function zoomWindow(window: TimeWindow, factor: number, nowMs: number): TimeWindow {
  const middle = (window.fromMs + window.toMs) / 2;
  const spanMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (window.toMs - window.fromMs) * factor));
  const toMs = Math.min(middle + spanMs / 2, nowMs);
  return { fromMs: toMs - spanMs, toMs };
}
