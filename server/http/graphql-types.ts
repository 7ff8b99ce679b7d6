import SchemaBuilder, {
  type FieldNullability,
  type InputFieldMap,
  type SchemaTypes,
  type TypeParam,
} from "@pothos/core";
import { GraphQLError, Kind } from "graphql";
import type { Caller } from "../security/caller.ts";
import type { FieldTimer } from "./exchange.ts";
import type { Access } from "./guard.ts";

/** What every resolver receives as its third argument: the caller, and the request the operation came with. */
export interface GraphContext extends Caller {
  readonly request: Request;
  /** There when this operation is looked at closely. */
  readonly timeField?: FieldTimer | undefined;
}

/** How a query field's answer may be kept: until one of `tags` is invalidated or the time to live has passed. */
export interface CachePolicy {
  tags: readonly string[];
  /** The answer differs between people who hold the same scopes. */
  perUser?: boolean;
  /** Shorter than `queryCache.ttlSeconds`. */
  ttlSeconds?: number;
}

/** What a root field costs in fields where its work is not told by the fields that it answers. */
export const WORK = {
  /** Reads more than it shows: a search, a window, statistics. */
  search: 50,
  /** Goes through all that a period holds. */
  scan: 200,
} as const;

interface GraphTypes {
  Context: GraphContext;
  DefaultFieldNullability: false;
  Scalars: {
    DateTime: { Input: Date; Output: Date | string | number };
    Long: { Input: number; Output: number };
    JSON: { Input: unknown; Output: unknown };
    /** Defined by metrics: epoch milliseconds, ISO 8601 or relative. */
    Moment: { Input: number | string; Output: number | string };
    /** Defined by alerts: a severity in any accepted word. */
    Severity: { Input: string; Output: string };
  };
}

declare global {
  namespace PothosSchemaTypes {
    interface QueryFieldOptions<
      Types extends SchemaTypes,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveReturnShape,
    > {
      /** Who may ask; the same words as on a REST route. A root field without it stops the boot. */
      access: Access;
      /** Present when the answer may come from the cache. */
      cache?: CachePolicy;
      /** Beside the fields asked for; `WORK` has the measures. */
      cost?: number;
    }
    interface MutationFieldOptions<
      Types extends SchemaTypes,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveReturnShape,
    > {
      access: Access;
      cost?: number;
    }
    interface SubscriptionFieldOptions<
      Types extends SchemaTypes,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveShape,
      ResolveReturnShape,
    > {
      access: Access;
    }
    interface ObjectFieldOptions<
      Types extends SchemaTypes,
      ParentShape,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveReturnShape,
    > {
      /** Stricter than the root field it is reached by. */
      access?: Access;
    }
  }
}

/** The builder that every feature's `graphql.ts` adds its types and fields to. Fields are non-null unless they say so. */
export type GraphBuilder = ReturnType<typeof newGraphBuilder>;

type BuilderTypes = GraphBuilder["$inferSchemaTypes"];

/** What a feature's `graphql.ts` exports once it has its services: `(builder) => builder.queryField(…)`. */
export type GraphFeature = (builder: GraphBuilder) => void;

/** An empty schema with the shared scalars: `DateTime`, `Long`, `JSON`. */
export function newGraphBuilder() {
  const builder = new SchemaBuilder<GraphTypes>({ defaultFieldNullability: false });
  builder.queryType({});
  builder.mutationType({});
  builder.subscriptionType({});
  builder.scalarType("DateTime", {
    description: "A moment as an ISO 8601 text in UTC",
    serialize: (value) => new Date(value).toISOString(),
    parseValue: readDate,
  });
  builder.scalarType("Long", {
    description: "A whole number up to 2^53 − 1: sizes in bytes, epoch milliseconds",
    serialize: (value) => value,
    parseValue: readLong,
    parseLiteral: (node) => readLong(node.kind === Kind.INT ? Number(node.value) : undefined),
  });
  builder.scalarType("JSON", { description: "Any JSON value", serialize: (value) => value });
  return builder;
}

/** One page of a list, as REST answers it. */
export interface Page<Item> {
  items: Item[];
  /** What to send as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

/** The type `<name>Page` { items, nextCursor } over `item`, for fields that page by cursor. */
export function pageOf<Item extends object>(
  builder: GraphBuilder,
  name: string,
  item: PothosSchemaTypes.ObjectRef<BuilderTypes, Item>,
) {
  return builder.objectRef<Page<Item>>(`${name}Page`).implement({
    description: `One page of ${name}`,
    fields: (t) => ({
      items: t.field({ type: [item], resolve: (page) => page.items }),
      nextCursor: t.exposeString("nextCursor", {
        nullable: true,
        description: "The cursor of the next page; null on the last one",
      }),
    }),
  });
}

function readDate(value: unknown): Date {
  const date = typeof value === "string" || typeof value === "number" ? new Date(value) : undefined;
  if (date && !Number.isNaN(date.getTime())) return date;
  throw new GraphQLError("DateTime takes an ISO 8601 text or epoch milliseconds.");
}

function readLong(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new GraphQLError("Long takes a whole number up to 2^53 − 1.");
}
