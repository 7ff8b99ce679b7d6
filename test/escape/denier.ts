/** Limits of the process: the error can be caught. */
export const RESOURCE_LIMITS = "RLIMIT_DATA, RLIMIT_AS";
/** The server ends a process that has taken too much. */
export const MEMORY_WATCH = "the server's watch of memory";

/** How an attempt is told of that ended with its process. */
export const ENDED = "process ended";

/** Errors by which alone it is clear who said no. EACCES is not among them: Landlock and the filters answer with it. */
const BY_ANSWER: Readonly<Record<string, string>> = {
  EPERM: "filter",
  ENOSYS: "filter",
  EMFILE: "RLIMIT_NOFILE",
  ENOMEM: RESOURCE_LIMITS,
  "Out of memory": RESOURCE_LIMITS,
  permission_denied: "broker",
  outbound_refused: "broker",
  rate_limited: "broker",
  storage_full: "broker",
  cardinality_limit: "broker",
  plugin_timeout: "watchdog",
};

/** Why the server ended a process, as the event plugin.crashed says it. */
const BY_CRASH: readonly (readonly [RegExp, string])[] = [
  [/contract of the channel|lost its channel|stopped reading/, "channel"],
  [/did not yield/, "watchdog"],
  [/MiB of memory/, MEMORY_WATCH],
  [/as when memory runs out/, "cgroup"],
];

/** What the measurement alone tells of who denied an attempt; undefined when it leaves that open. */
export function measuredDenier(answer: string, crashReason: string | undefined): string | undefined {
  if (crashReason === undefined) return BY_ANSWER[answer];
  return BY_CRASH.find(([pattern]) => pattern.test(crashReason))?.[1];
}

/**
 * The one of `possible` that was measured; all of them where nothing was. Undefined when the measurement names another.
 */
export function namedDenier(possible: string | readonly string[]): string;
export function namedDenier(
  possible: string | readonly string[],
  measured: string | undefined,
): string | undefined;
export function namedDenier(possible: string | readonly string[], measured?: string): string | undefined {
  const all = typeof possible === "string" ? [possible] : possible;
  return measured === undefined ? all.join(" or ") : all.find((one) => one.includes(measured));
}
