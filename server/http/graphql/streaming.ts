import { yoga } from "@elysiajs/graphql-yoga";
import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { FormattedExecutionResult } from "graphql";
import type { Plugin } from "graphql-yoga";
import { exchangeOf } from "../exchange.ts";
import { guard } from "../guard.ts";
import { GRAPHQL_PATH, refusalOf } from "./endpoint.ts";
import type { GraphEngine } from "./engine.ts";
import { explorerPage } from "./explorer.ts";
import { readParameters } from "./parameters.ts";
import type { OpenStreams } from "./streams.ts";

/** The routes of GraphQL that stream or show: Yoga speaks HTTP, the engine runs the operations. */
export function graphqlRoutes(engine: GraphEngine, streams: OpenStreams) {
  const summary =
    "GraphQL: queries and mutations as JSON, subscriptions as an event stream, the explorer as a page";
  return new Elysia({ name: "graphql" }).guard(
    guard("open", { summary, tags: ["graphql"], response: GraphqlAnswer }),
    (app) =>
      app.use(
        yoga({
          path: GRAPHQL_PATH,
          schema: engine.schema,
          plugins: [throughEngine(engine, streams)],
          graphiql: true,
          renderGraphiQL: explorerPage,
          landingPage: false,
          multipart: false,
          batching: false,
          maskedErrors: false,
          logging: false,
        }),
      ),
  );
}

/** Replaces Yoga's parsing, validation and execution by the engine's, so that every transport has the same limits. */
function throughEngine(engine: GraphEngine, streams: OpenStreams): Plugin {
  return {
    onParams({ setParamsHandler }) {
      setParamsHandler(async ({ params, request }) => {
        const exchange = exchangeOf(request);
        try {
          const parameters = readParameters(params);
          const prepared = engine.prepare(parameters, exchange);
          const outcome = await engine.stream(prepared, parameters.variables, exchange);
          if (!(Symbol.asyncIterator in outcome)) return asResult(outcome);
          return streams.attach(exchange.principal, mapResults(outcome));
        } catch (thrown) {
          return asResult(refusalOf(thrown, exchange, "text/event-stream").result);
        }
      });
    },
  };
}

const GraphqlAnswer = Type.Object({
  data: Type.Optional(Type.Unsafe<unknown>({ description: "What was asked for" })),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        message: Type.String(),
        extensions: Type.Object({ code: Type.String(), correlationId: Type.String() }),
      }),
    ),
  ),
});

type YogaResult = import("graphql").ExecutionResult;

/** Errors are formatted already; Yoga only serialises them. */
const asResult = (result: FormattedExecutionResult): YogaResult => result as YogaResult;

async function* mapResults(results: AsyncIterable<FormattedExecutionResult>): AsyncGenerator<YogaResult> {
  for await (const result of results) yield asResult(result);
}
