import { join } from "node:path";
import { type LoadRequest, load } from "./http-load.ts";

const ENTRY = join(import.meta.dirname, "edge-server.ts");
const WARM_UP = 3_000;
const REQUESTS = 5_000;
const ROUNDS = 12;

interface Started {
  port: number;
  barePort: number;
  authorization: string;
  /** Of a signed-in viewer. */
  cookie: string;
}

/** The application in a process of its own, so that what is measured is its CPU time and not the load generator's. */
export class EdgeProcess implements Disposable {
  readonly #process: Bun.Subprocess;
  readonly #answers: unknown[] = [];
  #hasEnded = false;
  #onAnswer: (() => void) | undefined;
  started: Started = { port: 0, barePort: 0, authorization: "", cookie: "" };

  private constructor(args: readonly string[]) {
    this.#process = Bun.spawn([process.execPath, ENTRY, ...args], {
      stdio: ["ignore", "inherit", "inherit"],
      ipc: (message) => {
        this.#answers.push(message);
        this.#onAnswer?.();
      },
      onExit: () => {
        this.#hasEnded = true;
        this.#onAnswer?.();
      },
    });
  }

  static async start(...args: string[]): Promise<EdgeProcess> {
    const edge = new EdgeProcess(args);
    edge.started = (await edge.#next()) as Started;
    return edge;
  }

  /**
   * Server CPU microseconds a request: the least of rounds that take turns. Other work on the machine can only add to
   * CPU time (cold caches, a shared core), so the least is nearest to what the request itself costs.
   */
  async measure<Name extends string>(
    requests: Readonly<Record<Name, { port: number; request: LoadRequest }>>,
  ): Promise<Record<Name, number>> {
    const names = Object.keys(requests) as Name[];
    const rounds = new Map<Name, number[]>(names.map((name) => [name, []]));
    for (const name of names) await load(requests[name].port, requests[name].request, WARM_UP);
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of names) {
        const before = await this.#cpuMicroseconds();
        await load(requests[name].port, requests[name].request, REQUESTS);
        rounds.get(name)?.push(((await this.#cpuMicroseconds()) - before) / REQUESTS);
      }
    }
    return Object.fromEntries(names.map((name) => [name, Math.min(...(rounds.get(name) ?? []))])) as Record<
      Name,
      number
    >;
  }

  /** Has the process record operations, or not. */
  async setRecording(isOn: boolean): Promise<void> {
    this.#process.send(isOn ? "record" : "ignore");
    await this.#next();
  }

  /** Server CPU microseconds a request, over `count` of them. */
  async spend(port: number, request: LoadRequest, count: number): Promise<number> {
    const before = await this.#cpuMicroseconds();
    await load(port, request, count);
    return ((await this.#cpuMicroseconds()) - before) / count;
  }

  [Symbol.dispose](): void {
    this.#process.kill();
  }

  async #cpuMicroseconds(): Promise<number> {
    this.#process.send("cpu");
    return ((await this.#next()) as { cpuMicroseconds: number }).cpuMicroseconds;
  }

  async #next(): Promise<unknown> {
    while (this.#answers.length === 0) {
      if (this.#hasEnded) throw new Error("The server under load has ended.");
      await new Promise<void>((resolve) => {
        this.#onAnswer = resolve;
      });
    }
    return this.#answers.shift();
  }
}

const USERS_PATH = "/api/v3/users?limit=10";
const USERS_QUERY =
  "query Users($limit: Int) { users(limit: $limit) { items { id name role createdAt lastSignInAt disabled } nextCursor } }";

/** The same ten rows by every way there is. */
export function userRequests({ port, barePort, authorization }: Started) {
  const headers = { authorization };
  const body = JSON.stringify({ query: USERS_QUERY, variables: { limit: 10 } });
  return {
    bare: { port: barePort, request: { method: "GET", path: "/", headers } },
    rest: { port, request: { method: "GET", path: USERS_PATH, headers } },
    graphql: { port, request: { method: "POST", path: "/graphql", headers, body } },
  } as const;
}
