import { Type } from "@sinclair/typebox";
import { type Static, t } from "elysia";
import { CALLED_VERBS } from "../../schema/plugin/author.ts";
import {
  PERMISSION_KINDS,
  PLUGIN_BLOCKS,
  PLUGIN_HEALTHS,
  PLUGIN_ORIGINS,
  PLUGIN_STATES,
  PLUGIN_STATUSES,
  PLUGIN_TYPES,
  PLUGIN_VERBS,
  SANDBOX_LEVELS,
} from "../../schema/rules/plugins.ts";
import { IntegerParameter } from "../lib/integer-parameter.ts";
import { CHOSEN, Count, closed, Moment, Nullable, PluginId } from "./fields.ts";

export { MAX_PLUGIN_ID_LENGTH, PLUGIN_ID_PATTERN } from "./fields.ts";
export * from "./health/model.ts";
export * from "./trust/model.ts";

const MAX_LOG_LINES = 1_000;
const DEFAULT_LOG_LINES = 200;
const MAX_CALL_MS = 86_400_000;
const MAX_NAME_LENGTH = 100;

export const ById = t.Object({ id: PluginId });
export const ByName = t.Object({ name: PluginId });

export const PermissionView = t.Object({
  kind: t.UnionEnum(PERMISSION_KINDS),
  text: t.String({ description: "What it may do, for people: api.example.com:443" }),
  why: t.String({ description: "The author's reason" }),
  granted: t.Boolean(),
});
export type PermissionView = Static<typeof PermissionView>;

export const PanelView = t.Object({
  id: t.String(),
  title: t.String(),
  kind: t.UnionEnum(["metric", "table", "stat", "form"]),
  series: t.Array(t.String(), { description: "Full names of the series it shows" }),
  input: t.Unknown({ description: "What to execute the plugin with; null for none" }),
  columns: t.Array(t.Object({ field: t.String(), title: t.String() })),
  schema: Nullable(t.Record(t.String(), t.Unknown()), "JSON Schema of a form"),
  place: t.UnionEnum(["plugin", "overview"]),
});
export type PanelView = Static<typeof PanelView>;

const CollectionView = t.Object({
  intervalSeconds: Type.Integer({ minimum: 1, description: "From one collection to the next" }),
  lastAt: Nullable(Moment("When the last one ended"), "Null before the first"),
  values: Count("That the last one brought"),
  error: Nullable(t.String(), "Why the last one failed; null when it went well"),
});

const HookView = t.Object({
  event: t.String({ description: "Event type or pattern" }),
  priority: Type.Integer(),
  granted: t.Boolean(),
});

