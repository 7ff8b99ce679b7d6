import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STATE_MIGRATIONS } from "../../../schema/migrations/state/index.ts";
import { Database } from "../../database/database.ts";
import { GroupCommit } from "../../database/group-commit.ts";
import { AppError } from "../../errors/app-error.ts";
import { systemClock } from "../../lib/clock.ts";
import { newId } from "../../lib/ids.ts";
import { silentLogger } from "../../logs/logger.ts";
import { defineSeries } from "../../metrics/series.ts";
import { Outbound } from "../../outbound/outbound.ts";
import type { TlsPolicy } from "../../outbound/policy.ts";
import type { BrokerSession } from "../../plugins/broker/broker.ts";
import { findDisplay } from "../../plugins/broker/browser/display.ts";
import { openBrowsers } from "../../plugins/broker/browser/open-browsers.ts";
import { Decisions } from "../../plugins/broker/decisions.ts";
import { CallGraph } from "../../plugins/broker/executions.ts";
import { configPathsOf, resolveGrants } from "../../plugins/broker/grants.ts";
import { MAX_KEPT_LINES, type PluginLogLine, PluginLogs } from "../../plugins/broker/log-lines.ts";
import { PluginMetrics } from "../../plugins/broker/recorded-metrics.ts";
import { openBrokerSession } from "../../plugins/broker/session.ts";
import { PluginState } from "../../plugins/broker/state.ts";
import { PluginStateStore } from "../../plugins/broker/state-store.ts";
import { selfCommand } from "../../plugins/jail/self-command.ts";
import { USERS, UserPool } from "../../plugins/jail/user-pool.ts";
import type { PluginPackage } from "../../plugins/trust/plugin-package.ts";

/** What somebody who tries a plugin gives it. */
export interface TrialSetting {
  config: Record<string, unknown>;
  /** Name → value, in place of the secret store. */
  secrets: Readonly<Record<string, string>>;
  /** Without them everything is refused: to see what the plugin asks for. */
  grantsPermissions: boolean;
  /** How certificates are judged; by the built-in authorities when absent. */
  tls?: TlsPolicy;
}

/** A broker of its own for one plugin on trial: the real one, over a state that is thrown away. */
export class TrialBroker implements AsyncDisposable {
  readonly session: BrokerSession;
  readonly events: { type: string; payload: unknown }[] = [];
  /** Kind and target of each denial. */
  readonly denials: string[] = [];
  /** What the manifest asks for and nobody could grant. */
  readonly refused: readonly { text: string; reason: string }[];
  readonly #metrics = new PluginMetrics(defineSeries, systemClock);
  readonly #logs = new PluginLogs({ log: silentLogger, clock: systemClock, scrub: (text) => text });
  readonly #folder = mkdtempSync(join(tmpdir(), `binnacle-trial-${process.pid}-`));
  readonly #database: Database;

  constructor(plugin: PluginPackage, { config, secrets, grantsPermissions, tls }: TrialSetting) {
    const { id, dependencies = {}, config: schema } = plugin.manifest;
    const permissions = grantsPermissions ? plugin.permissions : {};
    const grants = resolveGrants(permissions, config, []);
    this.refused = grants.refused;
    this.#database = Database.open({
      path: join(this.#folder, "state.db"),
      migrations: STATE_MIGRATIONS,
      synchronous: "NORMAL",
    });
    const outbound = new Outbound({ clock: systemClock });
    const commits = new GroupCommit(this.#database, systemClock);
    const values = { ...config };
    this.session = openBrokerSession(
      {
        pluginId: id,
        grants,
        dependencies: Object.keys(dependencies),
        configuration: { read: () => values, write: async (after) => void Object.assign(values, after) },
        configSchema: schema,
        lockedConfigPaths: configPathsOf(permissions),
      },
      {
        clock: systemClock,
        decisions: new Decisions({
          audit: { recordRefusalOf: () => undefined, flush: async () => undefined },
          events: {
            publishLater: ({ payload }) => void this.denials.push(`${payload.kind} ${payload.target}`),
          },
          clock: systemClock,
          report: () => undefined,
        }),
        outbound,
        tls,
        commits,
        state: new PluginState({
          commits,
          store: new PluginStateStore(this.#database),
          clock: systemClock,
        }),
        secrets: { use: (name) => secretOf(secrets, name) },
        environment: process.env,
        logs: this.#logs,
        metrics: this.#metrics,
        events: {
          types: { isRegistered: () => false },
          publishOfPluginIn: async (_tx, { type, payload }) => {
            this.events.push({ type, payload });
            return { id: newId() };
          },
        },
        execute: async (other) => {
          throw new AppError(
            "plugin_not_found",
            `On trial there is no other plugin, so ${other} is not there.`,
          );
        },
        calls: new CallGraph(),
        forbiddenPaths: [this.#folder],
        run: {
          launcher: selfCommand,
          users: process.getuid?.() === 0 ? new UserPool(USERS.programs) : undefined,
        },
        openBrowser: openBrowsers({ clock: systemClock, outbound, display: () => findDisplay(process.env) }),
      },
    );
  }

  /** What the plugin has written, oldest first. */
  linesOf(id: string): readonly PluginLogLine[] {
    return this.#logs.recent(id, MAX_KEPT_LINES);
  }

  /** Series and newest value. */
  metrics(): { key: string; value: number }[] {
    return this.#metrics.collect().map(({ series, value }) => ({ key: series.key, value }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close();
    await this.#database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function secretOf(secrets: Readonly<Record<string, string>>, name: string): string {
  const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (value !== undefined) return value;
  throw new AppError("secret_not_found", `Give the secret on trial: --secret ${name}=VALUE.`);
}
