import type { PluginManifest } from "../../schema/plugin/manifest.ts";
import type { Settings } from "../config/schema.ts";
import type { ProcessLimits } from "./process/plugin-process.ts";

const MS_PER_SECOND = 1_000;
const MIB = 1_024 * 1_024;
const DEFAULT_CONCURRENCY = 5;
const MAX_CONCURRENCY = 256;
const DEFAULT_OUTPUT_BYTES = 4 * MIB;
const MAX_OUTPUT_BYTES = 64 * MIB;
/** Beyond the longest call: what a plugin may take to end in order. */
const GRACE_MS = 5_000;

/** What plugins may use, by manifest and settings. */
export class LimitRules {
  readonly #settings: () => Settings["plugins"];

  /** @param settings read anew for each start. */
  constructor(settings: () => Settings["plugins"]) {
    this.#settings = settings;
  }

  of({ limits = {} }: PluginManifest): ProcessLimits {
    const { timeoutSeconds, maxTimeoutMs, memoryLimitMib } = this.#settings();
    const memoryMib = Math.min(limits.memoryMib ?? memoryLimitMib, memoryLimitMib);
    return {
      timeoutMs: Math.min(limits.timeoutMs ?? timeoutSeconds * MS_PER_SECOND, maxTimeoutMs),
      memoryBytes: memoryMib * MIB,
      concurrency: Math.min(limits.concurrency ?? DEFAULT_CONCURRENCY, MAX_CONCURRENCY),
      outputBytes: Math.min(limits.outputBytes ?? DEFAULT_OUTPUT_BYTES, MAX_OUTPUT_BYTES),
    };
  }

  /** How long the calls under way may go on once the process is replaced or ended. */
  graceMs(manifest: PluginManifest): number {
    return this.of(manifest).timeoutMs + GRACE_MS;
  }
}
