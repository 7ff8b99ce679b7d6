import { basename } from "node:path";
import type { PluginManifest } from "../../schema/plugin/manifest.ts";
import type { PluginBlock } from "../../schema/rules/plugins.ts";
import type { Database } from "../database/database.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { assemblePackage } from "./discovery/assemble.ts";
import type { ContentStore } from "./discovery/content-store.ts";
import { dependencyOrder } from "./discovery/dependency-order.ts";
import type { BrokenPlugin, DiscoveryOptions, PluginDiscovery } from "./discovery/discovery.ts";
import type { Approval, ApprovalStore } from "./store/approval-store.ts";
import type { ChangedBy, PluginStore, StoredPlugin } from "./store/plugin-store.ts";
import type { Block } from "./supervision/standing.ts";
import type { TrustDecision } from "./trust/decide-trust.ts";
import type { PluginPackage } from "./trust/plugin-package.ts";
import type { PluginTrust } from "./trust/plugin-trust.ts";

/** What is known of one plugin outside of its supervision. */
export interface Listing {
  id: string;
  stored: StoredPlugin;
  /** The newest that lies there and could be read. */
  found: PluginPackage | undefined;
  /** The newest that may run: the one found, or the one before while that one waits or is broken. */
  allowed: PluginPackage | undefined;
  /** What may run until `allowed` has shown that it does; undefined when that is the same. */
  before: PluginPackage | undefined;
  /** Its files are not where they were. */
  isGone: boolean;
  /** Why the newest does not run. */
  block: Block | undefined;
  decision: TrustDecision | undefined;
  approval: Approval | undefined;
}

/** What was found at one look. */
export interface Look {
  /** Each after everything it needs; those that cannot run last. */
  listings: Listing[];
  /** Those that were never here before. */
  registered: Listing[];
  /** What is wrong with the plugins folder itself. */
  problems: readonly string[];
  folders: readonly string[];
}

/** Where is looked, and by which rules; read anew at each look. */
export type Places = Pick<DiscoveryOptions, "folder" | "paths" | "bundled" | "rules" | "policy">;

interface CatalogueParts {
  database: Database;
  clock: Clock;
  discovery: PluginDiscovery;
  content: ContentStore;
  plugins: PluginStore;
  approvals: ApprovalStore;
  places: () => Places;
  trust: PluginTrust;
}

/** Who finds plugins when nobody put them there by an order. */
const FOUND_BY = "binnacle";
const MAX_PROBLEMS_TOLD = 3;
/** Waits that may run on as they were; what is refused for another reason is refused whole. */
const BLOCK_OF_REFUSAL = "not_allowed" satisfies PluginBlock;

/** Which plugins there are, which of their bytes may run, and in which order. */
export class PluginCatalogue {
  readonly #parts: CatalogueParts;

  constructor(parts: CatalogueParts) {
    this.#parts = parts;
  }

