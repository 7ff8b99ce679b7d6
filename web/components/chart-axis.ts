import type { Unit } from "../data/types.ts";
import { type Scale, scaleFor } from "../lib/format.ts";
import { momentWriter } from "../lib/viewer.ts";

const TICK_INTERVALS = 4;
const NICE_STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10];
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const FULL_PERCENT = 100;

/** A zero-based vertical axis: its top in the series' own unit, the ticks, and how to write them. */
export interface ValueAxis {
  bottom: number;
  top: number;
  ticks: number[];
  scale: Scale;
}

/** The least "nice" number (1, 1.5, 2, 2.5, 3, 4, 5, 7.5 × 10ⁿ) that is not below `value`. */
function niceStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const mantissa = value / power;
  return (NICE_STEPS.find((step) => step >= mantissa - 1e-9) ?? 10) * power;
}

/** Chooses the axis for values between `min` and `max`; without values, 0 to 1 of the unit. */
export function valueAxis(unit: Unit, min: number | null, max: number | null): ValueAxis {
  const highest = Math.max(max ?? 0, 0);
  const lowest = Math.min(min ?? 0, 0);
  const scale = scaleFor(unit, Math.max(highest, -lowest));
  const span = (highest - lowest) / scale.divisor;
  const step = axisStep(unit, span) * scale.divisor;
  const bottom = Math.floor(lowest / step) * step;
  const ticks: number[] = [];
  for (let index = 0; bottom + index * step < highest - step * 1e-6 || index < 2; index += 1)
    ticks.push(bottom + index * step);
  const top = bottom + ticks.length * step;
  ticks.push(top);
  return { bottom, top, ticks, scale };
}

function axisStep(unit: Unit, span: number): number {
  if (span <= 0) return unit === "count" ? 1 : 0.25;
  // 98 % reads against a ceiling of 100, not of 120.
  if (unit === "percent" && span > 80 && span <= FULL_PERCENT) return FULL_PERCENT / TICK_INTERVALS;
  return niceStep((span * 1.05) / TICK_INTERVALS);
}

/** Tick labels; the topmost alone carries the unit. */
export function valueLabels(axis: ValueAxis): string[] {
  const [first = 0, second = 1] = axis.ticks;
  const step = Math.abs(second - first) / axis.scale.divisor;
  const digits = [0, 1, 2].find((count) => isWhole(step * 10 ** count)) ?? 3;
  return axis.ticks.map((tick, index) => {
    const text = tick === 0 ? "0" : (tick / axis.scale.divisor).toFixed(digits);
    const isTop = index === axis.ticks.length - 1;
    return isTop && axis.scale.suffix !== "" ? `${text} ${axis.scale.suffix}` : text;
  });
}

function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-6 && value > 0.5;
}

const writeDay = momentWriter({ day: "numeric", month: "short" });
const writeMinute = momentWriter({ hour: "2-digit", minute: "2-digit" });
const writeSecond = momentWriter({ hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** Labels of the time axis in the viewer's zone, as fine as `stepMs` between ticks asks for. */
export function timeLabels(ticks: readonly number[], stepMs: number): string[] {
  return ticks.map((tick) => {
    if (stepMs >= DAY_MS || writeSecond(tick) === "00:00:00") return writeDay(tick);
    return stepMs >= MINUTE_MS ? writeMinute(tick) : writeSecond(tick);
  });
}
