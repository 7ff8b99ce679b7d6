import { PERMISSION_KINDS, type PermissionKind } from "../../../schema/rules/plugins.ts";
import { foreignText } from "../../lib/foreign-text.ts";

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

const SETTING = /\$\{config\.([^}]+)\}/g;

/** What a grant lets in, in words: what stands in the plugin's settings is named as such. */
export const grantWords = (text: string): string =>
  foreignText(
    text.replace(SETTING, "what its setting $1 says").replace(/ private$/, ", also at private addresses"),
    500,
  );

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
