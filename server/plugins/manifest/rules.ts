import { posix } from "node:path";
import type { PluginManifest, PluginPanel } from "../../../schema/plugin/manifest.ts";
import { countSchemas, MAX_SUBSCHEMAS } from "../../lib/json-schema.ts";
import { semver } from "../../lib/semver.ts";
import { placeholderPath } from "../broker/grants/placeholders.ts";
import { configSchemaProblems, declares } from "./config-rules.ts";
import { permissionProblems } from "./permission-rules.ts";
import type { FieldProblem } from "./shape.ts";

/** What this server allows a manifest to ask for. */
export interface ManifestLimits {
  /** Longest call (`plugins.maxTimeoutMs`). */
  maxTimeoutMs: number;
  /** Absolute paths that no grant of files may touch: data folder, plugins folder, configuration files. */
  forbiddenPaths: readonly string[];
}

const MODULE = /\.(?:ts|mts|tsx|js|mjs|jsx)$/;
/** Words that stand in the place of an id in addresses and commands, and names that objects are born with. */
const RESERVED_IDS: ReadonlySet<string> = new Set([
  ...["binnacle", "sdk", "constructor", "prototype"],
  ...["all", "list", "summary", "install", "approve", "execute"],
  ...["enable", "disable", "start", "stop", "pause", "resume", "reload"],
]);

/** What the shape alone does not tell. The manifest has passed it. */
export function ruleProblems(manifest: PluginManifest, limits: ManifestLimits): FieldProblem[] {
  return [
    ...idProblems(manifest),
    ...versionProblems(manifest),
    ...mainProblems(manifest.main),
    ...dependencyProblems(manifest),
    ...limitProblems(manifest, limits),
    ...collectProblems(manifest),
    ...schemaProblems(manifest),
    ...permissionProblems(manifest, limits.forbiddenPaths),
  ];
}

const idProblems = ({ id }: PluginManifest): FieldProblem[] =>
  RESERVED_IDS.has(id) ? [{ path: "id", message: `"${id}" is reserved; choose another` }] : [];

const versionProblems = ({ version }: PluginManifest): FieldProblem[] =>
  semver().valid(version) === version || isWithBuild(version)
    ? []
    : [{ path: "version", message: `${JSON.stringify(version)} is not a semantic version, such as 1.4.0` }];

/** `semver.valid` drops the build's part; everything before it must stand as it is. */
const isWithBuild = (version: string): boolean => {
  const parsed = semver().parse(version);
  return parsed !== null && parsed.build.length > 0 && parsed.raw === version && !version.startsWith("v");
};

/** A module of the plugin's own folder, written in the one way that names it. */
function mainProblems(main: string): FieldProblem[] {
  const problem = (message: string): FieldProblem[] => [{ path: "main", message }];
  if (posix.isAbsolute(main) || main.includes("\\") || main.includes("\0")) {
    return problem("is a path relative to the plugin's folder, with / between folders");
  }
  if (posix.normalize(main).startsWith("..")) return problem("lies outside the plugin's folder");
  if (posix.normalize(main) !== main) return problem(`is written ${JSON.stringify(posix.normalize(main))}`);
  return MODULE.test(main) ? [] : problem("is a module: .ts, .tsx, .mts, .js, .jsx or .mjs");
}

const dependencyProblems = ({ id, dependencies = {} }: PluginManifest): FieldProblem[] =>
  Object.entries(dependencies).flatMap(([other, range]) => {
    const path = `dependencies.${other}`;
    if (other === id) return [{ path, message: "a plugin does not depend on itself" }];
    if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(other)) return [{ path, message: "is not the id of a plugin" }];
    if (semver().validRange(range) !== null) return [];
    return [{ path, message: `${JSON.stringify(range)} is not a range of versions, such as ^1.2.0` }];
  });

const limitProblems = ({ limits = {} }: PluginManifest, { maxTimeoutMs }: ManifestLimits): FieldProblem[] =>
  (limits.timeoutMs ?? 0) <= maxTimeoutMs
    ? []
    : [
        {
          path: "limits.timeoutMs",
          message: `is more than this server's plugins.maxTimeoutMs, ${maxTimeoutMs}`,
        },
      ];

function collectProblems({ type, collect, config }: PluginManifest): FieldProblem[] {
  if (!collect) return [];
  if (type !== "monitor") return [{ path: "collect", message: "is for plugins of type monitor" }];
  const path = placeholderPath(String(collect.intervalSeconds ?? ""));
  if (path === undefined || declares(config, path)) return [];
  const message = `refers to config.${path}, which config does not declare`;
  return [{ path: "collect.intervalSeconds", message }];
}

/** What each kind of panel cannot be drawn without. */
const NEEDED = {
  metric: "series",
  table: "columns",
  stat: undefined,
  form: "schema",
} as const satisfies Record<PluginPanel["kind"], keyof PluginPanel | undefined>;

/** All of them are compiled in one go: their sizes are bounded together. */
function schemaProblems({ config, panels = [] }: PluginManifest): FieldProblem[] {
  const schemas = [config, ...panels.map(({ schema }) => schema)];
  const count = schemas.reduce((sum, schema) => sum + countSchemas(schema), 0);
  if (count > MAX_SUBSCHEMAS) {
    const message = `and the schemas of panels are made of ${count} schemas; at most ${MAX_SUBSCHEMAS} are taken`;
    return [{ path: "config", message }];
  }
  return [...(config ? configSchemaProblems(config, "config") : []), ...panelProblems(panels)];
}

function panelProblems(panels: readonly PluginPanel[]): FieldProblem[] {
  const ids = panels.map(({ id }) => id);
  return panels.flatMap((panel, index) => {
    const path = `panels.${index}`;
    const needed = NEEDED[panel.kind];
    return [
      ...(ids.indexOf(panel.id) < index
        ? [{ path: `${path}.id`, message: "another panel has that id" }]
        : []),
      ...(needed && panel[needed] === undefined
        ? [{ path: `${path}.${needed}`, message: `is missing: a panel of kind ${panel.kind} needs it` }]
        : []),
      ...(panel.schema ? configSchemaProblems(panel.schema, `${path}.schema`) : []),
    ];
  });
}
