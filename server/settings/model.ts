import { type TUnsafe, Type } from "@sinclair/typebox";
import { type Static, t } from "elysia";
import { THEMES, type Theme, UNIT_SYSTEMS, type UnitSystem } from "../../schema/rules/preferences.ts";
import { IntegerParameter } from "../lib/integer-parameter.ts";

const MAX_KEY_LENGTH = 128;
const MAX_CHANGES = 200;
const MAX_NOTE_LENGTH = 500;
const MAX_TEXT_LENGTH = 1_048_576;
const MAX_NAME_LENGTH = 255;
const MAX_CURSOR_LENGTH = 512;
const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;
const MAX_ZONE_LENGTH = 64;
const MAX_PATH_LENGTH = 200;

const closed = { additionalProperties: false };
const Moment = (description: string) => t.String({ format: "date-time", description });
const OptionalMoment = (description: string) => t.Union([Moment(description), t.Null()], { description });
const OptionalText = (description: string) => t.Union([t.String(), t.Null()], { description });
const Key = t.String({ maxLength: MAX_KEY_LENGTH, description: "Dotted key, such as log.level" });
const Value = t.Unknown({ description: "As it is written: references are not resolved" });
const word = <const T extends string>(values: readonly T[], description: string): TUnsafe<T> =>
  // The pattern is what is checked; `enum` is what clients read.
  Type.Unsafe<T>(t.String({ enum: [...values], pattern: `^(?:${values.join("|")})$`, description }));

const Origin = t.Object({
  kind: word(
    ["default", "file", "environmentFile", "serviceFile", "remote", "override", "environment", "flags"],
    "The layer",
  ),
  origin: t.String({ description: "File, address, or the name of the layer" }),
  line: t.Optional(Type.Integer()),
  column: t.Optional(Type.Integer()),
  variable: t.Optional(t.String({ description: "The environment variable" })),
});

export const Setting = t.Object({
  key: t.String(),
  section: t.String(),
  description: t.String(),
  type: word(["boolean", "integer", "text", "choice", "list", "objects"], "What its value is"),
  value: Value,
  default: t.Unknown(),
  origin: Origin,
  overridden: t.Boolean({ description: "A run-time override holds it" }),
  locked: t.Boolean({ description: "The environment or a flag holds it" }),
  restart: t.Boolean({ description: "It takes effect at the next start" }),
  planned: t.Boolean({ description: "It takes effect with a later version" }),
  inForce: t.Optional(t.Unknown({ description: "What holds until the next start, when that differs" })),
  machineOnly: t.Boolean({ description: "Only this machine's files, environment and flags may set it" }),
  secret: t.Boolean(),
  scope: t.Optional(t.String({ description: "The scope that an edit of it needs beside config:write" })),
  schema: t.Optional(t.Record(t.String(), t.Unknown(), { description: "JSON Schema of a list of objects" })),
  waiting: t.Boolean({ description: "It refers to a secret that cannot be read yet" }),
  allowed: t.String({ description: "What it can be, in words" }),
  values: t.Optional(t.Array(t.String())),
  minimum: t.Optional(t.Number()),
  maximum: t.Optional(t.Number()),
  pattern: t.Optional(t.String()),
  maxLength: t.Optional(Type.Integer()),
  maxItems: t.Optional(Type.Integer()),
  environmentNames: t.Array(t.String()),
});

const Problem = t.Object({
  path: t.String({ description: "Dotted key; empty for the text as a whole" }),
  message: t.String(),
  origin: t.String(),
  line: t.Optional(Type.Integer()),
  column: t.Optional(Type.Integer()),
});

export const ConfigView = t.Object({
  revision: Type.Integer({ description: "Send it back as expectedRevision" }),
  sections: t.Array(t.Object({ key: t.String(), description: t.String() })),
  items: t.Array(Setting),
});

export const ConfigStatus = t.Object({
  revision: Type.Integer(),
  changedAt: OptionalMoment("When settings last changed since the start; null for never"),
  files: t.Array(t.String(), { description: "The files that are read" }),
  rejections: t.Array(
    t.Object({
      source: word(["files", "remote", "overrides", "secrets"], "Where the change came from"),
      at: Moment("When it was refused"),
      message: t.String(),
      problems: t.Array(Problem),
    }),
    { description: "Changes that were not taken and have not been put right" },
  ),
  needsRestart: t.Array(t.String(), { description: "Keys that take effect at the next start" }),
  ignoredOverrides: t.Array(Problem, { description: "Stored overrides that this version cannot take" }),
  remote: t.Union([
    t.Object({
      url: t.String(),
      etag: OptionalText("Of the answer in force"),
      fetchedAt: OptionalMoment("When the answer in force was last confirmed"),
      askedAt: OptionalMoment("When it was last asked"),
      failure: OptionalText("Why that brought nothing"),
    }),
    t.Null(),
  ]),
});
export type ConfigStatus = Static<typeof ConfigStatus>;

