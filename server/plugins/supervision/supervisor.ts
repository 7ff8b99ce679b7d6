import { AppError } from "../../errors/app-error.ts";
import type { NewEvent } from "../../events/event.ts";
import type { Clock } from "../../lib/clock.ts";
import { Mutex } from "../../lib/mutex.ts";
import type { Listing, Look, PluginCatalogue } from "../catalogue.ts";
import { kindsIn } from "../permissions.ts";
import type { StoredPlugin } from "../store/plugin-store.ts";
import type { PluginPackage } from "../trust/plugin-package.ts";
import type { Occurrence } from "./occurrence.ts";
import type { Standing } from "./standing.ts";
import { tryOut } from "./trial.ts";
import { PluginUnit, type UnitParts } from "./unit.ts";

interface SupervisorParts extends Omit<UnitParts, "hear"> {
  clock: Clock;
  catalogue: PluginCatalogue;
  /** Version and commit of this build of the server: a quarantine is bound to it. */
  build: string;
  /** Hears of what is stored, before it is put in force. */
  take(stored: StoredPlugin): void;
  /** What the server's configuration wishes for a plugin; undefined when it says nothing. */
  fixedWish: (id: string) => boolean | undefined;
  /** What is wrong with the configuration that files hold for it. */
  configurationFault: (one: PluginPackage) => string | undefined;
  /** Whether plugins that nobody spoke about run. */
  autoLoad: () => boolean;
  /** Hears of everything that happens; quick, and never throws. */
  hear(unit: PluginUnit, occurrence: Occurrence): void;
  /** A plugin is no more: what was kept of it in memory goes. */
  forget(id: string): void;
  publish(event: NewEvent): void;
  /** Settles once what happened to units is stored. */
  settled(): Promise<void>;
  /** The quarantine of a plugin is over, since its code or the server has changed. */
  release(stored: StoredPlugin, reason: string): Promise<void>;
}

/** A plugin as it is known and as it runs. */
export interface Supervised {
  listing: Listing;
  unit: PluginUnit;
}

