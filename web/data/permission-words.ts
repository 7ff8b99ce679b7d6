import { PERMISSION_KINDS, type PermissionKind } from "../../schema/rules/plugins.ts";
import { foreignText } from "../lib/foreign-text.ts";

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

/** A grant is bounded; what a manifest can make of it by its titles, too. */
const MAX_GRANT_LENGTH = 500;

/**
 * What a grant lets in, in words: what stands in the plugin's settings is named as such, by the title that the form shows.
 * @param schema of the plugin's configuration
 */
export const grantWords = (text: string, schema?: Readonly<Record<string, unknown>> | null): string =>
  foreignText(
    text
      .replace(SETTING, (_, path: string) => `what its setting ${settingWord(path, schema)} says`)
      .replace(/ private$/, ", also at private addresses"),
    MAX_GRANT_LENGTH,
  );

function settingWord(path: string, schema: unknown): string {
  const properties = isRecord(schema) && isRecord(schema.properties) ? schema.properties : {};
  const field = Object.hasOwn(properties, path) ? properties[path] : undefined;
  return isRecord(field) && typeof field.title === "string" ? `“${field.title}”` : path;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

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
