import {
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  type GraphQLSchema,
  OperationTypeNode,
  subscribe,
} from "graphql";
import { LRUCache } from "lru-cache";
import type { Cache } from "../../cache/cache.ts";
import type { Configuration } from "../../config/configuration.ts";
import { AppError } from "../../errors/app-error.ts";
import type { FailureReport } from "../../errors/failure.ts";
import { sha256Hex } from "../../lib/ids.ts";
import { mapped } from "../../lib/mapped.ts";
import type { Probe } from "../../lib/probe.ts";
import { traceStep } from "../../lib/tracing.ts";
import type { Logger } from "../../logs/logger.ts";
import { principalName, requireSomebody } from "../../security/principal.ts";
import { hasCsrfHeader } from "../../security/same-site.ts";
import type { Exchange } from "../exchange.ts";
import type { MaybePromise } from "../pipeline.ts";
import { withoutSecrets } from "../without-secrets.ts";
import { fieldTimer } from "./close-look.ts";
import { Documents, type PreparedOperation } from "./documents.ts";
import { presentError } from "./errors.ts";
import type { GraphParameters } from "./parameters.ts";
import { policyOf, rootTypes } from "./schema.ts";

/** Persisted operations kept, and the characters they may take together. */
const MAX_PERSISTED = 1_000;
const MAX_PERSISTED_LENGTH = 4 * 1024 * 1024;
const MS_PER_SECOND = 1_000;

interface EngineOptions {
  /** Makes the schema, once, when it is first needed: it takes a third of a start. @throws Error when a field states no access. */
  buildSchema: () => GraphQLSchema;
  configuration: Configuration;
  /** Serialised answers; absent when the feature is off. */
  cache: Cache<string> | undefined;
  log: Logger;
  probe: Probe;
  /** Hears of what breaks where no answer of the pipeline follows. */
  report?: FailureReport;
}

/** An answer as JSON text. */
export interface GraphAnswer {
  text: string;
  /** What stands in the way when there is no data: decides the status. */
  hasData: boolean;
}

type Variables = Readonly<Record<string, unknown>>;

/** The schema and what is made of it. */
interface BuiltGraph {
  schema: GraphQLSchema;
  documents: Documents;
  hasOpenFields: boolean;
}