/** All units: found, brought up in the order of their dependencies, kept together with what is decided, ended. */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #supervised = new Map<string, Supervised>();
  /** Plugin → digest of the bytes that were remembered as being in force. */
  readonly #settled = new Map<string, string>();
  /** One look at a time: what is decided by one is in force before the next. */
  readonly #looking = new Mutex();
  #isClosing = false;
  /** Ids, each after everything it needs. */
  #order: readonly string[] = [];
  #problems: readonly string[] = [];
  #folders: readonly string[] = [];

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
  }

  /** What is wrong with the plugins folder itself. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Folders whose notices matter. */
  get folders(): readonly string[] {
    return this.#folders;
  }

  /** By id. */
  list(): Supervised[] {
    return [...this.#supervised.values()].toSorted((a, b) => (a.listing.id < b.listing.id ? -1 : 1));
  }

  units(): PluginUnit[] {
    return [...this.#supervised.values()].map(({ unit }) => unit);
  }

  find(id: string): Supervised | undefined {
    return this.#supervised.get(id);
  }

  /** @throws AppError `plugin_not_found` */
  get(id: string): Supervised {
    const found = this.#supervised.get(id);
    if (!found) throw new AppError("plugin_not_found", `There is no plugin ${JSON.stringify(id)}.`);
    return found;
  }

  /**
   * Looks what there is and puts it in force: new plugins are registered, changed ones exchanged, those that are gone
   * end. Settles when everything that runs from the start is up, or known not to come up.
   */
  async refresh(): Promise<void> {
    await this.#looking.run(async () => {
      if (this.#isClosing) return;
      const look = await this.#parts.catalogue.look();
      this.#problems = look.problems;
      this.#order = look.listings.map(({ id }) => id);
      this.#folders = look.folders;
      await this.#leave(new Set(look.listings.map(({ id }) => id)));
      for (const { id, stored } of look.registered) {
        const { version, origin } = stored;
        this.#parts.publish({ type: "plugin.registered", payload: { pluginId: id, version, origin } });
      }
      await this.#applyInOrder(look);
    });
  }

  /** Puts what is stored of one plugin in force: a wish, a pause, a release. Waits for no other plugin. */
  async restand(id: string): Promise<void> {
    const { listing, unit } = this.get(id);
    const changed = await this.#asStored(listing);
    this.#supervised.set(id, { listing: changed, unit });
    this.#parts.take(changed.stored);
    await unit.apply(this.#standingOf(changed));
  }

  /** Brings running processes together with what they are set to now; what does not come up is told by its unit. */
  async reconfigure(which: (one: PluginPackage) => boolean): Promise<void> {
    const concerned = this.units().filter(({ inForce }) => inForce !== undefined && which(inForce));
    await Promise.all(
      concerned.map((unit) =>
        tryOut(async () => {
          await this.restand(unit.id);
          await unit.configure();
        }),
      ),
    );
  }

  /** Ends every process, starts under way included; calls under way have `graceMs`. Nothing is put in force any more. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    await this.#closeUnits(graceMs);
    // A look that was under way may have made some more.
    await this.#looking.run(() => this.#closeUnits(0));
  }

  /** Whoever calls another ends before it; all within `graceMs` together. */
  async #closeUnits(graceMs: number): Promise<void> {
    const { clock } = this.#parts;
    const deadlineMs = clock.monotonic() + graceMs;
    const closing = new Map<string, Promise<void>>();
    for (const id of this.#order.toReversed()) {
      const unit = this.#supervised.get(id)?.unit;
      if (!unit) continue;
      const callers = this.units().filter((one) => id in (one.inForce?.manifest.dependencies ?? {}));
      // Only those that come later in the order are there already: no circle can wait for itself.
      const before = Promise.all(callers.flatMap((one) => closing.get(one.id) ?? []));
      closing.set(
        id,
        before.then(() => unit.close(Math.max(0, deadlineMs - clock.monotonic()))),
      );
    }
    await Promise.all(closing.values());
  }

  /** Each once everything it needs is done: a slow one holds up those that need it, and nobody else. */
  async #applyInOrder({ listings }: Look): Promise<void> {
    const applied = new Map<string, Promise<void>>();
    for (const listing of listings) {
      const needs = Object.keys(listing.allowed?.manifest.dependencies ?? {});
      const after = needs.flatMap((id) => applied.get(id) ?? []);
      applied.set(
        listing.id,
        Promise.all(after).then(() => this.#apply(listing)),
      );
    }
    await Promise.all(applied.values());
  }

  async #apply(seen: Listing): Promise<void> {
    if (this.#isClosing) return;
    const { id } = seen;
    const listing = await this.#asStored(seen);
    const { unit } = this.#supervised.get(id) ?? { unit: new PluginUnit(id, this.#parts) };
    this.#supervised.set(id, { listing, unit });
    this.#parts.take(listing.stored);
    const standing = this.#standingOf(listing);
    await this.#releaseIfChanged(listing, standing);
    // What ran before the server started runs until the newer build has shown that it does, too.
    if (!unit.inForce && listing.before) await unit.apply({ ...standing, package: listing.before });
    await unit.apply(standing);
    await this.#settle(listing, unit);
  }

  /** With what is stored now: a quarantine may have come since it was looked at. */
  async #asStored(listing: Listing): Promise<Listing> {
    await this.#parts.settled();
    return { ...listing, stored: await this.#parts.catalogue.read(listing.stored) };
  }

  async #settle({ id, stored }: Listing, { inForce }: PluginUnit): Promise<void> {
    const isKnown = inForce?.digest === this.#settled.get(id) && inForce?.path === stored.path;
    if (!inForce || inForce.origin === "bundled" || isKnown) return;
    await this.#parts.catalogue.settle(inForce, stored);
    this.#settled.set(id, inForce.digest);
  }

  #standingOf(listing: Listing): Standing {
    const { stored, found, allowed, block, isGone, decision } = listing;
    const isEnabled = this.#isEnabled(listing);
    // What comes with the server is approved by whoever enables it.
    const isWaiting = decision?.kind === "waits" && (isEnabled || found?.origin !== "bundled");
    const { quarantineReason: reason, quarantinedAt: at } = stored;
    const fault = allowed && isEnabled ? this.#parts.configurationFault(allowed) : undefined;
    return {
      package: allowed,
      block: block ?? (fault === undefined ? undefined : { code: "failed", message: fault }),
      isGone,
      needsApproval: isWaiting,
      isEnabled,
      isPaused: stored.isPaused,
      quarantine:
        reason === null || this.#isChanged(stored, allowed?.digest) ? undefined : { reason, at: at ?? 0 },
    };
  }

  /** The configuration's wish, a person's, the author's; else what comes with the server and asks for nothing, or what lies in the folder. */
  #isEnabled({ id, stored, found }: Listing): boolean {
    const { autoLoad, fixedWish } = this.#parts;
    const wish = fixedWish(id) ?? stored.isEnabled ?? found?.isEnabledByAuthor;
    if (wish !== undefined) return wish;
    return found?.origin === "bundled" ? kindsIn(found.permissions).length === 0 : autoLoad();
  }

  #isChanged({ quarantinedDigest, quarantinedBuild }: StoredPlugin, digest: string | undefined): boolean {
    return quarantinedBuild !== this.#parts.build || (digest !== undefined && digest !== quarantinedDigest);
  }

  async #releaseIfChanged({ stored }: Listing, { quarantine }: Standing): Promise<void> {
    if (stored.quarantineReason === null || quarantine) return;
    const isBuild = stored.quarantinedBuild !== this.#parts.build;
    await this.#parts.release(stored, isBuild ? "the server was changed" : "its code was changed");
  }

  /** What is not known any more ends. */
  async #leave(known: ReadonlySet<string>): Promise<void> {
    for (const [id, { unit }] of this.#supervised) {
      if (known.has(id)) continue;
      this.#supervised.delete(id);
      this.#settled.delete(id);
      await unit.close(0);
      this.#parts.forget(id);
    }
  }
}
