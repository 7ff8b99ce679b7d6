import { join, normalize } from "node:path";
import type { ServerWebSocket } from "bun";
import { ROLES } from "../../schema/rules/scopes.ts";
import { FakePlugins } from "./fake-plugins.ts";
import { FAKE_SERIES } from "./fake-series.ts";

const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
  "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
const RAW_STEP_MS = 5000;
const PASSWORD = "correct horse";

export interface FakeApiOptions {
  port?: number;
  /** Folder of the built dashboard; without it only the API answers. */
  webFolder?: string;
  /** Seconds between live samples; 0 sends only what `sample()` asks for. */
  sampleSeconds?: number;
  isSignedIn?: boolean;
  needsSetUp?: boolean;
}

/** What a socket of the fake server is for. */
type FakeSocket = ServerWebSocket<{ isGraph: boolean }>;

interface FakeRecord {
  id: string;
  [field: string]: unknown;
}

/** A stand-in for the server's REST and live-metrics contract, for developing and testing the dashboard. */
export class FakeApi {
  readonly url: string;
  version = "0.1.0";
  isSignedIn: boolean;
  needsSetUp: boolean;
  readonly requests: string[] = [];
  readonly sockets = new Set<FakeSocket>();
  readonly plugins = new FakePlugins();
  readonly #server: Bun.Server<{ isGraph: boolean }>;
  readonly #webFolder: string | undefined;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  readonly #bootedAt = Date.now();
  #seq = 0;
  #users: FakeRecord[];
  #tokens: FakeRecord[];
  #sessions: FakeRecord[];