const plugin = {
  id: PluginId,
  name: t.String(),
  version: t.String(),
  type: t.UnionEnum(PLUGIN_TYPES),
  description: t.String(),
  author: t.String(),
  origin: t.UnionEnum(PLUGIN_ORIGINS),
  state: t.UnionEnum(PLUGIN_STATES, { description: "How far it has come" }),
  status: t.UnionEnum(PLUGIN_STATUSES, { description: "What its process does" }),
  enabled: t.Boolean({ description: "Whether it is wished to run" }),
  health: t.UnionEnum(PLUGIN_HEALTHS, {
    description: "As the last check found it; it stands while no process is needed",
  }),
  healthCheckedAt: Nullable(Moment("When that was"), "Null while it is unknown"),
  block: Nullable(
    t.Object({ code: t.UnionEnum(PLUGIN_BLOCKS), message: t.String() }),
    "Why it, or its newest build, does not run although it is wished to",
  ),
  quarantine: Nullable(t.Object({ reason: t.String(), at: Moment("Since when") }), "Null when it is not"),
  level: Nullable(t.UnionEnum(SANDBOX_LEVELS), "How strongly the kernel holds it; null without a process"),
  pid: Nullable(Type.Integer(), "Of its process"),
  startedAt: Nullable(Moment("When its process started"), "Null without a process"),
  uptimeSeconds: t.Number({ minimum: 0, description: "Of its process" }),
  calls: Count("Since the server started"),
  errors: Count("Calls that failed since the server started"),
  errorRate: t.Number({ minimum: 0, maximum: 1, description: "Of the calls of the last five minutes" }),
  lastError: Nullable(
    t.Object({
      code: t.String(),
      message: t.String(),
      at: Moment("When"),
      correlationId: t.String(),
    }),
    "The latest call or start that failed",
  ),
  cpuPercent: Nullable(t.Number({ minimum: 0 }), "Of one core, lately; null without a process"),
  memoryBytes: Nullable(Count("Proportional share (PSS)"), "Null without a process"),
  callsUnderWay: Count("Now"),
  permissions: t.Array(PermissionView),
  needsApproval: t.Boolean({ description: "Whether somebody has to look at what it asks for" }),
  capabilities: t.Array(t.String()),
  collection: Nullable(
    CollectionView,
    "When it is asked to collect; null unless it is a monitor that may run",
  ),
  hooks: t.Array(HookView),
  panels: t.Array(PanelView),
  dependencies: t.Array(t.Object({ id: t.String(), range: t.String(), satisfied: t.Boolean() })),
  registeredBy: t.String(),
  registeredAt: Moment("When it was first found"),
  changedBy: t.String(),
  changedAt: Moment("When somebody last changed its state or configuration"),
  verbs: t.Array(t.UnionEnum(PLUGIN_VERBS), { description: "What can be done with it now" }),
};
/** A plugin as lists show it. */
export const Plugin = t.Object(plugin, { $id: "Plugin" });
export type Plugin = Static<typeof Plugin>;
export const PluginList = t.Object({ items: t.Array(Plugin), nextCursor: t.Null() });

const FileView = t.Object({ path: t.String(), sha256: t.String(), sizeBytes: Count("Size") });

const ConfigView = t.Object({
  revision: t.String({ description: "Send it back as expectedRevision" }),
  schema: Nullable(t.Record(t.String(), t.Unknown()), "JSON Schema of the form; null: nothing to set"),
  values: t.Record(t.String(), t.Unknown(), { description: "In force, without secrets" }),
  secrets: t.Array(t.Object({ path: t.String(), isSet: t.Boolean() }), {
    description: "Write-only fields, by dotted path",
  }),
  locked: t.Array(t.Object({ path: t.String(), origin: t.String() }), {
    description: "Keys that the server's own configuration holds",
  }),
});
export type ConfigView = Static<typeof ConfigView>;

/** A plugin as its page shows it. */
export const PluginDetail = t.Object(
  {
    ...plugin,
    license: t.String(),
    homepage: t.String(),
    contractFormat: t.String(),
    activation: t.UnionEnum(["lazy", "eager"]),
    config: Nullable(ConfigView, "Null for those who may not change it"),
    limits: t.Object({
      timeoutMs: Type.Integer(),
      memoryBytes: Type.Integer(),
      concurrency: Type.Integer(),
      outputBytes: Type.Integer(),
    }),
    digest: t.String({ description: "Of the version in force" }),
    signedBy: Nullable(t.String(), "Id of the key that signed it"),
    files: t.Array(FileView),
    stderrTail: t.Array(t.String(), { description: "Last lines; empty for those who may not change it" }),
    decisions: t.Array(
      t.Object({ kind: t.String(), allowed: Count("Requests granted"), denied: Count("Requests refused") }),
      { description: "What its broker decided since its process started" },
    ),
  },
  { $id: "PluginDetail" },
);
export type PluginDetail = Static<typeof PluginDetail>;

export const LogQuery = t.Object(
  { limit: IntegerParameter({ minimum: 1, maximum: MAX_LOG_LINES, default: DEFAULT_LOG_LINES }) },
  closed,
);
export const LogLineView = t.Object({
  seq: Type.Integer({ description: "Grows by one with each line of the plugin" }),
  at: Moment("When it was written"),
  level: t.UnionEnum(["debug", "info", "warning", "error"]),
  source: t.UnionEnum(["plugin", "stderr", "server"], { description: "Who wrote it" }),
  message: t.String(),
  fields: t.Record(t.String(), t.Unknown()),
  correlationId: Nullable(t.String(), "Of the call that it was written in; null outside of one"),
});
export type LogLineView = Static<typeof LogLineView>;
export const LogLines = t.Object({
  items: t.Array(LogLineView, { description: "Oldest first" }),
  nextCursor: t.Null(),
});

