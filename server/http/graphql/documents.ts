import {
  type DocumentNode,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  type SelectionSetNode,
  specifiedRules,
  type ValidationRule,
  validate,
} from "graphql";
import { type CompiledQuery, compileQuery, isCompiledQuery } from "graphql-jit";
import { LRUCache } from "lru-cache";
import type { Configuration } from "../../config/configuration.ts";
import { AppError } from "../../errors/app-error.ts";
import type { CachePolicy } from "../graphql-types.ts";
import { OperationRefused } from "./errors.ts";
import { CostMeter, checkShape, isTokenLimit, refuseAbove } from "./limits.ts";
import { policyOf } from "./schema.ts";

/** Documents kept ready, and the characters they may take together. */
const MAX_DOCUMENTS = 1_000;
const MAX_TEXT_LENGTH = 4 * 1024 * 1024;
const MAX_REPORTED_ERRORS = 20;

/** An operation that passed parsing, limits and validation. */
export interface PreparedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Unique to the document's text. */
  readonly id: string;
  /** What it is called in statistics: `query Users`; without a name of its own, what it asks for. */
  readonly name: string;
  /** How its answer may be kept; undefined when any of its root fields may not. */
  readonly cache: CachePolicy | undefined;
  /** Compiled at the first execution. */
  compiled: CompiledQuery | undefined;
  /** Known once measured, unless variables can change it. */
  cost: number | undefined;
}

interface PreparedDocument {
  readonly id: string;
  readonly document: DocumentNode;
  readonly operations: Map<string, PreparedOperation>;
}

/** Parses, limits, validates and compiles each document once, and keeps the most recently used. */
export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #configuration: Configuration;
  readonly #documents = new LRUCache<string, PreparedDocument>({
    max: MAX_DOCUMENTS,
    maxSize: MAX_TEXT_LENGTH,
    sizeCalculation: (_document, text) => text.length + 1,
  });
  #nextId = 0;

  constructor(schema: GraphQLSchema, configuration: Configuration) {
    this.#schema = schema;
    this.#configuration = configuration;
    configuration.watch(
      (settings) => settings.graphql,
      () => this.#documents.clear(),
    );
  }

  /**
   * The operation of that name in the document, ready to run.
   * @throws OperationRefused for what is wrong with the document, AppError `query_too_complex` for its size
   */
  prepare(text: string, operationName: string | undefined): PreparedOperation {
    const prepared = this.#documents.get(text) ?? this.#prepareDocument(text);
    const key = operationName ?? "";
    const known = prepared.operations.get(key);
    if (known) return known;
    const operation = chooseOperation(prepared.document, operationName);
    const made: PreparedOperation = {
      id: prepared.id,
      name: nameOf(operation),
      document: prepared.document,
      operation,
      cache: this.#cachePolicy(prepared.document, operation),
      compiled: undefined,
      cost: undefined,
    };
    prepared.operations.set(key, made);
    return made;
  }

  /** @throws AppError `query_too_complex` */
  checkCost(prepared: PreparedOperation, variables: Readonly<Record<string, unknown>>): void {
    if (prepared.cost !== undefined) return;
    const { total, dependsOnVariables } = new CostMeter(this.#schema, prepared.document, variables).measure(
      prepared.operation,
    );
    refuseAbove(total, this.#configuration.settings.graphql.maxComplexity, "cost in fields");
    if (!dependsOnVariables) prepared.cost = total;
  }

  /** The operation as a function. @throws OperationRefused */
  compile(prepared: PreparedOperation): CompiledQuery {
    if (prepared.compiled) return prepared.compiled;
    const compiled = compileQuery(this.#schema, prepared.document, prepared.operation.name?.value);
    if (!isCompiledQuery(compiled)) throw documentErrors(compiled.errors ?? []);
    prepared.compiled = compiled;
    return compiled;
  }

  #prepareDocument(text: string): PreparedDocument {
    const limits = this.#configuration.settings.graphql;
    const document = parseWithin(text, limits.maxTokens);
    checkShape(document, limits);
    const rules = limits.introspection
      ? specifiedRules
      : [...specifiedRules, NoSchemaIntrospectionCustomRule];
    const errors = validateSafely(this.#schema, document, rules);
    if (errors.length > 0) throw documentErrors(errors);
    const prepared = { id: String(this.#nextId++), document, operations: new Map() };
    this.#documents.set(text, prepared);
    return prepared;
  }

  #cachePolicy(document: DocumentNode, operation: OperationDefinitionNode): CachePolicy | undefined {
    if (operation.operation !== OperationTypeNode.QUERY) return undefined;
    const fields = this.#schema.getQueryType()?.getFields() ?? {};
    const tags = new Set<string>();
    let perUser = false;
    let ttlSeconds: number | undefined;
    for (const name of rootFieldNames(document, operation)) {
      const policy = fields[name] && policyOf(fields[name]).cache;
      if (!policy) return undefined;
      for (const tag of policy.tags) tags.add(tag);
      perUser ||= policy.perUser ?? false;
      if (policy.ttlSeconds !== undefined)
        ttlSeconds = Math.min(ttlSeconds ?? policy.ttlSeconds, policy.ttlSeconds);
    }
    return { tags: [...tags], perUser, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) };
  }
}

/** The root fields an operation asks for, through fragments, each visited once. */
function rootFieldNames(document: DocumentNode, operation: OperationDefinitionNode): ReadonlySet<string> {
  const names = new Set<string>();
  const spread = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else spread.add(selection.name.value);
    }
  };
  collect(operation.selectionSet);
  // A set is walked to its end while it grows.
  for (const name of spread) {
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
    );
    if (fragment?.kind === Kind.FRAGMENT_DEFINITION) collect(fragment.selectionSet);
  }
  return names;
}

