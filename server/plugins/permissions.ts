import type { PluginPermissions } from "../../schema/plugin/manifest.ts";
import { PERMISSION_KINDS, type PermissionKind } from "../../schema/rules/plugins.ts";
import { grantTexts, placeholdersNow } from "./broker/grants.ts";

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

/**
 * What each permission with a placeholder gives under a configuration, by kind and text as {@link permissionTexts} has
 * them; those without one are left out.
 */
export const givenNow = (permissions: PluginPermissions, config: unknown): ReadonlyMap<string, string[]> =>
  new Map(
    [...placeholdersNow(permissions, config)].map(([text, given]) => [
      text,
      given.map((one) => withoutKind(one, text.slice(0, text.indexOf(" ")))),
    ]),
  );

/** The kinds of which at least one grant is asked for. */
export const kindsIn = (permissions: PluginPermissions): PermissionKind[] =>
  PERMISSION_KINDS.filter((kind) => (permissions[kind] ?? []).length > 0);

const withoutKind = (text: string, kind: string): string =>
  text.startsWith(`${kind} `) ? text.slice(kind.length + 1) : text;
