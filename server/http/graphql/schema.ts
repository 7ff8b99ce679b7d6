import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from "graphql";
import { type CachePolicy, type GraphContext, type GraphFeature, newGraphBuilder } from "../graphql-types.ts";
import { type Access, demand } from "../guard.ts";

type Field = GraphQLField<unknown, GraphContext>;

interface FieldPolicy {
  access?: Access;
  cache?: CachePolicy;
  cost?: number;
}

/**
 * Builds the schema from what the features add, and puts each field's access before its resolver.
 * @throws Error naming the root fields that state no access: nothing is open by omission.
 */
export function buildGraph(features: readonly GraphFeature[]): GraphQLSchema {
  const builder = newGraphBuilder();
  for (const feature of features) feature(builder);
  const schema = builder.toSchema();
  const bare = rootTypes(schema).flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => policyOf(field).access === undefined)
      .map((field) => `${type.name}.${field.name}`),
  );
  if (bare.length > 0) throw new Error(`GraphQL fields without an access: ${bare.join(", ")}`);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) {
      protect(field);
      letBeTimed(field, `${type.name}.${field.name}`);
    }
  }
  return schema;
}

/** What a field states of its access, its caching and its cost. */
export function policyOf(field: { extensions: GraphQLField<unknown, unknown>["extensions"] }): FieldPolicy {
  return (field.extensions.pothosOptions ?? {}) as FieldPolicy;
}

/** Query, Mutation and Subscription, as far as they exist. */
export function rootTypes(schema: GraphQLSchema): GraphQLObjectType[] {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
    (type) => type !== undefined && type !== null,
  );
}

function protect(field: Field): void {
  const { access } = policyOf(field);
  if (field.extensions.pothosExposedField === field.name && access === undefined) {
    // The default resolver reads the property by name just the same, and the compiler of queries can inline it.
    delete field.resolve;
    return;
  }
  if (access === undefined || access === "open") return;
  if (field.subscribe) {
    const { subscribe } = field;
    field.subscribe = (parent, args, context, info) => {
      demand(access, context);
      return subscribe(parent, args, context, info);
    };
    return;
  }
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = (parent, args, context, info) => {
    demand(access, context);
    return resolve(parent, args, context, info);
  };
}

/** A field without a resolver of its own only reads a property: there is nothing to time. */
function letBeTimed(field: Field, name: string): void {
  const { resolve } = field;
  if (!resolve || field.subscribe) return;
  field.resolve = (parent, args, context, info) =>
    context.timeField
      ? context.timeField(name, () => resolve(parent, args, context, info))
      : resolve(parent, args, context, info);
}