  constructor(options: FakeApiOptions = {}) {
    this.#webFolder = options.webFolder;
    this.isSignedIn = options.isSignedIn ?? true;
    this.needsSetUp = options.needsSetUp ?? false;
    this.#users = fakeUsers(this.#bootedAt);
    this.#tokens = fakeTokens(this.#bootedAt);
    this.#sessions = fakeSessions(this.#bootedAt);
    this.#server = Bun.serve<{ isGraph: boolean }>({
      port: options.port ?? 0,
      hostname: "127.0.0.1",
      fetch: (request, server) => {
        const url = new URL(request.url);
        const isGraph = url.pathname === "/graphql";
        const isSocket = isGraph || url.pathname === "/api/v3/ws/live-metrics";
        if (isSocket && this.isSignedIn && server.upgrade(request, { data: { isGraph } })) return undefined;
        return this.#answer(request, url);
      },
      websocket: {
        open: (socket) => {
          if (socket.data.isGraph) return;
          this.sockets.add(socket);
          this.#sendSnapshot(socket);
        },
        close: (socket) => {
          this.sockets.delete(socket);
        },
        message: (socket, text) => {
          if (String(text).includes("connection_init"))
            socket.send(JSON.stringify({ type: "connection_ack" }));
        },
      },
    });
    this.url = `http://127.0.0.1:${this.#server.port}`;
    const seconds = options.sampleSeconds ?? 0;
    if (seconds > 0) this.#timer = setInterval(() => this.sample(), seconds * 1000);
  }

  /** Sends one delta to every socket. */
  sample(atMs = Date.now()): void {
    this.#seq += 1;
    const values = Object.fromEntries(FAKE_SERIES.map(({ id, valueAt }) => [id, valueAt(atMs)]));
    const text = JSON.stringify({ type: "delta", seq: this.#seq, at: atMs, values });
    for (const socket of this.sockets) socket.send(text);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#server.stop(true);
  }

  #sendSnapshot(socket: FakeSocket): void {
    const at = Date.now();
    this.#seq += 1;
    const series = FAKE_SERIES.map(({ id, key, name, labels, unit }) => ({ id, key, name, labels, unit }));
    const values = Object.fromEntries(FAKE_SERIES.map(({ id, valueAt }) => [id, valueAt(at)]));
    socket.send(JSON.stringify({ type: "snapshot", seq: this.#seq, at, intervalSeconds: 5, series, values }));
  }

  async #answer(request: Request, url: URL): Promise<Response> {
    this.requests.push(`${request.method} ${url.pathname}`);
    if (!url.pathname.startsWith("/api/")) return this.#asset(url.pathname);
    const isJson = request.headers.get("content-type")?.includes("json") === true;
    const body: unknown = isJson ? await request.json() : {};
    const fields = new Map(Object.entries(typeof body === "object" && body !== null ? body : {}));
    const isOpen =
      url.pathname === "/api/v3/setup" ||
      url.pathname === "/api/v3/sign-in" ||
      (url.pathname === "/api/v3/session" && request.method === "POST");
    if (!this.isSignedIn && !isOpen) return problem(401, "sign_in_needed", "Sign in first.");
    const ofPlugins = this.plugins.answer(request.method, url.pathname, fields);
    if (ofPlugins !== undefined) return ofPlugins;
    const [, , , area = "", id] = url.pathname.split("/");
    switch (`${request.method} ${area}`) {
      case "GET setup":
        return Response.json({ needed: this.needsSetUp, signedIn: this.isSignedIn, anonymousScopes: [] });
      case "POST setup":
        if (fields.get("token") !== "good")
          return problem(403, "setup_link_invalid", "This set-up link is used, expired or mistyped.");
        this.needsSetUp = false;
        this.isSignedIn = true;
        return Response.json(this.#session());
      case "POST session":
        if (fields.get("password") !== PASSWORD)
          return problem(401, "sign_in_refused", "Name or password is wrong.");
        this.isSignedIn = true;
        return Response.json(this.#session());
      case "GET session":
        return Response.json(this.#session());
      case "DELETE session":
        this.isSignedIn = false;
        return new Response(null, { status: 204 });
      case "GET system":
        return Response.json(this.#system());
      case "GET processes":
        return Response.json(fakeProcesses());
      case "GET metrics":
        return id === "query" ? Response.json(history(url)) : Response.json(seriesPage(url));
      case "GET sign-in":
      case "GET identities":
        return Response.json({ items: [], nextCursor: null });
      case "GET roles":
        return listed(Object.entries(ROLES).map(([name, role]) => ({ name, ...role, builtIn: true })));
      default:
        return this.#people(request.method, area, id, fields);
    }
  }

  #people(method: string, area: string, id: string | undefined, fields: Map<string, unknown>): Response {
    const now = new Date().toISOString();
    switch (`${method} ${area}`) {
      case "GET users":
        return listed(this.#users);
      case "POST users": {
        if (this.#users.some((user) => user.name === fields.get("name")))
          return problem(409, "user_exists", "Somebody has this name already.");
        const user = {
          id: crypto.randomUUID(),
          name: fields.get("name"),
          role: fields.get("role"),
          createdAt: now,
          lastSignInAt: null,
          disabled: false,
          hasPassword: true,
        };
        this.#users = [...this.#users, user];
        return Response.json(user, { status: 201 });
      }
      case "PATCH users": {
        this.#users = this.#users.map((user) =>
          user.id === id ? { ...user, ...Object.fromEntries(fields) } : user,
        );
        return Response.json(this.#users.find((user) => user.id === id));
      }
      case "DELETE users":
        this.#users = this.#users.filter((user) => user.id !== id);
        return new Response(null, { status: 204 });
      case "PUT users":
        return new Response(null, { status: 204 });
      case "GET tokens":
        return listed(this.#tokens);
      case "POST tokens": {
        const token = {
          id: crypto.randomUUID(),
          name: fields.get("name"),
          userId: "u1",
          userName: "mara.klein",
          scopes: fields.get("scopes"),
          prefix: "bnc_9fk2",
          createdAt: now,
          expiresAt: null,
          lastUsedAt: null,
        };
        this.#tokens = [token, ...this.#tokens];
        return Response.json({ ...token, token: "bnc_9fk2Qm4vXrT8sZbNcWpLyHdE" }, { status: 201 });
      }
      case "DELETE tokens":
        this.#tokens = this.#tokens.filter((token) => token.id !== id);
        return new Response(null, { status: 204 });
      case "GET sessions":
        return listed(this.#sessions);
      case "DELETE sessions":
        this.#sessions = this.#sessions.filter((session) => session.id !== id);
        return new Response(null, { status: 204 });
      default:
        return problem(404, "not_found", "There is nothing at this path.");
    }
  }

  #session(): object {
    return {
      user: this.#users[0],
      scopes: ["*"],
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    };
  }

  #system(): object {
    return {
      hostname: "web-1",
      os: "Debian GNU/Linux 13",
      kernel: "6.12.0",
      arch: "x64",
      cpuModel: "AMD EPYC 7763",
      cores: 2,
      memoryBytes: 24 * 1024 ** 3,
      bootedAt: new Date(this.#bootedAt - 41 * 86_400_000).toISOString(),
      version: this.version,
      commit: "0000000",
      builtAt: "2026-01-01T00:00:00.000Z",
      startedAt: new Date(this.#bootedAt - 3 * 3_600_000).toISOString(),
      dataFolder: "/srv/binnacle-data",
    };
  }

  async #asset(pathname: string): Promise<Response> {
    const headers = { "content-security-policy": CSP };
    if (this.#webFolder === undefined) return new Response("Not found", { status: 404, headers });
    const asset = Bun.file(join(this.#webFolder, normalize(pathname)));
    const isPage = pathname === "/" || !(await asset.exists());
    return new Response(isPage ? Bun.file(join(this.#webFolder, "index.html")) : asset, { headers });
  }
}

function listed(items: readonly unknown[]): Response {
  return Response.json({ items, nextCursor: null });
}

function problem(status: number, code: string, detail: string): Response {
  return Response.json(
    {
      type: "about:blank",
      title: "The request was refused",
      status,
      detail,
      code,
      correlationId: "fake-0001",
    },
    { status, headers: { "content-type": "application/problem+json" } },
  );
}

function seriesPage(url: URL): object {
  const search = (url.searchParams.get("search") ?? "").toLowerCase();
  const items = FAKE_SERIES.filter(({ key }) => key.includes(search)).map(({ id, valueAt, ...series }) => ({
    ...series,
    help: `What ${series.name.replaceAll("_", " ")} is.`,
    kind: "gauge",
    firstSeenAt: new Date(valueAt(0) * 0 + id).toISOString(),
    lastSeenAt: new Date().toISOString(),
  }));
  return { items, nextCursor: null };
}

/** Buckets of at least one raw step; every bucket's extremes come from the raw samples within (at most 20 looked at). */
function history(url: URL): object {
  const from = Number(url.searchParams.get("from"));
  const to = Number(url.searchParams.get("to"));
  const points = Number(url.searchParams.get("points") ?? 500);
  const stepMs = Math.max(RAW_STEP_MS, Math.ceil((to - from) / points / RAW_STEP_MS) * RAW_STEP_MS);
  const t: number[] = [];
  for (let at = Math.ceil(from / stepMs) * stepMs; at <= to; at += stepMs) t.push(at);
  const series = url.searchParams.getAll("series").flatMap((key) => {
    const found = FAKE_SERIES.find((entry) => entry.key === key);
    if (found === undefined) return [];
    const samples = Math.min(20, stepMs / RAW_STEP_MS);
    const buckets = t.map((at) =>
      Array.from({ length: samples }, (_, index) => found.valueAt(at + (index * stepMs) / samples)),
    );
    const { name, labels, unit } = found;
    const avg = buckets.map((bucket) => bucket.reduce((sum, value) => sum + value, 0) / bucket.length);
    return [
      {
        key,
        name,
        labels,
        unit,
        resolution: stepMs > 60_000 ? "1m" : "raw",
        stepMs,
        t,
        min: buckets.map((bucket) => Math.min(...bucket)),
        max: buckets.map((bucket) => Math.max(...bucket)),
        avg,
        last: avg.at(-1) ?? null,
      },
    ];
  });
  return { from, to, series };
}

function fakeProcesses(): object {
  const names = [
    "postgres",
    "node",
    "caddy",
    "redis-server",
    "python3",
    "binnacle",
    "containerd",
    "sshd",
    "cron",
    "journald",
    "rsyslogd",
  ];
  const items = names.map((name, index) => ({
    pid: 400 + index * 37,
    name,
    command: `/usr/bin/${name} --serve`,
    user: index % 3 === 0 ? "root" : "app",
    cpuPercent: Math.max(0, 18 - index * 1.9),
    memoryBytes: (900 - index * 74) * 1024 ** 2,
    threads: 4 + index,
    startedAt: new Date(Date.now() - (index + 1) * 7_200_000).toISOString(),
  }));
  return { at: Date.now(), items };
}

function ago(now: number, ms: number): string {
  return new Date(now - ms).toISOString();
}

const DAY_MS = 86_400_000;

function fakeUsers(now: number): FakeRecord[] {
  return [
    {
      id: "u1",
      name: "mara.klein",
      role: "admin",
      createdAt: ago(now, 120 * DAY_MS),
      lastSignInAt: ago(now, 600_000),
      disabled: false,
      hasPassword: true,
    },
    {
      id: "u2",
      name: "jonas",
      role: "operator",
      createdAt: ago(now, 80 * DAY_MS),
      lastSignInAt: ago(now, 2 * DAY_MS),
      disabled: false,
      hasPassword: true,
    },
    {
      id: "u3",
      name: "board",
      role: "viewer",
      createdAt: ago(now, 40 * DAY_MS),
      lastSignInAt: null,
      disabled: true,
      hasPassword: true,
    },
  ];
}

function fakeTokens(now: number): FakeRecord[] {
  const owner = { userId: "u1", userName: "mara.klein" };
  return [
    {
      id: "t1",
      name: "backup script",
      ...owner,
      scopes: ["metrics:read", "system:read"],
      prefix: "bnc_4hd8",
      createdAt: ago(now, 30 * DAY_MS),
      expiresAt: ago(now, -60 * DAY_MS),
      lastUsedAt: ago(now, 3_600_000),
    },
    {
      id: "t2",
      name: "deploy",
      ...owner,
      scopes: ["*"],
      prefix: "bnc_x2p0",
      createdAt: ago(now, 300 * DAY_MS),
      expiresAt: null,
      lastUsedAt: null,
    },
  ];
}

function fakeSessions(now: number): FakeRecord[] {
  const owner = { userId: "u1", userName: "mara.klein" };
  return [
    {
      id: "s1",
      ...owner,
      createdAt: ago(now, 600_000),
      lastSeenAt: ago(now, 1000),
      expiresAt: ago(now, -7 * DAY_MS),
      address: "10.0.0.7",
      userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
      current: true,
    },
    {
      id: "s2",
      ...owner,
      createdAt: ago(now, 3 * DAY_MS),
      lastSeenAt: ago(now, DAY_MS),
      expiresAt: ago(now, -4 * DAY_MS),
      address: "10.0.0.31",
      userAgent:
        "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Mobile Safari/604.1",
      current: false,
    },
  ];
}
