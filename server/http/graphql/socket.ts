import {
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
} from "graphql";
import { makeServer } from "graphql-ws";
import { AppError, toAppError } from "../../errors/app-error.ts";
import { mapped } from "../../lib/mapped.ts";
import type { Probe } from "../../lib/probe.ts";
import type { Principal } from "../../security/principal.ts";
import type { RateLimits } from "../../security/rate-limits.ts";
import type { Exchange } from "../exchange.ts";
import { closeFor } from "../socket.ts";
import { GRAPHQL_PROTOCOL, type GraphSocket, type OpenGraph } from "./door.ts";
import { refusalOf } from "./endpoint.ts";
import type { GraphEngine } from "./engine.ts";
import { readParameters } from "./parameters.ts";
import { SocketOperation } from "./socket-operation.ts";

/** Operations one socket may have open. */
const MAX_OPERATIONS = 20;
const INIT_TIMEOUT_MS = 10_000;

/** What the protocol's server wants to hear of a socket. */
interface Conversation {
  onMessage: (text: string) => Promise<void>;
  onClosed: (code: number, reason: string) => Promise<void>;
}

interface PreparedArgs extends ExecutionArgs {
  run: () => Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;
}

/** GraphQL over WebSocket (the graphql-transport-ws protocol) on the same path as over HTTP. */
export function graphqlSockets(
  engine: GraphEngine,
  limits: Pick<RateLimits, "take">,
  probe: Probe,
): OpenGraph["sockets"] {
  const server = makeServer<Record<string, unknown>, { exchange: Exchange }>({
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onSubscribe: ({ extra, subscriptions }, _id, payload) => {
      const asked = new SocketOperation(probe, extra.exchange);
      const { exchange } = asked;
      try {
        countOperation(limits, exchange.principal);
        if (Object.keys(subscriptions).length > MAX_OPERATIONS) {
          throw new AppError("rate_limited", `At most ${MAX_OPERATIONS} operations at once on one socket.`);
        }
        const parameters = readParameters(payload);
        const prepared = engine.prepare(parameters, exchange);
        return {
          schema: engine.schema,
          document: prepared.document,
          ...(parameters.operationName === undefined ? {} : { operationName: parameters.operationName }),
          run: async () =>
            withErrors(await asked.run(() => engine.stream(prepared, parameters.variables, exchange))),
        } satisfies PreparedArgs;
      } catch (thrown) {
        const { result } = refusalOf(thrown, exchange, GRAPHQL_PROTOCOL);
        asked.end();
        return (result.errors ?? []).map(asError);
      }
    },
    execute: (args) => (args as PreparedArgs).run() as Promise<ExecutionResult>,
    subscribe: (args) => (args as PreparedArgs).run() as Promise<never>,
  });
  const conversations = new WeakMap<GraphSocket, Conversation>();
  return {
    open(socket) {
      const conversation: Conversation = {
        onMessage: async () => undefined,
        onClosed: async () => undefined,
      };
      conversation.onClosed = server.opened(
        {
          protocol: GRAPHQL_PROTOCOL,
          send: (text) => void socket.send(text),
          close: (code, reason) => socket.close(code, reason),
          onMessage: (listener) => {
            conversation.onMessage = listener;
          },
        },
        { exchange: socket.data.state },
      );
      conversations.set(socket, conversation);
    },
    message(socket, text) {
      conversations
        .get(socket)
        ?.onMessage(text)
        .catch((error: unknown) => {
          const failure = toAppError(error);
          engine.report(failure, socket.data.state);
          closeFor(socket, failure);
        });
    },
    close(socket, code, reason) {
      conversations
        .get(socket)
        ?.onClosed(code, reason)
        .catch(() => undefined);
    },
  };
}

/** An operation costs what it costs over HTTP: a socket is no way around the bucket. @throws AppError `rate_limited` */
function countOperation(limits: Pick<RateLimits, "take">, principal: Principal): void {
  if (principal.kind !== "token" && principal.kind !== "session") return;
  const verdict =
    principal.kind === "token"
      ? limits.take("graphql", principal.tokenId)
      : limits.take("dashboard", principal.sessionId);
  if (!verdict.allowed) throw new AppError("rate_limited", undefined, { retryAfterMs: verdict.retryAfterMs });
}

type Presented = Awaited<ReturnType<GraphEngine["stream"]>>;

/** The protocol's server serialises errors itself, from instances. */
function withErrors(outcome: Presented): ExecutionResult | AsyncIterable<ExecutionResult> {
  return Symbol.asyncIterator in outcome ? mapped(outcome, oneWithErrors) : oneWithErrors(outcome);
}

const oneWithErrors = ({ errors, data }: FormattedExecutionResult): ExecutionResult => ({
  ...(data === undefined ? {} : { data }),
  ...(errors ? { errors: errors.map(asError) } : {}),
});

function asError({ message, extensions, locations, path }: GraphQLFormattedError): GraphQLError {
  const error = new GraphQLError(message, { extensions: extensions ?? {}, path: path ?? null });
  return Object.defineProperty(error, "locations", { value: locations, enumerable: locations !== undefined });
}
