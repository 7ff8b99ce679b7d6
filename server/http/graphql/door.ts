import { Type } from "@sinclair/typebox";
import type { Exchange } from "../exchange.ts";
import { guard, routes } from "../guard.ts";
import { type Socket, type SocketRoute, socketRoute } from "../socket.ts";
import type { GraphEndpoint } from "./endpoint.ts";
import type { GraphEngine } from "./engine.ts";
import { GRAPHQL_PATH } from "./path.ts";
import { OpenStreams } from "./streams.ts";

/** What graphql-ws calls the protocol of GraphQL over WebSocket. */
export const GRAPHQL_PROTOCOL = "graphql-transport-ws";
const MAX_MESSAGE_BYTES = 64 * 1024;

/** A socket that speaks the protocol; its state is kept by whoever speaks it. */
export type GraphSocket = Socket<Exchange>;

/** GraphQL with its modules evaluated. */
export interface OpenGraph {
  engine: GraphEngine;
  endpoint: GraphEndpoint;
  /** Answers what streams or shows: event streams, the explorer. */
  stream: (request: Request) => Promise<Response>;
  /** Speaks the protocol with a socket that is open. */
  sockets: {
    open(socket: GraphSocket): void;
    message(socket: GraphSocket, text: string): void;
    close(socket: GraphSocket, code: number, reason: string): void;
  };
}

/**
 * GraphQL as the edge knows it. Behind it lie modules that take a quarter of a start to evaluate, so they are evaluated
 * with the first request that needs them, which waits, or once the first other requests are answered.
 */
export class GraphDoor {
  readonly streams = new OpenStreams();
  readonly #load: (streams: OpenStreams) => Promise<OpenGraph>;
  #opening: Promise<OpenGraph> | undefined;
  #opened: OpenGraph | undefined;

  constructor(load: (streams: OpenStreams) => Promise<OpenGraph>) {
    this.#load = load;
  }

  /** Undefined until {@link open} has settled. */
  get opened(): OpenGraph | undefined {
    return this.#opened;
  }

  /** Evaluates the modules, once. */
  open(): Promise<OpenGraph> {
    this.#opening ??= this.#load(this.streams).then((opened) => {
      this.#opened = opened;
      return opened;
    });
    return this.#opening;
  }

  /** The routes that stream or show, as the router knows them. */
  routes() {
    const options = guard("open", {
      summary:
        "GraphQL: queries and mutations as JSON, subscriptions as an event stream, the explorer as a page",
      tags: ["graphql"],
      response: GraphqlAnswer,
    });
    const answer = async ({ request }: { request: Request }) => (await this.open()).stream(request);
    return routes("graphql")
      .get(GRAPHQL_PATH, answer, options)
      .post(GRAPHQL_PATH, answer, { ...options, parse: "none" });
  }

  /** The socket; the edge opens the graph before it lets one through. */
  socket(): SocketRoute {
    return socketRoute<Exchange>({
      path: GRAPHQL_PATH,
      access: "signed-in",
      summary: "GraphQL over WebSocket, protocol graphql-transport-ws",
      protocol: GRAPHQL_PROTOCOL,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      prepare: (_url, exchange) => exchange,
      open: (socket) => this.#opened?.sockets.open(socket),
      message: (socket, message) => this.#opened?.sockets.message(socket, String(message)),
      close: (socket, code, reason) => this.#opened?.sockets.close(socket, code, reason),
    });
  }
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