export const ConfigBody = t.Object(
  {
    values: t.Record(t.String({ maxLength: 200 }), t.Unknown(), {
      description: "The whole; a secret that is left out stays as it is, null removes it",
    }),
    expectedRevision: t.Optional(
      t.String({
        maxLength: 64,
        description: "The revision that it was made upon: refused when another came between",
      }),
    ),
  },
  closed,
);

export const CopyBody = t.Object(
  {
    id: PluginId,
    name: t.Optional(
      t.String({
        minLength: 1,
        maxLength: MAX_NAME_LENGTH,
        description: "What people read; made of the id when absent",
      }),
    ),
  },
  closed,
);

const Which = {
  name: t.Optional(PluginId),
  all: t.Optional(t.Literal(true, { description: "Instead of a name: every plugin" })),
};
export const WhichBody = t.Object(Which, closed);

const ACTIVATIONS = ["start", "stop", "pause", "resume", "reload", "release"] as const;
export const ActivationBody = t.Object({ state: t.UnionEnum(ACTIVATIONS, CHOSEN) }, closed);
export const BulkActivationBody = t.Object(
  { state: t.UnionEnum(ACTIVATIONS, CHOSEN), all: t.Literal(true, { description: "Every plugin is meant" }) },
  closed,
);

export const ExecuteBody = t.Object(
  {
    name: PluginId,
    input: t.Optional(t.Unknown()),
    verb: t.Optional(
      t.UnionEnum(CALLED_VERBS, { ...CHOSEN, description: "In place of the verb of its type" }),
    ),
    timeoutMs: t.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_CALL_MS, description: "Shorter than the plugin's own limit" }),
    ),
  },
  closed,
);
export const ExecutionView = t.Object({
  name: t.String(),
  result: t.Unknown({ description: "What the plugin answered" }),
  durationMs: t.Number({ minimum: 0 }),
});
export type ExecutionView = Static<typeof ExecutionView>;

/** What became of a verb on every plugin. */
export const BulkView = t.Object({
  items: t.Array(
    t.Object({
      id: t.String(),
      outcome: t.UnionEnum(["done", "skipped", "failed"]),
      error: Nullable(t.Object({ code: t.String(), message: t.String() }), "Why not"),
    }),
  ),
});
export type BulkView = Static<typeof BulkView>;
export const PluginOrBulk = t.Union([Plugin, BulkView]);
export const SummaryView = t.Object({
  total: Count("Plugins"),
  enabled: Count("Wished to run"),
  states: t.Record(t.String(), Type.Integer(), { description: "State → plugins" }),
  healths: t.Record(t.String(), Type.Integer(), { description: "Health → plugins" }),
  needsApproval: Count("Waiting for an approval"),
  blocked: Count("Not running although wished to"),
  quarantined: Count("In quarantine"),
  calls: Count("Since the server started"),
  errors: Count("Since the server started"),
  memoryBytes: Count("Of all their processes"),
  cpuPercent: t.Number({ minimum: 0, description: "Of one core" }),
  sandbox: t.Object({
    level: t.UnionEnum(SANDBOX_LEVELS, { description: "What this machine can hold plugins with" }),
    isRequired: t.Boolean({ description: "Whether a weaker level than strong is refused" }),
    message: t.String({ description: "What is missing; empty when nothing is" }),
  }),
});
export type SummaryView = Static<typeof SummaryView>;

export const RemovedList = t.Object({
  nextCursor: t.Null(),
  items: t.Array(
    t.Object({ id: t.String(), version: t.String(), removedAt: Moment("When"), removedBy: t.String() }),
  ),
});
export type RemovedView = Static<typeof RemovedList>["items"][number];
