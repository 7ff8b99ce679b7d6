import { type Client, createClient } from "graphql-ws";
import type { TestClient } from "./start-app.ts";

/** GraphQL over a WebSocket (graphql-transport-ws) with the credentials of `client`; opened by the first operation. */
export function openGraphSocket(client: TestClient): Client {
  class WithHeaders extends WebSocket {
    constructor(address: string, protocols: string | string[]) {
      super(address, { protocols, headers: client.headers } as unknown as string[]);
    }
  }
  const url = `${client.address.replace("http", "ws")}/graphql`;
  return createClient({ url, webSocketImpl: WithHeaders, retryAttempts: 0, lazy: true });
}
