import type { PluginManifest } from "../../../schema/plugin/manifest.ts";
import { placeholderPath, textsAt } from "../broker/grants/placeholders.ts";

const DEFAULT_SECONDS = 60;
const MIN_SECONDS = 1;
const MAX_SECONDS = 86_400;

/**
 * Seconds from one collection of a monitor to the next. What a configuration holds there and is no whole number from 1 to
 * 86,400 counts as nothing said.
 */
export function collectIntervalSeconds({ collect }: PluginManifest, config: unknown): number {
  const asked = collect?.intervalSeconds ?? DEFAULT_SECONDS;
  if (typeof asked === "number") return asked;
  const path = placeholderPath(asked);
  const [text] = (path === undefined ? undefined : textsAt(config, path)) ?? [];
  const seconds = text === undefined ? Number.NaN : Number(text);
  const isAllowed = Number.isInteger(seconds) && seconds >= MIN_SECONDS && seconds <= MAX_SECONDS;
  return isAllowed ? seconds : DEFAULT_SECONDS;
}
