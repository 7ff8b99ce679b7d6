import { isDeepStrictEqual } from "node:util";
import type { PluginManifest, PluginPermissions } from "../../../schema/plugin/manifest.ts";
import { PERMISSION_KINDS, type PermissionKind } from "../../../schema/rules/plugins.ts";
import { semver } from "../../lib/semver.ts";
import { type PermissionDiff, permissionDiff } from "../broker/grants.ts";
import { MANIFEST_FILE } from "../manifest/read-manifest.ts";
import type { FileHash, PluginPackage } from "./plugin-package.ts";

/** What is judged of a plugin. */
export type TrustSubject = Pick<
  PluginPackage,
  "manifest" | "origin" | "digest" | "hashes" | "permissions" | "signature"
>;

/** An approval, as far as it is judged by. */
export interface GivenApproval {
  version: string;
  digest: string;
  permissions: PluginPermissions;
  /** Path → hash of every file as it was approved. */
  files: ReadonlyMap<string, FileHash>;
  /** Id of the key that had signed it; null when none had. */
  signedBy: string | null;
  /** The manifest as it was approved; undefined when it is no longer kept. */
  manifest: PluginManifest | undefined;
}

/** An approval that stands in the configuration, for servers that nobody sits at. */
export interface PreGrant {
  /** Exactly this content, with all that it asks for; any content when absent. */
  digest?: string | undefined;
  /** At most these permissions; all that the content of `digest` asks for when absent. */
  permissions?: PluginPermissions | undefined;
}

/** What decides beside the plugin and its approvals. */
export interface TrustSettings {
  /** Types and kinds of permissions that this server accepts at all; `*` for every one (`plugins.allowedCapabilities`). */
  allowedCapabilities: readonly string[];
  /** `plugins.trustEdits`. */
  trustEdits: boolean;
  /** Of this plugin's entry in `plugins.items`. */
  preGrant: PreGrant | undefined;
}

/** Why a plugin may run. */
export type TrustGround =
  | "no_permissions"
  | "approval"
  | "configuration"
  | "pinned"
  | "trusted_edit"
  | "narrower";
/** What a person has to look at. */
export type WaitReason = "new" | "wider_permissions" | "code_changed" | "downgrade" | "signature_lost";
/** What no approval helps against. */
export type RefusalReason = "not_allowed" | "signature_broken" | "signed_downgrade";

export type TrustDecision =
  | { kind: "allowed"; ground: TrustGround }
  | { kind: "waits"; reason: WaitReason; message: string; diff: PermissionDiff }
  | { kind: "refused"; reason: RefusalReason; message: string };

const EVERYTHING = "*";
/** Fields of a manifest that change nothing of what the plugin does. */
const WORDS = ["name", "description", "author", "license", "homepage", "version"] as const;

/**
 * Whether a plugin may run. Pure: the same package, approval and settings give the same answer.
 *
 * What the server does not accept at all and what carries a wrong signature is refused. A plugin without permissions
 * needs nobody. With permissions it needs an approval of exactly these bytes, by a person or by the configuration;
 * changed code waits for a new one (unless `trustEdits`), wider permissions always wait, and a manifest that only gives
 * up permissions passes. What is pinned inside the binary came with a choice of the administrator already: after the
 * first approval (enabling it is one) only wider permissions wait.
 * @param approval the newest of this plugin; undefined when it was never approved
 */
export function decideTrust(
  subject: TrustSubject,
  approval: GivenApproval | undefined,
  settings: TrustSettings,
): TrustDecision {
  const refusal = refusalOf(subject, approval, settings);
  if (refusal) return refusal;
  if (!asksForAnything(subject.permissions)) return allowed("no_permissions");
  if (approval?.digest === subject.digest) return allowed("approval");
  if (isPreGranted(subject, settings.preGrant)) return allowed("configuration");
  const diff = permissionDiff(approval?.permissions ?? {}, subject.permissions);
  const wait = (reason: WaitReason, message: string): TrustDecision => ({
    kind: "waits",
    reason,
    message,
    diff,
  });
  if (!approval) {
    return wait(
      "new",
      subject.origin === "bundled"
        ? "It ships switched off because it asks for permissions; enabling it approves them."
        : "It asks for permissions, and nobody has approved them yet.",
    );
  }
  if (diff.isWider) return wait("wider_permissions", "It asks for more than was approved.");
  if (subject.origin === "bundled") return allowed("pinned");
  if (settings.trustEdits) return allowed("trusted_edit");
  if (semver().lt(subject.manifest.version, approval.version)) {
    return wait(
      "downgrade",
      `Its version ${subject.manifest.version} is older than ${approval.version}, which was approved.`,
    );
  }
  if (approval.signedBy !== null && !isSignedBy(subject, approval.signedBy)) {
    return wait(
      "signature_lost",
      "It was signed when it was approved; this version is not signed by that key.",
    );
  }
  if (onlyGivesUp(subject, approval)) return allowed("narrower");
  return wait("code_changed", changedWords(subject.manifest.version, approval.version));
}