const terms = {
  expectedRevision: t.Optional(
    Type.Integer({ minimum: 0, description: "Refuse when the configuration was changed since" }),
  ),
  note: t.Optional(t.String({ maxLength: MAX_NOTE_LENGTH, description: "Why" })),
};
const edit = {
  set: t.Optional(
    t.Record(Key, t.Unknown(), { maxProperties: MAX_CHANGES, description: "Dotted key → value" }),
  ),
  unset: t.Optional(t.Array(Key, { maxItems: MAX_CHANGES, description: "Overrides to take back" })),
};

export const EditBody = t.Object({ ...edit, ...terms }, closed);
export const RollbackBody = t.Object(
  { revision: Type.Integer({ minimum: 0, description: "0: no override at all" }), ...terms },
  closed,
);

const Text = t.String({ maxLength: MAX_TEXT_LENGTH, description: "YAML or JSON" });
const FileName = t.String({ maxLength: MAX_NAME_LENGTH, description: "What to call it in errors" });

export const ProposalBody = t.Object({ ...edit, text: t.Optional(Text), name: t.Optional(FileName) }, closed);
export const ValidationBody = t.Object({ text: Text, name: t.Optional(FileName) }, closed);
export const ImportBody = t.Object(
  {
    text: Text,
    mode: t.Optional(word(["merge", "replace"], "Beside the overrides there are, or in place of them")),
    dryRun: t.Optional(t.Boolean({ description: "Only say what it would change" })),
    ...terms,
  },
  closed,
);

const Skipped = t.Object({ key: t.String(), reason: t.String() });
const Change = t.Object({ key: t.String(), before: t.Unknown(), after: t.Unknown() });

export const Edited = t.Object({
  revision: Type.Integer(),
  changes: t.Array(Change),
  needsRestart: t.Array(t.String()),
  skipped: t.Array(Skipped),
});

export const Proposal = t.Object({
  changes: t.Array(
    t.Object({ key: t.String(), before: t.Unknown(), after: t.Unknown(), needsRestart: t.Boolean() }),
  ),
  shadowed: t.Array(Skipped, { description: "Keys that a stronger layer holds" }),
  problems: t.Array(Problem, { description: "What keeps it from being taken" }),
});
export const ImportAnswer = t.Union([
  Edited,
  t.Object({ ...Proposal.properties, skipped: t.Array(Skipped) }),
]);
export const Validation = t.Object({ valid: t.Boolean(), problems: t.Array(Problem) });

export const RevisionView = t.Object({
  revision: Type.Integer(),
  at: Moment("When"),
  actor: t.String({ description: "Who; the file or address for a change from outside" }),
  action: word(["change", "rollback", "import", "file", "remote"], "What was done"),
  note: t.String(),
  correlationId: t.String(),
  changes: t.Array(Change),
});
export type RevisionView = Static<typeof RevisionView>;
export const RevisionPage = t.Object({
  items: t.Array(RevisionView),
  nextCursor: t.Union([t.String(), t.Null()]),
});

export const Paging = t.Object(
  {
    limit: IntegerParameter({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
    cursor: t.Optional(
      t.String({ maxLength: MAX_CURSOR_LENGTH, description: "nextCursor of the page before" }),
    ),
  },
  closed,
);

export const ExportQuery = t.Object(
  {
    content: t.Optional(
      word(["effective", "overrides"], "All that differs from the defaults, or the overrides"),
    ),
    format: t.Optional(word(["yaml", "json"], "yaml unless said")),
  },
  closed,
);

export const PreferencesBody = t.Object(
  {
    theme: t.Optional(word<Theme>(THEMES, "Colours")),
    timeZone: t.Optional(
      t.String({ maxLength: MAX_ZONE_LENGTH, description: "IANA name; empty for the browser's own" }),
    ),
    units: t.Optional(word<UnitSystem>(UNIT_SYSTEMS, "How sizes are counted")),
    startPage: t.Optional(
      t.String({
        maxLength: MAX_PATH_LENGTH,
        pattern: "^/([A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*)?$",
        description: "Path that the dashboard opens with",
      }),
    ),
  },
  closed,
);
export const PreferencesView = t.Object({
  theme: word<Theme>(THEMES, "Colours"),
  timeZone: t.String(),
  units: word<UnitSystem>(UNIT_SYSTEMS, "How sizes are counted"),
  startPage: t.String(),
});
