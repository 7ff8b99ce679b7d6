import { type FormattedExecutionResult, OperationTypeNode } from "graphql";
import { AppError, toAppError } from "../../errors/app-error.ts";
import { sendText } from "../answer.ts";
import type { Exchange } from "../exchange.ts";
import { readJson } from "../json-body.ts";
import type { MaybePromise } from "../pipeline.ts";
import { STATUS_OF_KIND } from "../problem.ts";
import { withoutSecrets } from "../without-secrets.ts";
import type { GraphAnswer, GraphEngine } from "./engine.ts";
import { OperationRefused, presentAppError } from "./errors.ts";
import { type GraphParameters, readParameters, readUrlParameters } from "./parameters.ts";

/** The media type under which a refused document is a 400. */
export const RESPONSE_TYPE = "application/graphql-response+json";
const JSON_TYPE = "application/json";
const OK = 200;
const BAD_REQUEST = 400;
const UNAUTHENTICATED = 401;

/**
 * GraphQL over HTTP for JSON by GET and POST: the short way that nearly every request takes. Event streams and the
 * explorer go through Yoga, over the same engine.
 *
 * As application/json, an answer about the document alone is 200; as application/graphql-response+json it is 400.
 */
export class GraphEndpoint {
  readonly #engine: GraphEngine;

  constructor(engine: GraphEngine) {
    this.#engine = engine;
  }

  /** Whether a request to the path of GraphQL takes this way. */
  accepts({ method, headers }: Request): boolean {
    if (method !== "POST" && method !== "GET") return false;
    const accept = headers.get("accept");
    if (accept === null) return true;
    return !accept.includes("text/event-stream") && !(method === "GET" && accept.includes("text/html"));
  }

  /** Answers; failures of any kind become GraphQL errors with a fitting status. */
  async handle(exchange: Exchange): Promise<Response> {
    const { request } = exchange;
    const type = responseType(request.headers.get("accept"));
    try {
      const parameters = await parametersOf(exchange);
      const prepared = this.#engine.prepare(parameters, exchange);
      if (prepared.operation.operation === OperationTypeNode.SUBSCRIPTION) throw subscriptionAsJson();
      const outcome = this.#engine.answer(prepared, parameters.variables, exchange);
      const answer = outcome instanceof Promise ? await outcome : outcome;
      return await this.#send(exchange, answer.text, statusOf(answer, exchange, type), type);
    } catch (thrown) {
      const { result, status } = refusalOf(thrown, exchange, type);
      return this.#send(exchange, JSON.stringify(result), status, type);
    }
  }

  #send({ request }: Exchange, text: string, status: number, type: string): MaybePromise<Response> {
    const headers: Record<string, string> = { "content-type": `${type}; charset=utf-8` };
    if (status === UNAUTHENTICATED) headers["www-authenticate"] = 'Bearer realm="binnacle"';
    return sendText(request, { text, status, headers });
  }
}

/** What stands in the way of running an operation, as a result and its HTTP status. */
export function refusalOf(
  thrown: unknown,
  exchange: Exchange,
  type: string,
): { result: FormattedExecutionResult; status: number } {
  const { correlationId } = exchange;
  if (thrown instanceof OperationRefused) {
    const errors = thrown.errors.map((error) => ({
      ...error,
      extensions: { ...error.extensions, correlationId },
    }));
    return {
      result: withoutSecrets({ errors }, exchange.scrub),
      status: type === RESPONSE_TYPE ? BAD_REQUEST : OK,
    };
  }
  const error = toAppError(thrown);
  exchange.error = error;
  const result = { errors: [presentAppError(error, correlationId)] };
  return { result: withoutSecrets(result, exchange.scrub), status: STATUS_OF_KIND[error.kind] };
}

const subscriptionAsJson = (): AppError =>
  new AppError(
    "invalid_request",
    "A subscription needs a WebSocket (graphql-transport-ws) or accept: text/event-stream.",
  );

/** What a request asks: its body, or its URL. @throws AppError `unsupported_media_type`, `body_too_large`, `invalid_request` */
export async function parametersOf(exchange: Exchange): Promise<GraphParameters> {
  const { request } = exchange;
  if (request.method === "POST") return readParameters(await readJson(exchange));
  return readUrlParameters(new URL(request.url).searchParams);
}

/** The status of an operation that was run. */
export function statusOf(
  { hasData }: Pick<GraphAnswer, "hasData">,
  { error }: Exchange,
  type: string,
): number {
  if (hasData) return OK;
  if (error) return STATUS_OF_KIND[error.kind];
  return type === RESPONSE_TYPE ? BAD_REQUEST : OK;
}

/** The better liked of the two types; application/json when the client does not say. */
function responseType(accept: string | null): string {
  if (accept === null || accept === JSON_TYPE || !accept.includes(RESPONSE_TYPE)) return JSON_TYPE;
  const weightOf = (type: string): number => {
    const part = accept.split(",").find((candidate) => candidate.trim().startsWith(type));
    if (part === undefined) return -1;
    return Number(/;\s*q=([\d.]+)/.exec(part)?.[1] ?? 1);
  };
  return weightOf(RESPONSE_TYPE) >= weightOf(JSON_TYPE) ? RESPONSE_TYPE : JSON_TYPE;
}
