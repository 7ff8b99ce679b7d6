import type { PluginManifest } from "../../../schema/plugin/manifest.ts";
import type { Settings } from "../../config/schema.ts";
import type { Connection } from "../../database/database.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { newId } from "../../lib/ids.ts";
import type { ContentStore } from "../discovery/content-store.ts";
import { MANIFEST_FILE, type ManifestLimits, readManifest } from "../manifest/read-manifest.ts";
import { type Approval, type ApprovalStore, approvalOf } from "../store/approval-store.ts";
import { decideTrust, type PreGrant, type TrustDecision, type TrustSettings } from "./decide-trust.ts";
import type { PluginPackage } from "./plugin-package.ts";

interface TrustParts {
  approvals: ApprovalStore;
  content: ContentStore;
  clock: Clock;
  /** Read at each decision: settings change while running. */
  settings: () => Settings["plugins"];
  limits: () => ManifestLimits;
}

/** Who may run here: what was approved, what the configuration says, and what a plugin asks for now. */
export class PluginTrust {
  readonly #parts: TrustParts;

  constructor(parts: TrustParts) {
    this.#parts = parts;
  }

  /** @see decideTrust */
  async decide(one: PluginPackage): Promise<TrustDecision> {
    const { id } = one.manifest;
    const approval = await this.#parts.approvals.findNewest(id);
    const given = approval && { ...approval, manifest: await this.#manifestOf(approval) };
    return decideTrust(one, given, trustSettings(this.#parts.settings(), id));
  }

  /**
   * Keeps the content and gives what records the approval within a unit of work, so that what stands in the database
   * can always be run.
   * @param digest what the person has looked at
   * @throws AppError `approval_outdated` when that is another content; `plugin_not_allowed` when no approval helps
   */
  async prepareApproval(
    one: PluginPackage,
    digest: string,
    by: string,
  ): Promise<(tx: Connection) => Promise<Approval>> {
    if (digest !== one.digest) {
      throw new AppError(
        "approval_outdated",
        "The plugin was changed since it was looked at; look again, then approve.",
      );
    }
    const decision = await this.decide(one);
    if (decision.kind === "refused") throw new AppError("plugin_not_allowed", decision.message);
    await this.#parts.content.keep(one.files, one.hashes);
    const { approvals, clock } = this.#parts;
    const approval = approvalOf(one, { id: newId(), by, at: clock.now() });
    return async (tx) => {
      await approvals.insert(tx, approval);
      return approval;
    };
  }

  /** Undefined when its content is gone or damaged: what cannot be compared counts as changed. */
  async #manifestOf(approval: Approval): Promise<PluginManifest | undefined> {
    try {
      const kept = await this.#parts.content.open(approval.digest);
      const bytes = kept?.files.get(MANIFEST_FILE);
      const reading = bytes && readManifest(bytes, MANIFEST_FILE, this.#parts.limits());
      return reading && "manifest" in reading ? reading.manifest : undefined;
    } catch (error) {
      if (error instanceof AppError && error.code === "plugin_invalid") return undefined;
      throw error;
    }
  }
}

/** What the settings say of one plugin's trust. */
function trustSettings(plugins: Settings["plugins"], id: string): TrustSettings {
  const approve = plugins.items.find((item) => item.id === id)?.approve;
  return {
    allowedCapabilities: plugins.allowedCapabilities,
    trustEdits: plugins.trustEdits,
    preGrant: approve && asPreGrant(approve),
  };
}

type WrittenGrant = NonNullable<Settings["plugins"]["items"][number]["approve"]>;

/** The administrator who writes a grant owes nobody a reason. */
function asPreGrant({ digest, permissions }: WrittenGrant): PreGrant {
  if (!permissions) return { digest };
  const reasoned = Object.entries(permissions).map(([kind, grants]) => [
    kind,
    grants.map((grant) => ({ why: "", ...grant })),
  ]);
  return { digest, permissions: Object.fromEntries(reasoned) };
}
