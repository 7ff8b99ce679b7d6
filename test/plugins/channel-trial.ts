import { join } from "node:path";
import type { Alert } from "binnacle";
import { type TrialReport, tryPlugin } from "../../server/cli/plugin/trial.ts";
import type { TlsPolicy } from "../../server/outbound/policy.ts";

const PLUGINS = join(import.meta.dirname, "../../plugins");
/** The process of a plugin starts and ends within it, on a machine that may be busy. */
export const LIMIT_MS = 60_000;

/** A message of two alerts, as the server hands it to a channel. */
export const ALERT = {
  id: "01900000-0000-7000-8000-000000000001",
  type: "disk_full",
  severity: "HIGH",
  state: "firing",
  title: "[HIGH] disk_full: 2 firing",
  message: "HIGH firing: sda is full <b>&\nLOW firing: sdb *soon*",
  labels: { host: "db1" },
  count: 2,
  group: "0123456789abcdef0123456789abcdef",
  reason: "change",
  route: "ops",
  link: "https://binnacle.example/alerts",
  createdAt: "2030-01-31T22:00:00.000Z",
  alerts: [],
} as const satisfies Partial<Alert> & { alerts: readonly unknown[] };

/** The same when all of it is over. */
export const RESOLVED = { ...ALERT, state: "resolved", title: "[HIGH] disk_full: 2 resolved" } as const;

/** Has a channel send an alert, in the real sandbox and through the real broker. */
export const sent = (
  id: string,
  config: Record<string, unknown>,
  alert: object = ALERT,
  tls?: TlsPolicy,
): Promise<TrialReport> =>
  tryPlugin({
    ...{ path: join(PLUGINS, id), input: { alert }, config, secrets: {} },
    ...{ grantsPermissions: true, isSandboxRequired: false, signal: new AbortController().signal },
    ...(tls ? { tls } : {}),
  });

/** A request as a service got it. */
export interface Received {
  method: string;
  path: string;
  headers: Headers;
  body: Record<string, unknown>;
  text: string;
}

/** A service that keeps what it is sent and answers as it is told. */
export class FakeService implements AsyncDisposable {
  readonly received: Received[] = [];
  answer: () => Response | Promise<Response> = () => new Response("ok");
  readonly #server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const text = await request.text();
      const { method, headers } = request;
      this.received.push({ method, path: pathname + search, headers, text, body: JSON.parse(text) });
      return this.answer();
    },
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** What it was sent last. */
  get last(): Received {
    const last = this.received.at(-1);
    if (!last) throw new Error("The service was sent nothing.");
    return last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}

/** What every channel over HTTP makes of answers: status and headers → what the outbox does. */
export const ANSWERS: readonly [what: string, answer: () => Response, outcome: Record<string, unknown>][] = [
  ["500", () => new Response("broken", { status: 500 }), { retryAfterMs: 0 }],
  [
    "429 with Retry-After",
    () => new Response("slow down", { status: 429, headers: { "retry-after": "7" } }),
    { retryAfterMs: 7_000 },
  ],
  ["400", () => new Response("invalid_payload", { status: 400 }), {}],
  ["a redirect", () => Response.redirect("http://elsewhere.example/", 302), {}],
  ["a huge answer", () => new Response("x".repeat(5_000_000), { status: 503 }), { retryAfterMs: 0 }],
];
