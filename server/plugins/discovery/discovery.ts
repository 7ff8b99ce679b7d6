import { basename } from "node:path";
import type { PluginBlock, PluginOrigin } from "../../../schema/rules/plugins.ts";
import { idFrom } from "../manifest/older-form.ts";
import type { ManifestProblem } from "../manifest/read-manifest.ts";
import type { PluginPackage } from "../trust/plugin-package.ts";
import { assemblePackage, type PackageRules } from "./assemble.ts";
import { type Candidate, listCandidates } from "./candidates.ts";
import { readSource } from "./source-files.ts";
import { listSource, MAX_PLUGIN_BYTES, RefusedSource, type SourcePolicy } from "./source-tree.ts";

/** A plugin that is there and cannot be taken: it is listed with the reason, and keeps none of the others. */
export interface BrokenPlugin {
  /** Of its manifest, or the nearest that its name gives. Not unique: see `path`. */
  id: string;
  path: string;
  origin: PluginOrigin;
  block: Extract<PluginBlock, "invalid" | "conflict">;
  problems: ManifestProblem[];
}

/** What was found, the first of each id. */
export interface Discovery {
  packages: readonly PluginPackage[];
  broken: readonly BrokenPlugin[];
  /** What is wrong with the plugins folder itself, in sentences. */
  problems: readonly string[];
  /** Folders whose notices matter, absolute. */
  folders: readonly string[];
  /** Another one means that something is to be looked at anew. */
  fingerprint: string;
}

/** Where plugins are looked for, and by which rules. */
export interface DiscoveryOptions {
  /** The plugins folder; it need not exist. */
  folder: string;
  /** Folders and files named in the settings (`plugins.items[].path`). */
  paths: readonly string[];
  /** Those inside the binary; they come before all others. */
  bundled: readonly (PluginPackage | BrokenPlugin)[];
  /** Id → the path from which it was registered: of two with one id, that one stays. */
  registered: ReadonlyMap<string, string>;
  /** Ids of those that were put there by an installation. */
  installed: ReadonlySet<string>;
  rules: PackageRules;
  policy: SourcePolicy;
}

/** All plugins of a folder are held in memory while they are known. */
const MAX_TOTAL_BYTES = 512 * 1024 * 1024;

type Outcome = PluginPackage | BrokenPlugin;

interface Remembered {
  fingerprint: string;
  folders: readonly string[];
  outcome: Outcome;
}

/**
 * Finds plugins and reads each of their files once: what has not changed since the last look is taken from memory. A
 * plugin that cannot be read is a finding, never an exception.
 */
export class PluginDiscovery {
  #remembered = new Map<string, Remembered>();
  #rules = "";

  async look(options: DiscoveryOptions): Promise<Discovery> {
    this.#forgetUnderOtherRules(options.rules);
    const { candidates, problems, folders } = await listCandidates(options);
    const found: Remembered[] = [];
    const next = new Map<string, Remembered>();
    let sizeBytes = 0;
    for (const candidate of candidates) {
      const one = await this.#lookAt(candidate, options, MAX_TOTAL_BYTES - sizeBytes);
      sizeBytes += sizeOf(one.outcome);
      found.push(one);
      next.set(candidate.path, one);
    }
    this.#remembered = next;
    const outcomes = [...options.bundled, ...registeredFirst(found, options.registered)];
    const { packages, broken } = firstOfEach(outcomes);
    return {
      packages: packages.map((one) => withOrigin(one, options.installed)),
      broken,
      problems,
      folders: [...new Set([...folders, ...found.flatMap((one) => one.folders)])],
      fingerprint: JSON.stringify([problems, found.map((one) => one.fingerprint)]),
    };
  }

  /** A signature or a limit that counts differently now is looked at anew. */
  #forgetUnderOtherRules(rules: PackageRules): void {
    const text = JSON.stringify(rules);
    if (text !== this.#rules) this.#remembered.clear();
    this.#rules = text;
  }

  async #lookAt(candidate: Candidate, options: DiscoveryOptions, roomBytes: number): Promise<Remembered> {
    const { path, isSingleFile } = candidate;
    const known = this.#remembered.get(path);
    let fingerprint = path;
    let folders: readonly string[] = [];
    try {
      if (candidate.refusal !== undefined) throw new RefusedSource("", candidate.refusal);
      const tree = await listSource(path, options.policy);
      fingerprint = `${path}\n${tree.fingerprint}`;
      ({ folders } = tree);
      if (known?.fingerprint === fingerprint && known.folders.join() === folders.join()) return known;
      if (roomBytes < MAX_PLUGIN_BYTES)
        throw new RefusedSource("", "finds no room: all plugins together may hold 512 MiB");
      const files = await readSource(tree);
      const made = assemblePackage({ origin: "folder", path, files, isSingleFile }, options.rules);
      const outcome = "problems" in made ? invalid(path, made.problems) : made;
      return { fingerprint, folders, outcome };
    } catch (error) {
      if (!(error instanceof RefusedSource)) throw error;
      const problem = { path: error.path, message: error.message };
      return {
        fingerprint: `${fingerprint}\n${error.path} ${error.message}`,
        folders,
        outcome: invalid(path, [problem]),
      };
    }
  }
}

const invalid = (path: string, problems: ManifestProblem[]): BrokenPlugin => ({
  id: idFrom(basename(path).replace(/\.[a-z]+$/, "")) || "plugin",
  path,
  origin: "folder",
  block: "invalid",
  problems,
});

const isPackage = (outcome: Outcome): outcome is PluginPackage => "manifest" in outcome;

const sizeOf = (outcome: Outcome): number =>
  isPackage(outcome) ? [...outcome.hashes.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) : 0;

/** A newcomer under an id that is registered elsewhere does not take its place. */
function registeredFirst(found: readonly Remembered[], registered: ReadonlyMap<string, string>): Outcome[] {
  const isRegistered = (outcome: Outcome): boolean =>
    isPackage(outcome) && registered.get(outcome.manifest.id) === outcome.path;
  const outcomes = found.map(({ outcome }) => outcome);
  return [...outcomes.filter(isRegistered), ...outcomes.filter((one) => !isRegistered(one))];
}

function firstOfEach(outcomes: readonly Outcome[]): Pick<Discovery, "packages" | "broken"> {
  const packages = new Map<string, PluginPackage>();
  const broken: BrokenPlugin[] = [];
  for (const outcome of outcomes) {
    if (!isPackage(outcome)) {
      broken.push(outcome);
      continue;
    }
    const { id } = outcome.manifest;
    const first = packages.get(id);
    if (first) broken.push(conflicting(outcome, first));
    else packages.set(id, outcome);
  }
  return { packages: [...packages.values()], broken };
}

const conflicting = ({ manifest, path, origin }: PluginPackage, first: PluginPackage): BrokenPlugin => ({
  id: manifest.id,
  path,
  origin,
  block: "conflict",
  problems: [
    {
      path: "id",
      message: `"${manifest.id}" is the id of another plugin, ${first.path === "" ? "which is part of Binnacle" : `in ${first.path}`}`,
    },
  ],
});

const withOrigin = (one: PluginPackage, installed: ReadonlySet<string>): PluginPackage =>
  one.origin === "folder" && installed.has(one.manifest.id) ? { ...one, origin: "installed" } : one;
