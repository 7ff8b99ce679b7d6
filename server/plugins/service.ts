import { type CalledVerb, VERB_OF_TYPE } from "../../schema/plugin/author.ts";
import type { Connection, Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError, toAppError } from "../errors/app-error.ts";
import type { Events } from "../events/events.ts";
import type { Clock } from "../lib/clock.ts";
import { within } from "../lib/deadline.ts";
import type { Probe } from "../lib/probe.ts";
import type { Audit } from "../security/audit.ts";
import type { Caller } from "../security/caller.ts";
import { principalName } from "../security/principal.ts";
import type { Approvals } from "./approvals.ts";
import type { Configurations } from "./configurations.ts";
import { allows, type BulkOutcome, isApprovedByEnabling, isReached, type LifeVerb } from "./life-verbs.ts";
import type { HealthRecord, HealthStore } from "./store/health-store.ts";
import type { PluginStore } from "./store/plugin-store.ts";
import type { Supervised, Supervisor } from "./supervision/supervisor.ts";
import type { PluginUnit } from "./supervision/unit.ts";

interface PluginsParts {
  database: Database;
  clock: Clock;
  audit: Audit;
  events: Events;
  store: PluginStore;
  healthHistory: HealthStore;
  supervisor: Supervisor;
  approvals: Approvals;
  configurations: Configurations;
  /** What the server's configuration wishes for a plugin; undefined when it says nothing. */
  fixedWish: (id: string) => boolean | undefined;
  probe: Probe;
  /** Settles once the changes of the plugins folder that the kernel told of are looked at. */
  noticed: () => Promise<void>;
}

/** What a question may wait for a look at the plugins folder. */
const MAX_SEARCH_MS = 5_000;

export interface ExecuteOptions {
  caller: string;
  correlationId: string;
  signal?: AbortSignal;
  timeoutMs?: number;
  /** A large answer may be given as the text in which it came. */
  takesText?: boolean;
  /** In place of the verb of the plugin's type. */
  verb?: CalledVerb;
}

/** Of a plugin that ships and asks for permissions. */
const ONE_BY_ONE = "Enabling it approves what it asks for: enable it by its name.";

/** What people and other parts do with plugins. A wish is stored, audited and told of, then put in force. */
export class Plugins {
  readonly #parts: PluginsParts;
  /** A look for plugins that somebody asked for and nobody knows. */
  #search: Promise<void> | undefined;

  constructor(parts: PluginsParts) {
    this.#parts = parts;
  }

  /** By id. */
  list(): Supervised[] {
    return this.#parts.supervisor.list();
  }

  find(id: string): Supervised | undefined {
    return this.#parts.supervisor.find(id);
  }

  /** @throws AppError `plugin_not_found` */
  get(id: string): Supervised {
    return this.#parts.supervisor.get(id);
  }

  /** What is wrong with the plugins folder itself. */
  get problems(): readonly string[] {
    return this.#parts.supervisor.problems;
  }

  /**
   * Does what the verb says; nothing when it is so already.
   * @throws AppError `plugin_not_found`, `plugin_state_conflict`, why it does not start
   */
  async act(id: string, verb: LifeVerb, caller: Caller): Promise<Supervised> {
    const { unit } = await this.seek(id);
    if (isReached(unit, verb)) return this.get(id);
    this.#demand(unit, verb);
    if ((verb === "enable" || verb === "disable") && this.#parts.fixedWish(id) !== undefined) {
      throw new AppError("setting_locked", "The server's configuration says whether this plugin runs.");
    }
    await this.#does[verb](unit, caller);
    return this.get(id);
  }

