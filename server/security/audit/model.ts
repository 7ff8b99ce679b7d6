import { Type } from "@sinclair/typebox";
import { type Static, t } from "elysia";
import { Paging } from "../model.ts";

const MAX_FILTER_LENGTH = 200;
const MAX_TIME_LENGTH = 40;

const closed = { additionalProperties: false };
const Moment = (description: string) => t.String({ format: "date-time", description });
const Word = (description: string) =>
  t.Optional(t.String({ minLength: 1, maxLength: MAX_FILTER_LENGTH, description }));
const Time = (description: string) => t.Optional(t.String({ maxLength: MAX_TIME_LENGTH, description }));

const filterFields = {
  actor: Word("Exactly this actor"),
  action: Word("Exactly this action, such as user.create, or a noun for all of its actions, such as user"),
  target: Word("Exactly this target"),
  outcome: t.Optional(t.UnionEnum(["ok", "denied"], { description: "How it went", default: undefined })),
  from: Time("Not before; ISO 8601"),
  to: Time("Before; ISO 8601"),
  text: Word("Anywhere in actor, action, target, address, correlation id or detail; case does not matter"),
};

/** What is searched for. */
export const Filter = t.Object(filterFields, closed);
export type Filter = Static<typeof Filter>;

export const SearchQuery = t.Object({ ...filterFields, ...Paging.properties }, closed);

export const ExportQuery = t.Object(
  {
    ...filterFields,
    format: t.UnionEnum(["ndjson", "csv"], {
      default: "ndjson",
      description: "One JSON object a line, or CSV",
    }),
  },
  closed,
);

export const AuditView = t.Object({
  seq: Type.Integer({ description: "Number of the row; grows by one" }),
  at: Moment("When it happened; the first time when it was counted"),
  actor: t.String({ description: "Name as it was then; binnacle for what it did by itself" }),
  action: t.String({ description: "Noun and verb" }),
  target: t.String({ description: "What was acted upon" }),
  outcome: t.UnionEnum(["ok", "denied"]),
  count: Type.Integer({ description: "How often; refusals and uses are gathered by the minute" }),
  correlationId: t.String(),
  address: t.String({ description: "Where from" }),
  detail: t.Record(t.String(), t.Unknown()),
  mac: t.String({ description: "HMAC-SHA-256 that chains it to the row before" }),
});
export type AuditView = Static<typeof AuditView>;

export const AuditPage = t.Object({
  items: t.Array(AuditView),
  nextCursor: t.Union([t.String(), t.Null()], {
    description: "Present when there is, or may be, more; a page can be short then",
  }),
});

const Damage = t.Object({
  seq: Type.Integer({ description: "First row that does not hold" }),
  reason: t.String(),
});

export const ChainView = t.Object({
  state: t.UnionEnum(["intact", "broken", "unverified"], { description: "By the last verification" }),
  rows: Type.Integer(),
  firstSeq: t.Union([Type.Integer(), t.Null()]),
  lastSeq: t.Union([Type.Integer(), t.Null()]),
  lastMac: t.Union([t.String(), t.Null()], { description: "To be noted elsewhere by who trusts nobody" }),
  removedThrough: t.Union([Type.Integer(), t.Null()], {
    description: "Last row that retention removed and signed for",
  }),
  retentionDays: Type.Integer(),
  verifiedAt: t.Union([Moment("Last verification"), t.Null()]),
  verifiedRows: Type.Integer(),
  damage: t.Union([Damage, t.Null()]),
});
export type ChainView = Static<typeof ChainView>;
