const BINARY_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const BINARY_STEP = 1_024;
const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** `3.2 GiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= BINARY_STEP && unit < BINARY_UNITS.length - 1) {
    value /= BINARY_STEP;
    unit++;
  }
  return `${unit === 0 ? value.toFixed(0) : significant(value)} ${BINARY_UNITS[unit]}`;
}

/** `4 d 2 h`, `2 h 5 min`, `3.4 s`, `1.2 ms`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return `${significant(seconds * 1_000)} ms`;
  if (seconds < MINUTE_S) return `${significant(seconds)} s`;
  const [unit, name, lesser, lesserName] =
    seconds >= DAY_S
      ? ([DAY_S, "d", HOUR_S, "h"] as const)
      : seconds >= HOUR_S
        ? ([HOUR_S, "h", MINUTE_S, "min"] as const)
        : ([MINUTE_S, "min", 1, "s"] as const);
  const whole = Math.floor(seconds / unit);
  const rest = Math.floor((seconds - whole * unit) / lesser);
  return rest === 0 ? `${whole} ${name}` : `${whole} ${name} ${rest} ${lesserName}`;
}

/** A value of a series in its unit; null is a gap. */
export function formatValue(value: number | null, unit: string): string {
  if (value === null) return "–";
  if (unit === "bytes") return formatBytes(value);
  if (unit === "bytes_per_second") return `${formatBytes(value)}/s`;
  if (unit === "seconds") return formatDuration(value);
  if (unit === "percent") return `${value.toFixed(1)} %`;
  if (unit === "per_second") return `${significant(value)}/s`;
  return Number.isInteger(value) ? String(value) : significant(value);
}

/** Three digits are enough to read. */
function significant(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
