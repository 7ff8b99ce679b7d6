import type { PluginPermissions } from "../../schema/plugin/manifest.ts";
import { PERMISSION_KINDS, type PermissionKind } from "../../schema/rules/plugins.ts";
import { grantTexts } from "./broker/grants.ts";

/** One thing that a plugin asks for, as people read it. */
export interface PermissionText {
  kind: PermissionKind;
  text: string;
  why: string;
}

/** What permissions say, each grant by itself, in the order of the manifest. */
export function permissionTexts(permissions: PluginPermissions): PermissionText[] {
  return PERMISSION_KINDS.flatMap((kind) =>
    (permissions[kind] ?? []).flatMap((grant) =>
      grantTexts({ [kind]: [grant] }).map((text) => ({
        kind,
        text: withoutKind(text, kind),
        why: grant.why,
      })),
    ),
  );
}

/** The kinds of which at least one grant is asked for. */
export const kindsIn = (permissions: PluginPermissions): PermissionKind[] =>
  PERMISSION_KINDS.filter((kind) => (permissions[kind] ?? []).length > 0);

const withoutKind = (text: string, kind: string): string =>
  text.startsWith(`${kind} `) ? text.slice(kind.length + 1) : text;
