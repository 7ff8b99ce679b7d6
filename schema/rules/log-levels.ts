/** Least severe first. */
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

/** How severe a log line is. */
export type LogLevel = (typeof LOG_LEVELS)[number];
