import { yoga } from "@elysiajs/graphql-yoga";
import { Elysia } from "elysia";
import { type FormattedExecutionResult, GraphQLBoolean, GraphQLObjectType, GraphQLSchema } from "graphql";
import type { Plugin } from "graphql-yoga";
import { mapped } from "../../lib/mapped.ts";
import { exchangeOf } from "../exchange.ts";
import { parametersOf, RESPONSE_TYPE, refusalOf, statusOf } from "./endpoint.ts";
import type { GraphEngine } from "./engine.ts";
import { explorerPage } from "./explorer.ts";
import { GRAPHQL_PATH } from "./path.ts";
import type { OpenStreams } from "./streams.ts";

/** What Yoga is told it has read, and of which schema: the engine's own is made when it is first needed. */
const STAND_IN = { query: "{ __typename }" };
const STAND_IN_SCHEMA = new GraphQLSchema({
  query: new GraphQLObjectType({ name: "Query", fields: { unused: { type: GraphQLBoolean } } }),
});

/** Answers what streams or shows: Yoga speaks HTTP, the engine runs the operations. */
export function graphqlStreaming(
  engine: GraphEngine,
  streams: OpenStreams,
): (request: Request) => Promise<Response> {
  const routes = new Elysia({ name: "graphql-streaming" }).use(
    yoga({
      path: GRAPHQL_PATH,
      schema: STAND_IN_SCHEMA,
      plugins: [throughEngine(engine, streams)],
      graphiql: true,
      renderGraphiQL: explorerPage,
      landingPage: false,
      multipart: false,
      batching: false,
      // Its limiter takes the body away from our reader, which has the limits.
      maxRequestBodySize: false,
      maskedErrors: false,
      logging: false,
    }),
  );
  return async (request) => routes.handle(request);
}

/**
 * Replaces Yoga's reading, parsing, validation and execution by the engine's, so that every transport has the same
 * limits. What stands in the way of running is a refusal by status too: no stream was opened.
 */
function throughEngine(engine: GraphEngine, streams: OpenStreams): Plugin {
  return {
    onRequestParse: ({ setRequestParser }) => setRequestParser(() => STAND_IN),
    onParams({ setParamsHandler }) {
      setParamsHandler(async ({ request }) => {
        const exchange = exchangeOf(request);
        try {
          const parameters = await parametersOf(exchange);
          const prepared = engine.prepare(parameters, exchange);
          const outcome = await engine.stream(prepared, parameters.variables, exchange);
          if (Symbol.asyncIterator in outcome) return streams.attach(exchange, mapped(outcome, asResult));
          const hasData = outcome.data !== null && outcome.data !== undefined;
          return withStatus(outcome, statusOf({ hasData }, exchange, RESPONSE_TYPE));
        } catch (thrown) {
          const { result, status } = refusalOf(thrown, exchange, RESPONSE_TYPE);
          return withStatus(result, status);
        }
      });
    },
  };
}

type YogaResult = import("graphql").ExecutionResult;

/** Errors are formatted already; Yoga only serialises them. */
const asResult = (result: FormattedExecutionResult): YogaResult => result as YogaResult;

/** Yoga takes the status out of the extensions before it serialises them. */
const withStatus = (result: FormattedExecutionResult, status: number): YogaResult =>
  asResult({ ...result, extensions: { ...result.extensions, http: { status } } });
