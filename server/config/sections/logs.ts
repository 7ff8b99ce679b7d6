import { type Static, Type } from "@sinclair/typebox";
import { DEFAULT_MASKS, MASK_NAMES } from "../../../schema/rules/log-masks.ts";
import { flag, int, oneOf, section } from "../setting-types.ts";

const MIB = 1_024 * 1_024;
const MAX_FILES = 100;
const FORMATS = ["auto", "json", "logfmt", "plain"] as const;
const closed = { additionalProperties: false };
const Field = (title: string, description: string) =>
  Type.Optional(Type.String({ title, description, minLength: 1, maxLength: 100 }));

/** A file, or a pattern of files, whose lines are taken. */
const WatchedFilesSchema = Type.Object(
  {
    path: Type.String({
      title: "Path",
      description: "Absolute path; * and ** stand for names and folders: /var/log/nginx/*.log",
      pattern: "^/",
      maxLength: 1_024,
    }),
    source: Field("Source", "The name its lines stand under; the name of the file unless given"),
    format: Type.Optional(
      Type.Unsafe<(typeof FORMATS)[number]>(
        Type.String({
          title: "Format",
          description: "auto looks at each line",
          enum: FORMATS,
          pattern: `^(?:${FORMATS.join("|")})$`,
        }),
      ),
    ),
    messageField: Field("Message field", "Where a JSON or logfmt line holds its message"),
    levelField: Field("Level field", "Where it holds its level"),
    timeField: Field("Time field", "Where it holds its time"),
    joinTraces: Type.Optional(
      Type.Boolean({
        title: "Join stack traces",
        description: "Lines of plain text that go on with the one before become one; on unless said",
      }),
    ),
    startAt: Type.Optional(
      Type.Unsafe<"start" | "end">(
        Type.String({
          title: "Begin at",
          description: "Where a file that is there already is begun: start or end. Later ones are read whole",
          enum: ["start", "end"],
          pattern: "^(?:start|end)$",
        }),
      ),
    ),
  },
  closed,
);
export type WatchedFiles = Static<typeof WatchedFilesSchema>;

export const logs = section("Log lines that are collected and searched", {
  days: int(14, 1, 3_650, { description: "How long a line is kept after it came in" }),
  budgetBytes: int(1_024 * MIB, 16 * MIB, 1_024 * 1_024 * MIB, {
    description: "Largest size of the log database; the oldest lines go first",
  }),
  redactSecrets: flag(true, {
    description: "Secrets that Binnacle keeps are replaced in every line before it is stored",
    notEnvironment: true,
  }),
  redactPatterns: Type.Array(oneOf("authorization", MASK_NAMES, { description: "What is replaced" }), {
    description: "What looks like a secret and is replaced in every line before it is stored",
    default: [...DEFAULT_MASKS],
    maxItems: MASK_NAMES.length,
    notEnvironment: true,
  }),
  files: Type.Array(WatchedFilesSchema, {
    description: "Files whose lines are taken",
    default: [],
    maxItems: MAX_FILES,
    machineOnly: true,
  }),
});
