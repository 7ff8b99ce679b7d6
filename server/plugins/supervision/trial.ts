import { AppError } from "../../errors/app-error.ts";
import type { ErrorCode } from "../../errors/catalogue.ts";
import type { RunningPlugin } from "../process/plugin-process.ts";

/** A health check before a switch of builds. */
const PROBE_TIMEOUT_MS = 5_000;
const FINAL: ReadonlySet<ErrorCode> = new Set([
  "plugin_load_failed",
  "plugin_sandbox_unavailable",
  "plugin_invalid",
  "invalid_configuration",
]);

/** Whether the same bytes fail again on this machine however often they are started. A process that ended may not. */
export const isFinal = ({ code, cause }: AppError): boolean =>
  FINAL.has(code) && !(cause instanceof AppError && cause.code === "plugin_crashed");

/** What `work` throws was told already, as an occurrence. */
export async function tryOut(work: () => Promise<void>): Promise<void> {
  await work().catch(() => undefined);
}

/** @throws AppError `plugin_unhealthy`, and what the check throws */
export async function demandHealth(process: RunningPlugin): Promise<void> {
  const { status, message } = await process.health(PROBE_TIMEOUT_MS);
  if (status !== "unhealthy") return;
  throw new AppError(
    "plugin_unhealthy",
    `The new process says that it is unhealthy: ${message ?? "no reason"}.`,
  );
}