/** Runs operations for every transport alike: limits, persisted operations, caching, execution, error translation. */
export class GraphEngine {
  readonly #buildSchema: () => GraphQLSchema;
  #built: BuiltGraph | undefined;
  readonly #configuration: Configuration;
  readonly #cache: Cache<string> | undefined;
  readonly #log: Logger;
  readonly #probe: Probe;
  readonly #report: FailureReport | undefined;
  readonly #persisted = new LRUCache<string, string>({
    max: MAX_PERSISTED,
    maxSize: MAX_PERSISTED_LENGTH,
    sizeCalculation: (text) => text.length + 1,
  });

  constructor({ buildSchema, configuration, cache, log, probe, report }: EngineOptions) {
    this.#log = log;
    this.#probe = probe;
    this.#report = report;
    this.#buildSchema = buildSchema;
    this.#configuration = configuration;
    this.#cache = cache;
  }

  /** Makes the schema now. @throws Error when a field states no access. */
  prepareSchema(): void {
    this.#graph();
  }

  get schema(): GraphQLSchema {
    return this.#graph().schema;
  }

  #graph(): BuiltGraph {
    if (!this.#built) {
      const schema = this.#buildSchema();
      const hasOpenFields = rootTypes(schema).some((type) =>
        Object.values(type.getFields()).some((field) => policyOf(field).access === "open"),
      );
      this.#built = { schema, documents: new Documents(schema, this.#configuration), hasOpenFields };
    }
    return this.#built;
  }

  /**
   * Finds the operation and checks everything that can be checked before it runs.
   * @throws OperationRefused, AppError `unauthenticated`, `query_too_complex`, `persisted_operation_unknown`, `method_not_allowed`, `cross_site_request`
   */
  prepare(parameters: GraphParameters, exchange: Exchange): PreparedOperation {
    // Nothing here is open, so a stranger's document is not even parsed: validating one can cost milliseconds.
    const { documents, hasOpenFields } = this.#graph();
    if (!hasOpenFields) requireSomebody(exchange.principal);
    const text = this.#textOf(parameters, exchange);
    const prepared = documents.prepare(text, parameters.operationName);
    exchange.graphOperation = prepared.name;
    documents.checkCost(prepared, parameters.variables);
    if (prepared.operation.operation === OperationTypeNode.MUTATION) refuseUnprovenMutation(exchange);
    return prepared;
  }

  /** Runs a query or mutation and serialises the result; a cached answer is already text. */
  answer(prepared: PreparedOperation, variables: Variables, exchange: Exchange): MaybePromise<GraphAnswer> {
    return exchange.trace
      ? this.#answerClosely(prepared, variables, exchange)
      : this.#answer(prepared, variables, exchange);
  }

  /** Answers, and tells the profiler of the resolvers and of the answer. */
  async #answerClosely(
    prepared: PreparedOperation,
    variables: Variables,
    exchange: Exchange,
  ): Promise<GraphAnswer> {
    exchange.timeField = fieldTimer(this.#probe);
    const startedMs = performance.now();
    const given = await traceStep(prepared.name, () => this.#answer(prepared, variables, exchange));
    const isCacheable = prepared.cache !== undefined;
    const isQuery = prepared.operation.operation === OperationTypeNode.QUERY;
    const isKept = this.#cache !== undefined && isCacheable;
    if (isQuery && !isKept && given.hasData && exchange.error === undefined) {
      this.#probe.onQuery?.({
        name: prepared.name,
        key: cacheKey(prepared, variables, exchange),
        answer: given.text,
        durationMs: performance.now() - startedMs,
        isCacheable,
      });
    }
    return given;
  }

  #answer(prepared: PreparedOperation, variables: Variables, exchange: Exchange): MaybePromise<GraphAnswer> {
    const { cache: policy } = prepared;
    if (!this.#cache || !policy) return this.#run(prepared, variables, exchange);
    const key = cacheKey(prepared, variables, exchange);
    const known = this.#cache.find(key);
    if (known !== undefined) return { text: known, hasData: true };
    return this.#runThroughCache(this.#cache, key, prepared, variables, exchange);
  }

  /** Runs any operation for a transport that streams: a subscription gives results as they come. */
  async stream(
    prepared: PreparedOperation,
    variables: Variables,
    exchange: Exchange,
  ): Promise<FormattedExecutionResult | AsyncIterable<FormattedExecutionResult>> {
    const args = {
      schema: this.schema,
      document: prepared.document,
      operationName: prepared.operation.name?.value,
      variableValues: variables,
      contextValue: exchange,
    };
    if (prepared.operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      if (exchange.trace) exchange.timeField = fieldTimer(this.#probe);
      const result = await traceStep(prepared.name, async () => execute(args));
      if (prepared.operation.operation === OperationTypeNode.MUTATION) this.#cache?.clear();
      return this.#presentLater(result, exchange);
    }
    const results = await traceStep(prepared.name, () => subscribe(args));
    if (!(Symbol.asyncIterator in results)) return this.#presentLater(results, exchange);
    return mapped(results, (result) => this.#presentLater(result, exchange));
  }

  /** Logs what broke where no answer of the pipeline follows. */
  report(error: AppError, { correlationId, principal }: Exchange): void {
    const where = "GraphQL over a socket or stream";
    this.#report?.(error, { where, correlationId, principal: principalName(principal) });
    this.#log.error("An operation failed", { correlationId, error });
  }

  /** The pipeline is done with this exchange, so what broke inside is logged here. */
  #presentLater(result: ExecutionResult, exchange: Exchange): FormattedExecutionResult {
    exchange.error = undefined;
    const presented = present(result, exchange);
    const { error } = exchange as { error: AppError | undefined };
    if (error?.kind === "internal") this.report(error, exchange);
    return withoutSecrets(presented, exchange.scrub);
  }

  #run(prepared: PreparedOperation, variables: Variables, exchange: Exchange): MaybePromise<GraphAnswer> {
    const compiled = this.#graph().documents.compile(prepared);
    const result = compiled.query(undefined, exchange, variables) as MaybePromise<ExecutionResult>;
    const isMutation = prepared.operation.operation === OperationTypeNode.MUTATION;
    if (!(result instanceof Promise) && !isMutation) return serialise(result, exchange);
    return this.#settle(result, isMutation, exchange);
  }

  /** Whoever has read a mutation's answer must not be given what was true before it. */
  async #settle(
    result: MaybePromise<ExecutionResult>,
    isMutation: boolean,
    exchange: Exchange,
  ): Promise<GraphAnswer> {
    const settled = await result;
    if (isMutation) this.#cache?.clear();
    return serialise(settled, exchange);
  }

  async #runThroughCache(
    cache: Cache<string>,
    key: string,
    prepared: PreparedOperation,
    variables: Variables,
    exchange: Exchange,
  ): Promise<GraphAnswer> {
    const { tags, ttlSeconds = Number.POSITIVE_INFINITY } = prepared.cache ?? { tags: [] };
    const ttlMs = Math.min(ttlSeconds, this.#configuration.settings.queryCache.ttlSeconds) * MS_PER_SECOND;
    let own: GraphAnswer | undefined;
    const text = await cache.findOrLoad({ key, tags, ttlMs }, async () => {
      own = await this.#run(prepared, variables, exchange);
      return { value: own.text, isKept: own.hasData && exchange.error === undefined };
    });
    // An answer with errors carries one caller's correlation id: another who waited for the same load runs for itself.
    if (own) return own;
    return text.startsWith(DATA_PREFIX) ? { text, hasData: true } : this.#run(prepared, variables, exchange);
  }

  /** The document's text: sent, or known under its SHA-256 (the protocol of Apollo's automatic persisted queries). */
  #textOf({ query, persistedHash }: GraphParameters, { principal }: Exchange): string {
    if (persistedHash === undefined) {
      if (query === undefined) throw new AppError("invalid_request", "The parameter query is missing.");
      return query;
    }
    if (query === undefined) {
      const known = this.#persisted.get(persistedHash);
      // Clients that speak the protocol look for exactly this message.
      if (known === undefined) throw new AppError("persisted_operation_unknown", "PersistedQueryNotFound");
      return known;
    }
    if (sha256Hex(query) !== persistedHash) {
      throw new AppError("invalid_request", "extensions.persistedQuery.sha256Hash is not the hash of query.");
    }
    if (principal.kind !== "nobody") this.#persisted.set(persistedHash, query);
    return query;
  }
}

