import { Type } from "@sinclair/typebox";
import { t } from "elysia";
import { IntegerParameter } from "../lib/integer-parameter.ts";

const MAX_CURSOR_LENGTH = 512;
export const DEFAULT_PAGE = 100;
const MAX_PAGE = 500;
const closed = { additionalProperties: false };
const Name = t.String({ minLength: 1, maxLength: 500 });
/** Left out, it is left out: by itself a UnionEnum puts its first value there. */
const DeliveryState = t.UnionEnum(["waiting", "leased", "delivered", "dead"], { default: undefined });

export const DeliveriesQuery = t.Object(
  {
    limit: IntegerParameter({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
    cursor: t.Optional(
      t.String({ maxLength: MAX_CURSOR_LENGTH, description: "nextCursor of the page before" }),
    ),
    state: t.Optional(DeliveryState),
    kind: t.Optional(Name),
    target: t.Optional(Name),
  },
  closed,
);

const targetName = t.Union([t.String(), t.Null()], {
  description: "What people call it, such as the name of a channel; null when it has no other name",
});
const Moment = t.String({ format: "date-time" });
/** Without the payload: what is delivered may be confidential to somebody else than the reader. */
export const DeliveryView = t.Object({
  id: t.String({ description: "The idempotency key, the same at every attempt" }),
  kind: t.String(),
  target: t.String(),
  targetName,
  state: DeliveryState,
  attempts: Type.Integer(),
  createdAt: Moment,
  notBefore: Moment,
  settledAt: t.Union([Moment, t.Null()]),
  lastError: t.Union([t.String(), t.Null()]),
});
export const DeliveryPage = t.Object({
  items: t.Array(DeliveryView),
  nextCursor: t.Union([t.String(), t.Null()]),
});

export const ById = t.Object({ id: t.String({ maxLength: 36 }) });
export const Target = t.Object({ kind: Name, target: Name }, closed);
export const TargetList = t.Object({
  items: t.Array(
    t.Object({
      kind: t.String(),
      target: t.String(),
      targetName,
      state: t.UnionEnum(["active", "paused", "off"]),
      waiting: Type.Integer(),
      failures: Type.Integer({ description: "Attempts that failed in a row" }),
    }),
  ),
  nextCursor: t.Null(),
});
