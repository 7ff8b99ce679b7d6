import { PERMISSION_KINDS, type PermissionKind } from "../../../schema/rules/plugins.ts";

const KIND_WORDS: Record<PermissionKind, string> = {
  net: "Network",
  read: "Read files",
  write: "Write files",
  env: "Environment",
  run: "Run programs",
  hooks: "Events",
  secrets: "Secrets",
  middleware: "Every request",
  browser: "Browser",
  registry: "Registry",
};

/** What a kind of permission is called. */
export const kindWord = (kind: PermissionKind): string => KIND_WORDS[kind];

/** Permissions of one kind, in the order in which kinds are always told. */
export interface KindOf<Grant> {
  kind: PermissionKind;
  grants: Grant[];
}

export function byKind<Grant extends { kind: PermissionKind }>(grants: readonly Grant[]): KindOf<Grant>[] {
  return PERMISSION_KINDS.map((kind) => ({
    kind,
    grants: grants.filter((grant) => grant.kind === kind),
  })).filter((group) => group.grants.length > 0);
}

/** `Network ×2 · Secrets`: what it may do at a glance. */
export function permissionSummary(grants: readonly { kind: PermissionKind }[]): string {
  return byKind(grants)
    .map(({ kind, grants: ofKind }) =>
      ofKind.length === 1 ? kindWord(kind) : `${kindWord(kind)} ×${ofKind.length}`,
    )
    .join(" · ");
}