const DATA_PREFIX = '{"data":';

function refuseUnprovenMutation({ request, principal }: Exchange): void {
  if (request.method === "GET" && !request.headers.has("upgrade")) {
    throw new AppError("method_not_allowed", "Mutations are sent by POST.");
  }
  if (principal.kind === "session" && !request.headers.has("upgrade") && !hasCsrfHeader(request.headers)) {
    throw new AppError(
      "cross_site_request",
      "A mutation made with a session cookie needs the header x-binnacle-csrf: 1.",
    );
  }
}

/** Everything an answer depends on: the operation, its variables, what the caller may see and, where it matters, who it is. */
function cacheKey(prepared: PreparedOperation, variables: Variables, { principal }: Exchange): string {
  const name = prepared.operation.name?.value ?? "";
  const user = prepared.cache?.perUser ? ("userId" in principal ? principal.userId : principal.kind) : "";
  return `${prepared.id} ${name} ${principal.scopes.join(",")} ${user} ${JSON.stringify(variables)}`;
}

function serialise(result: ExecutionResult, exchange: Exchange): GraphAnswer {
  const hasData = result.data !== null && result.data !== undefined;
  if (!result.errors) return { text: `${DATA_PREFIX}${JSON.stringify(result.data)}}`, hasData };
  return { text: JSON.stringify(present(result, exchange)), hasData };
}

function present(result: ExecutionResult, exchange: Exchange): FormattedExecutionResult {
  if (!result.errors) return { data: result.data ?? null };
  const errors = result.errors.map((error) => presentError(error, exchange));
  return result.data === undefined ? { errors } : { errors, data: result.data };
}
