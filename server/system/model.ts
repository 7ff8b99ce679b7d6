import { type Static, Type } from "@sinclair/typebox";

const instant = (description: string) => Type.String({ format: "date-time", description });

/** Up or not; the rest for those who are known. */
export const HealthView = Type.Object({
  status: Type.Literal("ok"),
  version: Type.Optional(Type.String()),
  commit: Type.Optional(Type.String()),
  builtAt: Type.Optional(Type.String()),
  uptimeSeconds: Type.Optional(Type.Number({ description: "Since Binnacle started" })),
});
export type HealthView = Static<typeof HealthView>;

export const ProbeView = Type.Object({ status: Type.Literal("ok") });

/** This machine, and the Binnacle on it. */
export const SystemView = Type.Object({
  hostname: Type.String(),
  os: Type.String(),
  kernel: Type.String(),
  arch: Type.String(),
  cpuModel: Type.String(),
  cores: Type.Integer(),
  memoryBytes: Type.Integer(),
  bootedAt: instant("When the machine started"),
  version: Type.String(),
  commit: Type.String(),
  builtAt: Type.String(),
  startedAt: instant("When Binnacle started"),
  dataFolder: Type.String(),
});
export type SystemView = Static<typeof SystemView>;

/** Which features are on. */
export interface SystemStatus {
  timestamp: Date;
  loggerEnabled: boolean;
  alertsEnabled: boolean;
  backupsEnabled: boolean;
  profilerEnabled: boolean;
  recoveryEnabled: boolean;
  dashboardEnabled: boolean;
  graphqlEnabled: boolean;
  liveMetricsEnabled: boolean;
  queryCacheEnabled: boolean;
}
