import type { Database } from "../database/database.ts";
import { AppError } from "../errors/app-error.ts";
import type { Events } from "../events/events.ts";
import type { Clock } from "../lib/clock.ts";
import { Semaphore } from "../lib/semaphore.ts";
import type { Audit } from "../security/audit.ts";
import type { Caller } from "../security/caller.ts";
import { principalName } from "../security/principal.ts";
import { newRow } from "./catalogue.ts";
import { type CopyIdentity, copiedFiles } from "./discovery/copy.ts";
import type { PluginInstaller, PreparedPlugin } from "./discovery/install/installer.ts";
import type { PluginStore, StoredPlugin } from "./store/plugin-store.ts";
import type { Supervisor } from "./supervision/supervisor.ts";

interface InstallationParts {
  database: Database;
  clock: Clock;
  audit: Audit;
  events: Events;
  installer: PluginInstaller;
  store: PluginStore;
  supervisor: Supervisor;
}

/** Archives that are read at once. */
const MAX_OPENING = 2;

/** Puts plugins into the plugins folder and takes them out; what is taken out can be brought back for a while. */
export class Installations {
  readonly #parts: InstallationParts;
  readonly #opening = new Semaphore(MAX_OPENING);

  constructor(parts: InstallationParts) {
    this.#parts = parts;
  }

  /**
   * Installs an archive, or puts it in the place of the plugin of that id; gives the id. What it asks for waits for an
   * approval as ever.
   * @param read gives the archive; asked when its turn has come, so that few are in memory at once
   * @throws AppError `plugin_invalid`, `plugin_conflict`, and what `read` throws
   */
  async install(read: () => Promise<Uint8Array>, caller: Caller): Promise<string> {
    const prepared = await this.#opening.run(async () => this.#parts.installer.openArchive(await read()));
    return this.#put(prepared, caller);
  }

  /**
   * Installs a copy of a plugin under an id of its own, beside the first: with its own configuration, state and approval.
   * @throws AppError `plugin_not_found`, `invalid_request`, `name_taken`, `plugin_invalid`, `plugin_conflict`,
   *   `plugin_state_conflict` for one that is a single file
   */
  async copy(from: string, identity: CopyIdentity, caller: Caller): Promise<string> {
    const { supervisor, store, installer } = this.#parts;
    const { listing, unit } = supervisor.get(from);
    const source = listing.found ?? unit.inForce;
    if (!source) throw new AppError("plugin_invalid", listing.block?.message);
    const { files } = copiedFiles(source.files, identity);
    // What a removed one left behind, such as its secrets, is for its return.
    if (supervisor.find(identity.id) ?? (await store.find(identity.id))) {
      throw new AppError("name_taken", `There is, or was, a plugin ${identity.id}; choose another id.`);
    }
    return this.#put(installer.openFiles(files), caller, { copyOf: from });
  }

  async #put(prepared: PreparedPlugin, caller: Caller, detail: { copyOf?: string } = {}): Promise<string> {
    const { installer, supervisor } = this.#parts;
    const { id } = prepared.package.manifest;
    const present = supervisor.find(id)?.listing;
    if (present?.stored.origin === "bundled") {
      throw new AppError("plugin_conflict", `${id} is the id of a plugin that comes with Binnacle.`);
    }
    const path = await installer.place(
      prepared,
      present && !present.isGone ? present.stored.path : undefined,
    );
    await this.#record(prepared, path, caller, detail);
    await supervisor.refresh();
    return id;
  }

  /** Ends a plugin and moves its files aside. @throws AppError `plugin_not_found`, `plugin_state_conflict` for one that lies elsewhere */
  async remove(id: string, caller: Caller): Promise<void> {
    const { installer, supervisor, store, clock, database } = this.#parts;
    const { listing } = supervisor.get(id);
    const { stored, isGone } = listing;
    if (!isGone) await installer.remove(id, stored.path);
    try {
      await database.write(async (tx) => {
        await store.markRemoved(tx, id, { by: principalName(caller.principal), at: clock.now() });
        await this.#tell(tx, "plugin.removed", stored, caller);
      });
    } catch (error) {
      if (!isGone) await installer.restore(id);
      throw error;
    }
    await supervisor.refresh();
  }

  /** Brings back what was removed. @throws AppError `plugin_not_found`, `plugin_conflict` */
  async restore(id: string, caller: Caller): Promise<void> {
    const { installer, supervisor, store, clock, database } = this.#parts;
    const stored = await store.find(id);
    if (!stored?.removedAt) throw new AppError("plugin_not_found", `No removed plugin ${id} is kept.`);
    const path = await installer.restore(id);
    const changed = { by: principalName(caller.principal), at: clock.now() };
    await database.write(async (tx) => {
      await store.putSource(tx, id, { ...stored, path }, changed);
      await store.putWishes(tx, id, { isEnabled: true }, changed);
      await this.#tell(tx, "plugin.restored", stored, caller);
    });
    await supervisor.refresh();
  }

  /** What can be brought back, by id. */
  async listRemoved(): Promise<StoredPlugin[]> {
    return this.#parts.store.listRemoved();
  }

  async #record(
    { package: one }: PreparedPlugin,
    path: string,
    caller: Caller,
    detail: { copyOf?: string },
  ): Promise<void> {
    const { database, store, clock, audit, events } = this.#parts;
    const { manifest, digest } = one;
    const { id, version, type } = manifest;
    const known = await store.find(id);
    const changed = { by: principalName(caller.principal), at: clock.now() };
    const source = { origin: "installed" as const, path, type, version, digest };
    await database.write(async (tx) => {
      if (!known) {
        await store.insert(tx, newRow(manifest, source, changed));
        const payload = { pluginId: id, version, origin: source.origin };
        const { correlationId } = caller;
        await events.publishIn(tx, { type: "plugin.registered", payload, correlationId });
      }
      // The version in force stays what it was: the look decides whether this one takes over.
      else {
        const { version: inForce, digest: kept } = known.removedAt === null ? known : source;
        await store.putSource(tx, id, { ...source, version: inForce, digest: kept }, changed);
      }
      if (known?.removedAt) await store.putWishes(tx, id, { isEnabled: true }, changed);
      const installed = { version, digest, ...detail };
      await audit.append(tx, caller, { action: "plugin.install", target: id, detail: installed });
    });
  }

  async #tell(
    tx: Parameters<Events["publishIn"]>[0],
    type: "plugin.removed" | "plugin.restored",
    { id: pluginId, version }: StoredPlugin,
    caller: Caller,
  ): Promise<void> {
    const { audit, events } = this.#parts;
    const action = type === "plugin.removed" ? "plugin.remove" : "plugin.restore";
    await audit.append(tx, caller, { action, target: pluginId, detail: { version } });
    const { correlationId } = caller;
    await events.publishIn(tx, { type, payload: { pluginId, version }, correlationId });
  }
}