  /**
   * As {@link get}; what was put into the folder a moment ago counts before the watch of the folder tells of it. Whoever
   * asks for what is not there shares one look with all others who do.
   * @throws AppError `plugin_not_found`
   */
  async seek(id: string): Promise<Supervised> {
    if (!this.find(id)) {
      this.#search ??= this.#parts.supervisor.refresh().finally(() => {
        this.#search = undefined;
      });
      await this.#atMost(this.#search);
    }
    return this.get(id);
  }

  /** A look also waits for what it starts; whoever asks does not wait for that any longer than so. */
  async #atMost(look: Promise<void>): Promise<void> {
    const timeUp = Symbol("time is up");
    try {
      await within(this.#parts.clock, MAX_SEARCH_MS, look, () => timeUp);
    } catch (error) {
      if (error !== timeUp) throw error;
    }
  }

  /** Settles once what was put into the folder a moment ago is known, or after so long as that may take. */
  async lookedAround(): Promise<void> {
    await this.#atMost(this.#parts.noticed());
  }

  /** Does the verb on every plugin whose state allows it; what it would approve is left to a person, one by one. */
  async actOnAll(verb: LifeVerb, caller: Caller): Promise<BulkOutcome[]> {
    return Promise.all(
      this.list().map(async ({ listing, unit }): Promise<BulkOutcome> => {
        const { id } = listing;
        if (isReached(unit, verb) || !allows(unit, verb)) return { id, outcome: "skipped", error: undefined };
        if (verb === "enable" && isApprovedByEnabling(listing)) {
          return { id, outcome: "skipped", error: { code: "plugin_not_approved", message: ONE_BY_ONE } };
        }
        try {
          await this.act(id, verb, caller);
          return { id, outcome: "done", error: undefined };
        } catch (thrown) {
          const { code, message } = toAppError(thrown);
          return { id, outcome: "failed", error: { code, message } };
        }
      }),
    );
  }

  /**
   * Calls a plugin by the verb of its type, or by the one asked for.
   * @throws AppError as {@link PluginUnit.call}
   */
  async execute(id: string, input: unknown, { verb, ...options }: ExecuteOptions): Promise<unknown> {
    const { unit } = this.get(id);
    const type = unit.inForce?.manifest.type ?? "custom";
    return this.#parts.probe.time("plugin", id, () => unit.call(verb ?? VERB_OF_TYPE[type], input, options));
  }

  /** The same in the name of somebody, whose use is counted in the audit log. */
  async executeFor(
    id: string,
    input: unknown,
    caller: Caller,
    options: Omit<ExecuteOptions, "caller" | "correlationId"> = {},
  ): Promise<unknown> {
    await this.seek(id);
    this.#parts.audit.recordUse(caller, { action: "plugin.execute", target: id });
    const { correlationId, principal } = caller;
    return this.execute(id, input, { ...options, correlationId, caller: principalName(principal) });
  }

  /**
   * Sets its configuration and gives it to its process.
   * @throws AppError as {@link Configurations.set} and {@link PluginUnit.configure}
   */
  async configure(
    id: string,
    values: Record<string, unknown>,
    caller: Caller,
    expectedRevision?: string | undefined,
  ): Promise<Supervised> {
    const { unit, listing } = this.get(id);
    const one = listing.found ?? unit.inForce;
    if (!one) throw new AppError("plugin_invalid", unit.block?.message);
    await this.#parts.configurations.set(one, values, caller, expectedRevision);
    await this.#parts.supervisor.restand(id);
    await unit.configure();
    return this.get(id);
  }

  /** The latest first. @throws AppError `plugin_not_found`, `invalid_cursor` */
  async healthOf(id: string, query: PageQuery): Promise<Page<HealthRecord>> {
    this.get(id);
    return this.#parts.healthHistory.list(id, query);
  }

  readonly #does: Readonly<Record<LifeVerb, (unit: PluginUnit, caller: Caller) => Promise<void>>> = {
    enable: async (unit, caller) => {
      if (isApprovedByEnabling(this.get(unit.id).listing)) {
        await this.#parts.approvals.approveAll(unit.id, caller);
      }
      await this.#wish(unit, { isEnabled: true }, "enable", "plugin.enabled", caller);
    },
    disable: (unit, caller) => this.#wish(unit, { isEnabled: false }, "disable", "plugin.disabled", caller),
    pause: (unit, caller) => this.#wish(unit, { isPaused: true }, "pause", "plugin.paused", caller),
    resume: (unit, caller) => this.#wish(unit, { isPaused: false }, "resume", "plugin.resumed", caller),
    start: (unit, caller) => this.#order(unit, "start", caller, () => unit.start()),
    stop: (unit, caller) => this.#order(unit, "stop", caller, () => unit.stop()),
    reload: (unit, caller) =>
      this.#order(unit, "reload", caller, async () => {
        // A changed file is taken by the look itself, which tries it; otherwise the same bytes get a new process.
        const before = unit.process;
        await this.#parts.supervisor.refresh();
        if (unit.process === before || unit.block) await unit.reload();
      }),
    release: async (unit, caller) => {
      const { store, clock } = this.#parts;
      await this.#change(unit, caller, "release", async (tx, { pluginId, version }) => {
        await store.putQuarantine(tx, pluginId, undefined);
        await store.putWishes(tx, pluginId, {}, { by: principalName(caller.principal), at: clock.now() });
        const reason = `by ${principalName(caller.principal)}`;
        const { correlationId } = caller;
        const payload = { pluginId, version, reason };
        await this.#parts.events.publishIn(tx, { type: "plugin.released", payload, correlationId });
      });
      await this.#parts.supervisor.restand(unit.id);
    },
  };

  /** A lasting wish: stored, audited and told of in one unit of work, then put in force. */
  async #wish(
    unit: PluginUnit,
    wishes: { isEnabled?: boolean; isPaused?: boolean },
    verb: string,
    type: "plugin.enabled" | "plugin.disabled" | "plugin.paused" | "plugin.resumed",
    caller: Caller,
  ): Promise<void> {
    const { store, events, clock, supervisor } = this.#parts;
    await this.#change(unit, caller, verb, async (tx, payload) => {
      await store.putWishes(tx, unit.id, wishes, { by: principalName(caller.principal), at: clock.now() });
      await events.publishIn(tx, { type, payload, correlationId: caller.correlationId });
    });
    await supervisor.restand(unit.id);
  }

  /** An order to the process: audited, then carried out. */
  async #order(unit: PluginUnit, verb: string, caller: Caller, work: () => Promise<void>): Promise<void> {
    const { supervisor } = this.#parts;
    await this.#change(unit, caller, verb, async () => undefined);
    try {
      await work();
    } finally {
      await supervisor.restand(unit.id);
    }
  }

  async #change(
    { id, inForce }: PluginUnit,
    caller: Caller,
    verb: string,
    work: (tx: Connection, plugin: { pluginId: string; version: string }) => Promise<void>,
  ): Promise<void> {
    const { database, audit } = this.#parts;
    const version = inForce?.manifest.version ?? "";
    await database.write(async (tx) => {
      await work(tx, { pluginId: id, version });
      await audit.append(tx, caller, { action: `plugin.${verb}`, target: id, detail: { version } });
    });
  }

  #demand(unit: PluginUnit, verb: LifeVerb): void {
    if (allows(unit, verb)) return;
    const possible = unit.verbs.join(", ") || "nothing";
    const reason = unit.block ? ` ${unit.block.message}` : "";
    throw new AppError(
      "plugin_state_conflict",
      `${unit.id} is ${unit.state}: ${verb} is not possible now, but ${possible}.${reason}`,
    );
  }
}
