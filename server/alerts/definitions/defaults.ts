import type { Bodies } from "./schemas.ts";

const fiveMinutes = 300;

/** The rules that a new server begins with; from then on they are the owner's, to edit and to remove. */
export const DEFAULT_RULES: readonly Bodies["rule"][] = [
  {
    name: "Disk nearly full",
    enabled: true,
    alertType: "disk_full",
    severity: "HIGH",
    condition: {
      kind: "threshold",
      series: { name: "disk_used_percent" },
      direction: "above",
      value: 90,
      clearValue: 87,
      forSeconds: fiveMinutes,
    },
    dependsOn: [],
  },
  {
    name: "Memory pressure",
    enabled: true,
    alertType: "memory_pressure",
    severity: "HIGH",
    condition: {
      kind: "threshold",
      series: { name: "memory_used_percent" },
      direction: "above",
      value: 92,
      clearValue: 88,
      forSeconds: fiveMinutes,
    },
    dependsOn: [],
  },
  {
    name: "CPU saturation",
    enabled: true,
    alertType: "cpu_saturation",
    severity: "MEDIUM",
    condition: {
      kind: "threshold",
      series: { name: "cpu_usage_percent", labels: { mode: "total" } },
      direction: "above",
      value: 95,
      clearValue: 85,
      forSeconds: 2 * fiveMinutes,
    },
    dependsOn: [],
  },
  {
    name: "Failing backups",
    enabled: true,
    alertType: "backup_failed",
    severity: "HIGH",
    condition: {
      kind: "event",
      pattern: "backup.failed",
      resolvedBy: { pattern: "backup.completed" },
    },
    dependsOn: [],
  },
  {
    name: "Unhealthy plugin",
    enabled: true,
    alertType: "plugin_unhealthy",
    severity: "MEDIUM",
    condition: {
      kind: "event",
      pattern: "plugin.health_changed",
      filter: { to: "unhealthy" },
      by: ["pluginId"],
      resolvedBy: { pattern: "plugin.health_changed", filter: { from: "unhealthy" } },
    },
    dependsOn: [],
  },
];