function parseWithin(text: string, maxTokens: number): DocumentNode {
  try {
    return parse(text, { maxTokens });
  } catch (thrown) {
    if (isTokenLimit(thrown)) {
      throw new AppError("query_too_complex", `The query has more than ${maxTokens} tokens.`);
    }
    if (thrown instanceof GraphQLError) throw documentErrors([thrown]);
    throw thrown;
  }
}

/** A rule may throw what it should report: one for subscriptions does, at a directive without its argument. */
function validateSafely(
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[],
): readonly GraphQLError[] {
  try {
    return validate(schema, document, rules, { maxErrors: MAX_REPORTED_ERRORS });
  } catch (thrown) {
    if (thrown instanceof GraphQLError) return [thrown];
    throw thrown;
  }
}

function chooseOperation(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const [first, second] = operations;
  if (name === undefined && second) {
    throw documentErrors([
      new GraphQLError("The document has several operations: name one in operationName."),
    ]);
  }
  const chosen = name === undefined ? first : operations.find((operation) => operation.name?.value === name);
  if (chosen) return chosen;
  throw documentErrors([
    new GraphQLError(
      name === undefined ? "The document has no operation." : `There is no operation ${name}.`,
    ),
  ]);
}

function documentErrors(
  errors: readonly GraphQLFormattedError[] | readonly GraphQLError[],
): OperationRefused {
  const formatted = errors.map(({ message, locations, path }) => ({
    message,
    ...(locations ? { locations } : {}),
    ...(path ? { path } : {}),
    extensions: { code: "validation_failed" },
  }));
  return new OperationRefused(formatted, true);
}

/** Root fields of an operation without a name that its name in statistics is made of. */
const NAMED_FIELDS = 3;
const MAX_OPERATION_NAME_LENGTH = 100;

function nameOf({ operation, name, selectionSet }: OperationDefinitionNode): string {
  const fields = selectionSet.selections.flatMap((node) =>
    node.kind === Kind.FIELD ? [node.name.value] : [],
  );
  const own = name?.value ?? `{ ${fields.slice(0, NAMED_FIELDS).join(", ")} }`;
  return `${operation} ${own}`.slice(0, MAX_OPERATION_NAME_LENGTH);
}
