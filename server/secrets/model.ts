import { Type } from "@sinclair/typebox";
import { type Static, t } from "elysia";
import { IntegerParameter } from "../lib/integer-parameter.ts";
import { MAX_SECRET_NAME_LENGTH, SECRET_NAME_PATTERN } from "./secret-name.ts";

const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;
const MAX_CURSOR_LENGTH = 512;
/** UTF-16 units; bytes are counted by the rules. */
const MAX_VALUE_LENGTH = 65_536;
const MAX_DESCRIPTION_LENGTH = 500;
const MAX_ENDING_LENGTH = 8;

const closed = { additionalProperties: false };
const Moment = (description: string) => t.String({ format: "date-time", description });
const OptionalMoment = (description: string) => t.Union([Moment(description), t.Null()]);
const Count = (description: string) => Type.Integer({ minimum: 0, description });

export const ByName = t.Object({
  name: t.String({
    pattern: SECRET_NAME_PATTERN,
    maxLength: MAX_SECRET_NAME_LENGTH,
    description: "SMTP_PASSWORD",
  }),
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

export const SecretBody = t.Object(
  {
    value: t.String({
      minLength: 1,
      maxLength: MAX_VALUE_LENGTH,
      description: "At most 64 KiB; never shown again",
    }),
    description: t.Optional(
      t.String({ maxLength: MAX_DESCRIPTION_LENGTH, description: "What it is; absent: as it was" }),
    ),
  },
  closed,
);

const SecretUseView = t.Object({
  purpose: t.String({ description: "What used it" }),
  count: Count("How often"),
  lastUsedAt: Moment("When last"),
});

export const SecretView = t.Object({
  name: t.String(),
  description: t.String(),
  version: Type.Integer({ description: "Grows by one with each new value" }),
  createdAt: Moment("When it was first stored"),
  changedAt: Moment("When it got its value"),
  changedBy: t.String({ description: "Who gave it its value" }),
  lastUsedAt: OptionalMoment("When it was last used, to the minute; null for never"),
  uses: Count("How often it was used"),
  usedBy: t.Array(SecretUseView, { description: "What used it, latest first" }),
});
export type SecretView = Static<typeof SecretView>;
export const SecretPage = t.Object({
  items: t.Array(SecretView),
  nextCursor: t.Union([t.String(), t.Null()]),
});

const Which = t.UnionEnum(["data", "master"], { description: "Which key is replaced" });
export const RotationBody = t.Object({ key: Which }, closed);

export const KeysView = t.Object({
  master: t.UnionEnum(["file", "environment"], { description: "Where the master key is" }),
  dataKeyVersion: Type.Integer(),
  dataKeyCreatedAt: Moment("When the data key in force was made"),
  secretsUnderOldKeys: Count("Secrets still to be encrypted with the newest data key"),
  recoveryKeyCreatedAt: OptionalMoment("When the recovery key was made; null for none"),
  recoveryKeyConfirmedAt: OptionalMoment("When its safekeeping was confirmed; null for not yet"),
  rotation: t.Union(
    [t.Object({ key: Which, done: Count("Steps done"), total: Count("Steps in all") }), t.Null()],
    {
      description: "The rotation under way",
    },
  ),
});
export type KeysView = Static<typeof KeysView>;

export const RotationView = t.Object({
  key: Which,
  secrets: Count("Secrets encrypted anew; a new master key touches none"),
  keys: KeysView,
});
export type RotationView = Static<typeof RotationView>;

export const RecoveryKeyView = t.Object({
  recoveryKey: t.String({ description: "Shown this once: write it down and keep it away from this server" }),
});
export const ConfirmationBody = t.Object(
  {
    ending: t.String({
      minLength: 1,
      maxLength: MAX_ENDING_LENGTH,
      description: "The last four characters of the recovery key",
    }),
  },
  closed,
);
