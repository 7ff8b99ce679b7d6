import { DAY_MS, floorTo, type Resolution, TIERS } from "./tiers.ts";

/** How long and how much is kept. */
export interface Retention {
  /** By tier, in days. */
  readonly days: Readonly<Record<Resolution, number>>;
  /** Largest size of the samples file with its WAL. */
  readonly budgetBytes: number;
  /** Samples pause below this share of free disk. */
  readonly minFreePercent: number;
  /** Most series; a further one is refused and counted. */
  readonly maxSeries: number;
}

/**
 * Every sample for two weeks and a day (to compare with the same day of the week before last), minutes for a quarter,
 * hours for two years (to compare with last year's season). At 200 series and 5 s that is about 60 MB.
 */
export const DEFAULT_RETENTION: Retention = {
  days: { raw: 15, "1m": 90, "1h": 730 },
  budgetBytes: 1024 * 1024 * 1024,
  minFreePercent: 5,
  maxSeries: 10_000,
};

/** Trimming for size goes a little below the budget, so that it is not needed again with the next chunk. */
const TRIM_TO_SHARE = 0.95;
/** One step of trimming for size takes this share of the tier's span, at least one chunk's window. */
const TRIM_STEP_SHARE = 0.05;
/** Writing begins again this far above the limit, so that it does not flap. */
const RESUME_MARGIN_PERCENT = 1;

/** What the file system says of the disk that the samples are on. */
export interface DiskSpace {
  freeBytes: number;
  totalBytes: number;
}

/** Time before which a tier's chunks are deleted by age: whole windows only, so a tier keeps up to one more. */
export function ageFloor(tier: Resolution, now: number, { days }: Retention): number {
  return floorTo(now - days[tier] * DAY_MS, TIERS[tier].windowMs);
}

/** When a series without samples since then has nothing left to keep. */
export function forgetBefore(now: number, { days }: Retention): number {
  return now - Math.max(...Object.values(days)) * DAY_MS - TIERS["1h"].windowMs;
}

/** The size that trimming aims at, or `undefined` when the file is within its budget. */
export function trimTarget(sizeBytes: number, { budgetBytes }: Retention): number | undefined {
  return sizeBytes > budgetBytes ? budgetBytes * TRIM_TO_SHARE : undefined;
}

/** The floor of a tier after one step of trimming for size; `oldestAt` is where its first chunk begins. */
export function nextSizeFloor(tier: Resolution, oldestAt: number, endAt: number): number {
  const { windowMs } = TIERS[tier];
  const stepMs = Math.max(windowMs, (endAt - oldestAt) * TRIM_STEP_SHARE);
  return floorTo(oldestAt + stepMs, windowMs);
}

/** Whether samples are to pause; once paused they stay so until a little more than the limit is free. */
export function mustPause(disk: DiskSpace, isPaused: boolean, { minFreePercent }: Retention): boolean {
  const freePercent = (disk.freeBytes / disk.totalBytes) * 100;
  return freePercent < minFreePercent + (isPaused ? RESUME_MARGIN_PERCENT : 0);
}

/** How the file will grow, from what it holds and how fast it is fed. */
export interface SizeForecast {
  sizeBytes: number;
  budgetBytes: number;
  /** New bytes a day, by tier. */
  bytesPerDay: Record<Resolution, number>;
  /** Size once every tier is as old as it may become. */
  steadyBytes: number;
  /** Days until the budget forces samples out before their age does; `undefined` when it never will. */
  daysUntilBudget: number | undefined;
}

/** What a row costs in each tier, and how many rows come a day. */
export interface Growth {
  bytesPerRow: Record<Resolution, number>;
  rowsPerDay: Record<Resolution, number>;
}

/** Extrapolates the present growth. */
export function forecastSize(sizeBytes: number, growth: Growth, retention: Retention): SizeForecast {
  const perDay = (tier: Resolution) => growth.bytesPerRow[tier] * growth.rowsPerDay[tier];
  const bytesPerDay = { raw: perDay("raw"), "1m": perDay("1m"), "1h": perDay("1h") };
  const { days, budgetBytes } = retention;
  const steadyBytes =
    bytesPerDay.raw * days.raw + bytesPerDay["1m"] * days["1m"] + bytesPerDay["1h"] * days["1h"];
  const allPerDay = bytesPerDay.raw + bytesPerDay["1m"] + bytesPerDay["1h"];
  const isBound = steadyBytes > budgetBytes && allPerDay > 0;
  const daysUntilBudget = isBound ? Math.max(0, (budgetBytes - sizeBytes) / allPerDay) : undefined;
  return { sizeBytes, budgetBytes, bytesPerDay, steadyBytes, daysUntilBudget };
}
