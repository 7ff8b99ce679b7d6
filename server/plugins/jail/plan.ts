/** What the server asks of `__jail`: decided once, before the process is started; each part is done or the start fails. */
export interface JailPlan {
  /** The server's process. */
  parentPid: number;
  /** The ABI whose rights are taken away; 0 makes no ruleset (level `process` only). */
  landlockAbi: number;
  hasSeccomp: boolean;
  hasNamespaces: boolean;
  /** The plugin's own user, when the server is root and may give it one. */
  uid?: number;
  /** What the plugin may use, above the host's own. */
  memoryBytes: number;
  /** RLIMIT_DATA: the host's own and the plugin's. */
  dataBytes: number;
  /** RLIMIT_AS, likewise. */
  addressBytes: number;
  openFiles: number;
  /** RLIMIT_NPROC, which counts threads; only where the user is the plugin's own. */
  maxThreads?: number;
  /** The cgroup.procs files to join. */
  cgroups: readonly string[];
  /** Folders to read: the repository, when the host runs from source. */
  readableFolders: readonly string[];
}

/**
 * The plan that `text` holds. It comes from the server through the command line: a mistake in it ends the start.
 * @throws Error when it is not a plan
 */
export function parsePlan(text: string): JailPlan {
  const plan: unknown = JSON.parse(text);
  if (!isPlan(plan)) throw new TypeError("This is not the plan of a jail.");
  return plan;
}

function isPlan(value: unknown): value is JailPlan {
  if (typeof value !== "object" || value === null) return false;
  const plan = value as Partial<Record<keyof JailPlan, unknown>>;
  return (
    [
      plan.parentPid,
      plan.landlockAbi,
      plan.memoryBytes,
      plan.dataBytes,
      plan.addressBytes,
      plan.openFiles,
    ].every(Number.isSafeInteger) &&
    [plan.hasSeccomp, plan.hasNamespaces].every((flag) => typeof flag === "boolean") &&
    [plan.uid, plan.maxThreads].every((number) => number === undefined || Number.isSafeInteger(number)) &&
    [plan.cgroups, plan.readableFolders].every(isTextList)
  );
}

const isTextList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === "string");