  /** Looks, decides, and registers what is new. */
  async look(): Promise<Look> {
    const { discovery, plugins, places } = this.#parts;
    const [known, removed] = await Promise.all([plugins.listAll(), plugins.listRemoved()]);
    const gone = new Set(removed.map(({ id }) => id));
    const found = await discovery.look({
      ...places(),
      registered: new Map(known.map(({ id, path }) => [id, path])),
      installed: new Set(known.filter(({ origin }) => origin === "installed").map(({ id }) => id)),
    });
    const storedById = new Map(known.map((stored) => [stored.id, stored]));
    const packages = found.packages.filter(({ manifest }) => !gone.has(manifest.id));
    const fresh: Listing[] = [];
    const listings = new Map<string, Listing>();
    for (const one of packages) {
      const known = storedById.get(one.manifest.id);
      const stored = known ?? (await this.#register(one));
      const listing = await this.#listingOf(stored, one);
      if (!known) fresh.push(listing);
      listings.set(listing.id, listing);
    }
    for (const broken of found.broken) {
      const known = listings.get(broken.id);
      if (known) known.block ??= blockOf(broken);
      else listings.set(broken.id, await this.#brokenListing(broken, storedById.get(broken.id)));
    }
    for (const stored of known) {
      if (!listings.has(stored.id) && stored.origin !== "bundled")
        listings.set(stored.id, goneListing(stored));
    }
    return {
      listings: inOrder([...listings.values()]),
      registered: fresh,
      problems: found.problems,
      folders: found.folders,
    };
  }

  /** What is stored of a plugin now; as it was known when nothing is. */
  async read(known: StoredPlugin): Promise<StoredPlugin> {
    return (await this.#parts.plugins.find(known.id)) ?? known;
  }

  /** Remembers that these bytes are in force, so that they can run on when newer ones wait or are broken. */
  async settle(one: PluginPackage, stored: StoredPlugin): Promise<void> {
    const { content, database, plugins } = this.#parts;
    const { manifest, origin, path, digest } = one;
    await content.keep(one.files, one.hashes);
    const { id, type, version } = manifest;
    if (stored.digest === digest && stored.path === path && stored.origin === origin) return;
    const changed = { by: stored.changedBy, at: stored.changedAt };
    await database.write((tx) => plugins.putSource(tx, id, { origin, path, type, version, digest }, changed));
  }

  async #register(one: PluginPackage): Promise<StoredPlugin> {
    const { database, plugins, clock } = this.#parts;
    const stored = newRow(one.manifest, one, { by: FOUND_BY, at: clock.now() });
    await database.write((tx) => plugins.insert(tx, stored));
    return stored;
  }

  async #listingOf(stored: StoredPlugin, found: PluginPackage): Promise<Listing> {
    const { id } = stored;
    const approval = await this.#parts.approvals.findNewest(id);
    const decision = await this.#parts.trust.decide(found);
    const isAllowed = decision.kind === "allowed";
    const before = stored.digest === found.digest ? undefined : await this.#kept(stored);
    const mayGoOn = decision.kind !== "refused" || decision.reason !== BLOCK_OF_REFUSAL;
    return {
      id,
      stored,
      found,
      allowed: isAllowed ? found : mayGoOn ? before : undefined,
      before: isAllowed ? before : undefined,
      isGone: false,
      block: blockOfDecision(decision),
      decision,
      approval,
    };
  }

  async #brokenListing(broken: BrokenPlugin, known: StoredPlugin | undefined): Promise<Listing> {
    const { id, origin, path } = broken;
    const approval = await this.#parts.approvals.findNewest(id);
    const manifest = { id, version: "", type: "custom" as const };
    const changed = { by: FOUND_BY, at: this.#parts.clock.now() };
    const stored = known ?? newRow(manifest, { origin, path, digest: "" }, changed);
    const allowed = known && (await this.#kept(known));
    return {
      id,
      stored,
      found: undefined,
      allowed,
      before: undefined,
      isGone: false,
      block: blockOf(broken),
      decision: undefined,
      approval,
    };
  }

  /** The bytes that were in force last, when they are kept and may still run. */
  async #kept({ digest, origin, path }: StoredPlugin): Promise<PluginPackage | undefined> {
    const { content, places, trust } = this.#parts;
    const kept = await content.open(digest).catch(unlessDamaged);
    if (!kept) return undefined;
    const [only = "", ...others] = kept.files.keys();
    const isSingleFile = others.length === 0 && basename(path) === only;
    const one = assemblePackage({ origin, path, files: kept.files, isSingleFile }, places().rules);
    if ("problems" in one) return undefined;
    const decision = await trust.decide(one);
    return decision.kind === "allowed" ? one : undefined;
  }
}

/** What is damaged is not there: the plugin says so through its newest bytes. */
function unlessDamaged(error: unknown): undefined {
  if (error instanceof AppError && error.code === "plugin_invalid") return undefined;
  throw error;
}

const goneListing = (stored: StoredPlugin): Listing => ({
  id: stored.id,
  stored,
  found: undefined,
  allowed: undefined,
  before: undefined,
  isGone: true,
  block: {
    code: "invalid",
    message: `Its files are no longer at ${stored.path}; put them back, or remove the plugin.`,
  },
  decision: undefined,
  approval: undefined,
});

/** A plugin that was never here. */
export const newRow = (
  { id, version, type }: Pick<PluginManifest, "id" | "version" | "type">,
  { origin, path, digest }: Pick<StoredPlugin, "origin" | "path" | "digest">,
  { by, at }: ChangedBy,
): StoredPlugin => ({
  id,
  origin,
  path,
  type,
  version,
  digest,
  isEnabled: null,
  isPaused: false,
  config: {},
  quarantineReason: null,
  quarantinedDigest: null,
  quarantinedBuild: null,
  quarantinedAt: null,
  registeredBy: by,
  registeredAt: at,
  changedBy: by,
  changedAt: at,
  removedAt: null,
});

function blockOf({ block, problems, path }: BrokenPlugin): Block {
  const told = problems.slice(0, MAX_PROBLEMS_TOLD).map(({ path: field, line, message }) => {
    const place = line === undefined ? field : `${field || "file"} (line ${line})`;
    return place === "" ? message : `${place} ${message}`;
  });
  const more = problems.length > told.length ? `; and ${problems.length - told.length} more` : "";
  return { code: block, message: `${path}: ${told.join("; ")}${more}.` };
}

function blockOfDecision(decision: TrustDecision): Block | undefined {
  if (decision.kind === "allowed") return undefined;
  const { message } = decision;
  return { code: decision.kind === "waits" ? "awaiting_approval" : BLOCK_OF_REFUSAL, message };
}

/** In the order of starts; who lacks a dependency may not run. */
function inOrder(listings: readonly Listing[]): Listing[] {
  const dependents = listings.flatMap(({ allowed }) =>
    allowed
      ? [
          {
            id: allowed.manifest.id,
            version: allowed.manifest.version,
            dependencies: allowed.manifest.dependencies ?? {},
          },
        ]
      : [],
  );
  const { order, blocked } = dependencyOrder(dependents);
  const place = new Map(order.map((id, index) => [id, index]));
  return listings
    .map((listing) => {
      const problem = blocked.get(listing.id);
      if (!problem) return listing;
      const block = { code: problem.block, message: problem.message };
      return { ...listing, allowed: undefined, before: undefined, block };
    })
    .toSorted(
      (a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity) || (a.id < b.id ? -1 : 1),
    );
}
