import type { Unit } from "../data/types.ts";
import { momentWriter, viewerUnits } from "./viewer.ts";

const BYTE_STEPS = {
  binary: { factor: 1_024, names: ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] },
  decimal: { factor: 1_000, names: ["B", "kB", "MB", "GB", "TB", "PB"] },
} as const;
const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;
/** Between a figure and its unit, so that a line never breaks there. */
const NARROW_GAP = "\u00a0";
const LOCALE = "en-GB";

/** How to write the values of one chart or card: divide, round, append. */
export interface Scale {
  divisor: number;
  suffix: string;
}

/** A figure and its unit apart, for layouts that set them in different sizes. */
export interface Quantity {
  figure: string;
  suffix: string;
}

/** The unit in which values up to `largest` read best; charts use one scale for axis and legend. */
export function scaleFor(unit: Unit, largest: number): Scale {
  const size = Math.abs(largest);
  switch (unit) {
    case "percent":
      return { divisor: 1, suffix: "%" };
    case "bytes":
      return byteScale(size, "");
    case "bytes_per_second":
      return byteScale(size, "/s");
    case "seconds":
      return durationScale(size);
    case "per_second":
      return { ...countScale(size), suffix: `${countScale(size).suffix}/s` };
    case "ratio":
      return { divisor: 1, suffix: "" };
    default:
      return countScale(size);
  }
}

function byteScale(size: number, per: string): Scale {
  const { factor, names } = BYTE_STEPS[viewerUnits()];
  let step = 0;
  while (step < names.length - 1 && size >= factor ** (step + 1)) step += 1;
  return { divisor: factor ** step, suffix: `${names[step] ?? "B"}${per}` };
}

function durationScale(size: number): Scale {
  if (size < 1e-3) return { divisor: 1e-6, suffix: "µs" };
  if (size < 1) return { divisor: 1e-3, suffix: "ms" };
  if (size < 2 * MINUTE_SECONDS) return { divisor: 1, suffix: "s" };
  if (size < 2 * HOUR_SECONDS) return { divisor: MINUTE_SECONDS, suffix: "min" };
  if (size < 2 * DAY_SECONDS) return { divisor: HOUR_SECONDS, suffix: "h" };
  return { divisor: DAY_SECONDS, suffix: "d" };
}

function countScale(size: number): Scale {
  if (size < 1e5) return { divisor: 1, suffix: "" };
  if (size < 1e9) return size < 1e6 ? { divisor: 1e3, suffix: "k" } : { divisor: 1e6, suffix: "M" };
  return { divisor: 1e9, suffix: "G" };
}

/** How many decimals a number of this size deserves. */
export function decimalsFor(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || size >= 100) return 0;
  return size >= 1 ? 1 : 2;
}

/** Writes a number with as many decimals as its size deserves: 1,204 · 23.4 · 0.71 · 0. */
export function formatFigure(value: number, decimals = decimalsFor(value)): string {
  return value.toLocaleString(LOCALE, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A value in the given scale: the figure alone. */
function formatScaled(value: number, scale: Scale): string {
  const scaled = value / scale.divisor;
  const isWhole = scale.divisor === 1 && Number.isInteger(scaled) && scale.suffix !== "%";
  return isWhole ? scaled.toLocaleString(LOCALE) : formatFigure(scaled);
}

/** A single value as figure and unit. */
export function formatQuantity(value: number, unit: Unit): Quantity {
  if (unit === "seconds") return formatDurationParts(value);
  const scale = scaleFor(unit, value);
  return { figure: formatScaled(value, scale), suffix: scale.suffix };
}

/** A single value as text: `23.4 %`, `9.8 GiB`, `12.5 MiB/s`, `1.2 ms`; a dash when there is none. */
export function formatValue(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const { figure, suffix } = formatQuantity(value, unit);
  if (suffix === "" || suffix.startsWith("/")) return figure + suffix;
  return figure + NARROW_GAP + suffix;
}

export function formatBytes(sizeBytes: number): string {
  return formatValue(sizeBytes, "bytes");
}

/** A duration in seconds as its two largest units: `1.2 ms`, `3.4 s`, `2 h 5 min`, `41 d`. */
export function formatDuration(seconds: number): string {
  const { figure, suffix } = formatDurationParts(seconds);
  return figure + NARROW_GAP + suffix;
}

function formatDurationParts(seconds: number): Quantity {
  const size = Math.abs(seconds);
  if (size < MINUTE_SECONDS) {
    const scale = size === 0 ? { divisor: 1, suffix: "s" } : durationScale(size);
    return { figure: formatScaled(seconds, scale), suffix: scale.suffix };
  }
  if (size < HOUR_SECONDS) return twoUnits(seconds, MINUTE_SECONDS, "min", 1, "s");
  if (size < DAY_SECONDS) return twoUnits(seconds, HOUR_SECONDS, "h", MINUTE_SECONDS, "min");
  return twoUnits(seconds, DAY_SECONDS, "d", HOUR_SECONDS, "h");
}

function twoUnits(
  seconds: number,
  large: number,
  largeName: string,
  small: number,
  smallName: string,
): Quantity {
  const whole = Math.floor(seconds / large);
  const rest = Math.floor((seconds - whole * large) / small);
  const hidesRest = rest === 0 || (largeName === "d" && whole >= 10);
  if (hidesRest) return { figure: whole.toLocaleString(LOCALE), suffix: largeName };
  return {
    figure: `${whole}${NARROW_GAP}${largeName}${NARROW_GAP}${rest}`,
    suffix: smallName,
  };
}

/** How long ago (or until) a moment is: `now`, `12 min ago`, `in 3 d`. Both in epoch milliseconds. */
export function formatRelative(atMs: number, nowMs: number): string {
  const seconds = Math.round((nowMs - atMs) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return "now";
  let text = `${size}${NARROW_GAP}s`;
  if (size >= DAY_SECONDS) text = `${Math.floor(size / DAY_SECONDS)}${NARROW_GAP}d`;
  else if (size >= HOUR_SECONDS) text = `${Math.floor(size / HOUR_SECONDS)}${NARROW_GAP}h`;
  else if (size >= MINUTE_SECONDS) text = `${Math.floor(size / MINUTE_SECONDS)}${NARROW_GAP}min`;
  return seconds > 0 ? `${text} ago` : `in ${text}`;
}

/** The exact moment in the viewer's zone: `21 Nov 2026, 14:02:35`. */
export const formatExact = momentWriter({ dateStyle: "medium", timeStyle: "medium" });

/** The time of day in the viewer's zone: `14:02:35`. */
export const formatTimeOfDay = momentWriter({ timeStyle: "medium" });

/** Day and minute in the viewer's zone: `21 Nov, 14:02`. */
export const formatDayAndTime = momentWriter({
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
