import type { HealthReport } from "../../../schema/plugin/rpc.ts";
import { PLUGIN_HEALTHS } from "../../../schema/rules/plugins.ts";
import { AppError } from "../../errors/app-error.ts";

type Status = HealthReport["status"];

const MAX_MESSAGE_LENGTH = 500;
const MAX_NAME_LENGTH = 100;
const MAX_DEPENDENCIES = 50;

/** What a plugin says of its health, cut to size. @throws AppError `plugin_execution_failed` when it has no such form */
export function readHealthReport(value: unknown): HealthReport {
  const { status, message, dependencies } = fieldsOf(value);
  if (!isStatus(status)) {
    throw new AppError(
      "plugin_execution_failed",
      "The plugin's health has no status: healthy, degraded or unhealthy.",
    );
  }
  const listed = Array.isArray(dependencies) ? dependencies.slice(0, MAX_DEPENDENCIES) : [];
  return {
    status,
    ...(typeof message === "string" ? { message: message.slice(0, MAX_MESSAGE_LENGTH) } : {}),
    ...(listed.length > 0 ? { dependencies: listed.flatMap(readDependency) } : {}),
  };
}

function readDependency(value: unknown): NonNullable<HealthReport["dependencies"]> {
  const { name, status, responseMs } = fieldsOf(value);
  if (typeof name !== "string" || !isStatus(status)) return [];
  const isTime = typeof responseMs === "number" && Number.isFinite(responseMs) && responseMs >= 0;
  return [{ name: name.slice(0, MAX_NAME_LENGTH), status, ...(isTime ? { responseMs } : {}) }];
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? { ...value } : {};

const isStatus = (value: unknown): value is Status =>
  value !== "unknown" && PLUGIN_HEALTHS.some((status) => status === value);
