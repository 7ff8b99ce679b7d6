import { readFileSync } from "node:fs";
import { arch, cpus, hostname, release, totalmem, type, uptime } from "node:os";
import type { Configuration } from "../config/configuration.ts";
import { AppError } from "../errors/app-error.ts";
import { BUILD } from "../lib/build-facts.ts";
import type { Clock } from "../lib/clock.ts";
import type { Principal } from "../security/principal.ts";
import type { HealthView, SystemStatus, SystemView } from "./model.ts";

const MS_PER_SECOND = 1_000;
const OS_RELEASE_FILE = "/etc/os-release";

interface SystemOptions {
  clock: Clock;
  configuration: Configuration;
  /** Absolute. */
  dataFolder: string;
}

/** What this machine is, and how the Binnacle on it fares. */
export class System {
  readonly #options: SystemOptions;
  readonly #startedAt: number;
  readonly #startedAtMonotonicMs: number;
  #isReady = false;

  constructor(options: SystemOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#startedAtMonotonicMs = options.clock.monotonic();
  }

  /** Whether requests should be sent here: after the start, until the stop. */
  set isReady(isReady: boolean) {
    this.#isReady = isReady;
  }

  /** @throws AppError `not_ready` */
  demandReady(): void {
    if (!this.#isReady) throw new AppError("not_ready");
  }

  /** That it is up; version and age for those who are known only, since they help an attacker choose. */
  health(principal: Principal): HealthView {
    if (principal.kind === "nobody") return { status: "ok" };
    const { version, commit, builtAt } = BUILD;
    const uptimeMs = this.#options.clock.monotonic() - this.#startedAtMonotonicMs;
    return { status: "ok", version, commit, builtAt, uptimeSeconds: Math.floor(uptimeMs / MS_PER_SECOND) };
  }

  describe(): SystemView {
    const processors = cpus();
    const { version, commit, builtAt } = BUILD;
    return {
      hostname: hostname(),
      os: operatingSystem(),
      kernel: release(),
      arch: arch(),
      cpuModel: processors[0]?.model.trim() ?? "unknown",
      cores: processors.length,
      memoryBytes: totalmem(),
      bootedAt: new Date(this.#options.clock.now() - uptime() * MS_PER_SECOND).toISOString(),
      version,
      commit,
      builtAt,
      startedAt: new Date(this.#startedAt).toISOString(),
      dataFolder: this.#options.dataFolder,
    };
  }

  /** Which features are on; those that this version does not have are off. */
  status(): SystemStatus {
    const { features } = this.#options.configuration.settings;
    return {
      timestamp: new Date(this.#options.clock.now()),
      loggerEnabled: features.logger,
      alertsEnabled: features.alerts,
      backupsEnabled: false,
      profilerEnabled: features.profiler,
      recoveryEnabled: false,
      dashboardEnabled: features.dashboard,
      graphqlEnabled: features.graphql,
      liveMetricsEnabled: features.liveMetrics,
      queryCacheEnabled: features.queryCache,
    };
  }
}

/** `Debian GNU/Linux 12 (bookworm)` where the system says so; else the kernel's name. */
function operatingSystem(): string {
  try {
    const name = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(readFileSync(OS_RELEASE_FILE, "utf8"))?.[1];
    return name ?? type();
  } catch {
    return type();
  }
}