const changedWords = (version: string, approved: string): string =>
  version === approved
    ? `Its files were changed since version ${approved} was approved.`
    : `Version ${version} has other files than ${approved}, which was approved.`;

const allowed = (ground: TrustGround): TrustDecision => ({ kind: "allowed", ground });

function refusalOf(
  { manifest, permissions, digest, signature }: TrustSubject,
  approval: GivenApproval | undefined,
  { allowedCapabilities }: TrustSettings,
): TrustDecision | undefined {
  const refused = notAllowed([manifest.type, ...kindsIn(permissions)], allowedCapabilities);
  if (refused !== undefined) return { kind: "refused", reason: "not_allowed", message: refused };
  if (signature.state === "broken") {
    return {
      kind: "refused",
      reason: "signature_broken",
      message: `Its signature is wrong: ${signature.reason}.`,
    };
  }
  const isOlder = approval && digest !== approval.digest && semver().lt(manifest.version, approval.version);
  if (isOlder && signature.state === "valid" && signature.keyId === approval.signedBy) {
    const message = `Its version ${manifest.version} is older than ${approval.version}, which the same key signed and somebody approved. To go back, remove the plugin and install the older version.`;
    return { kind: "refused", reason: "signed_downgrade", message };
  }
  return undefined;
}

function notAllowed(wanted: readonly string[], accepted: readonly string[]): string | undefined {
  if (accepted.includes(EVERYTHING)) return undefined;
  const lacking = [...new Set(wanted)].filter((word) => !accepted.includes(word));
  if (lacking.length === 0) return undefined;
  return `This server does not accept ${lacking.join(", ")} (plugins.allowedCapabilities: ${accepted.join(", ") || "none"}).`;
}

/** The kinds of which at least one grant is asked for. */
const kindsIn = (permissions: PluginPermissions): PermissionKind[] =>
  PERMISSION_KINDS.filter((kind) => (permissions[kind] ?? []).length > 0);

const asksForAnything = (permissions: PluginPermissions): boolean => kindsIn(permissions).length > 0;

function isPreGranted({ digest, permissions }: TrustSubject, grant: PreGrant | undefined): boolean {
  if (!grant || (grant.digest === undefined && grant.permissions === undefined)) return false;
  if (grant.digest !== undefined && grant.digest !== digest) return false;
  return grant.permissions === undefined || !permissionDiff(grant.permissions, permissions).isWider;
}

const isSignedBy = ({ signature }: TrustSubject, keyId: string): boolean =>
  signature.state === "valid" && signature.keyId === keyId;

/** Whether nothing but the manifest changed, and of it only words, and permissions and hooks that are gone. */
function onlyGivesUp({ manifest, hashes }: TrustSubject, approval: GivenApproval): boolean {
  if (!approval.manifest) return false;
  const before = [...approval.files].filter(([path]) => path !== MANIFEST_FILE).map(pathAndHash);
  const after = [...hashes].filter(([path]) => path !== MANIFEST_FILE).map(pathAndHash);
  const isSameCode = isDeepStrictEqual(before.sort(), after.sort());
  return (
    isSameCode &&
    isDeepStrictEqual(essenceOf(manifest), essenceOf(approval.manifest)) &&
    hasFewerHooks(manifest, approval.manifest)
  );
}

const pathAndHash = ([path, { sha256 }]: [string, FileHash]): string => `${sha256} ${path}`;

function essenceOf(manifest: PluginManifest): Partial<PluginManifest> {
  const { permissions: _permissions, hooks: _hooks, ...rest } = manifest;
  return Object.fromEntries(Object.entries(rest).filter(([name]) => !WORDS.some((word) => word === name)));
}

const hasFewerHooks = ({ hooks = [] }: PluginManifest, { hooks: before = [] }: PluginManifest): boolean =>
  hooks.every((hook) => before.some((one) => isDeepStrictEqual(one, hook)));
