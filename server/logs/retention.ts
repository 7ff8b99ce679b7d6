/** How long and how much is kept. */
export interface LogRetention {
  /** Days since a line arrived. */
  readonly days: number;
  /** Largest size of the log database with its WAL. */
  readonly budgetBytes: number;
  /** Lines are not taken below this share of free disk. */
  readonly minFreePercent: number;
}

export const DEFAULT_RETENTION: LogRetention = {
  days: 14,
  budgetBytes: 1024 * 1024 * 1024,
  minFreePercent: 5,
};

/** What the file system says of the disk that the lines are on. */
export interface DiskSpace {
  freeBytes: number;
  totalBytes: number;
}
