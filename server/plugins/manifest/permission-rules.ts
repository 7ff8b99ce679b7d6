import type { PluginManifest, PluginPermissions } from "../../../schema/plugin/manifest.ts";
import { PERMISSION_KINDS } from "../../../schema/rules/plugins.ts";
import { configPathsOf, permissionDiff, resolveGrants } from "../broker/grants.ts";
import { declares } from "./config-rules.ts";
import type { FieldProblem } from "./shape.ts";

/**
 * Checks what a manifest asks for: each grant as the broker reads it (exact hosts, absolute paths, nothing that is never
 * granted), placeholders that the configuration has, and that hooks and middleware stand on both sides.
 * @param forbidden absolute paths that no grant of files may touch
 */
export function permissionProblems(manifest: PluginManifest, forbidden: readonly string[]): FieldProblem[] {
  const { permissions = {} } = manifest;
  return [
    ...grantProblems(permissions, forbidden),
    ...configPathsOf(permissions)
      .filter((path) => !declares(manifest.config, path))
      .map((path) => ({
        path: "permissions",
        message: `refers to config.${path}, which config does not declare`,
      })),
    ...hookProblems(manifest),
    ...middlewareProblems(manifest),
  ];
}

/** One grant at a time, so that a refusal can be blamed on its line. */
function grantProblems(permissions: PluginPermissions, forbidden: readonly string[]): FieldProblem[] {
  return PERMISSION_KINDS.flatMap((kind) =>
    (permissions[kind] ?? []).flatMap((grant, index) =>
      resolveGrants({ [kind]: [grant] }, {}, forbidden).refused.map(({ reason }) => ({
        path: `permissions.${kind}.${index}`,
        message: `is not granted to any plugin: ${reason}`,
      })),
    ),
  );
}

const hookProblems = ({ hooks = [], permissions = {} }: PluginManifest): FieldProblem[] =>
  hooks.flatMap(({ event }, index) => {
    const wanted = { hooks: [{ event, why: "" }] };
    const isCovered = !permissionDiff({ hooks: permissions.hooks ?? [] }, wanted).isWider;
    const message = `no permission in permissions.hooks covers ${JSON.stringify(event)}`;
    return isCovered ? [] : [{ path: `hooks.${index}.event`, message }];
  });

function middlewareProblems({ type, middleware, permissions = {} }: PluginManifest): FieldProblem[] {
  const isGranted = (permissions.middleware ?? []).length > 0;
  if (type === "middleware" && !middleware) {
    return [
      {
        path: "middleware",
        message: "is missing: a plugin of type middleware says how it stands in the pipeline",
      },
    ];
  }
  if (middleware && !isGranted)
    return [{ path: "permissions.middleware", message: "is missing: middleware sees every request" }];
  return [];
}
