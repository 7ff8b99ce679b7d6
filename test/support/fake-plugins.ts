import { VERBS_OF_STATE } from "../../schema/rules/plugins.ts";
import type {
  Approval,
  HealthRecord,
  LogLine,
  Panel,
  Permission,
  Plugin,
  PluginConfig,
  PluginDetail,
} from "../../web/data/plugins-types.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MIB = 1024 ** 2;
const DIGEST = "9f2c4b7e11aa5530c8d6e2f4b1a09c7d3e5f8812046b9acde7710f3c52d8e6a4";
const NEW_DIGEST = "1b7d90c2e4f35566aa0918bcde77102f3c52d8e6a49f2c4b7e11aa5530c8d6e2";

const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const grant = (kind: Permission["kind"], text: string, why: string, granted = true): Permission => ({
  kind,
  text,
  why,
  granted,
});

/** A plugin as the server would list it, with what a test says of it. */
export function fakePlugin(change: Partial<Plugin> = {}): Plugin {
  const state = change.state ?? "active";
  const hasProcess = state === "active" || state === "paused" || state === "initialized";
  return {
    id: "echo",
    name: "Echo",
    version: "1.0.0",
    type: "task",
    description: "Gives back what it is given",
    author: "Ann Author",
    origin: "folder",
    state,
    status: hasProcess ? "RUNNING" : "IDLE",
    enabled: true,
    health: hasProcess ? "healthy" : "unknown",
    healthCheckedAt: hasProcess ? ago(60_000) : null,
    block: null,
    quarantine: null,
    level: hasProcess ? "full" : null,
    pid: hasProcess ? 4_711 : null,
    startedAt: hasProcess ? ago(3 * HOUR_MS) : null,
    uptimeSeconds: hasProcess ? 3 * 3_600 : 0,
    calls: 0,
    errors: 0,
    errorRate: 0,
    lastError: null,
    cpuPercent: hasProcess ? 0.4 : null,
    memoryBytes: hasProcess ? 11.2 * MIB : null,
    callsUnderWay: 0,
    permissions: [],
    needsApproval: false,
    capabilities: [],
    collection: null,
    hooks: [],
    panels: [],
    dependencies: [],
    registeredBy: "user/mara.klein",
    registeredAt: ago(60 * 24 * HOUR_MS),
    changedBy: "user/mara.klein",
    changedAt: ago(26 * HOUR_MS),
    verbs: [...VERBS_OF_STATE[state]],
    ...change,
  };
}

/** The same with what its own page shows. */
const fakeDetail = (plugin: Plugin, change: Partial<PluginDetail> = {}): PluginDetail => ({
  ...plugin,
  license: "MIT",
  homepage: "https://example.com/plugins",
  contractFormat: "native",
  activation: "lazy",
  config: { revision: "", schema: null, values: {}, secrets: [], locked: [] },
  limits: { timeoutMs: 300_000, memoryBytes: 256 * MIB, concurrency: 5, outputBytes: 16 * MIB },
  digest: DIGEST,
  signedBy: null,
  files: [{ path: "index.ts", sha256: DIGEST, sizeBytes: 2_310 }],
  stderrTail: [],
  decisions: [],
  ...change,
});

/** Text that would be markup, a script's address or a deception, were it taken for more than text. */
export const HOSTILE = {
  markup: `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`,
  turned: "safe\u202Egpj.exe\u200B",
  link: "javascript:document.title='owned'",
} as const;

const PANELS: Panel[] = [
  {
    id: "requests",
    title: "Requests",
    kind: "metric",
    series: ["plugin_http_check_response_seconds"],
    input: null,
    columns: [],
    schema: null,
    place: "overview",
  },
  {
    id: "slowest",
    title: "Slowest pages",
    kind: "table",
    series: [],
    input: { list: "slowest" },
    columns: [
      { field: "page", title: "Page" },
      { field: "seconds", title: "Seconds" },
    ],
    schema: null,
    place: "plugin",
  },
  {
    id: "up",
    title: "Pages up",
    kind: "stat",
    series: [],
    input: { count: true },
    columns: [],
    schema: null,
    place: "plugin",
  },
  {
    id: "try",
    title: "Check a page now",
    kind: "form",
    series: [],
    input: null,
    columns: [],
    schema: {
      type: "object",
      required: ["url"],
      properties: {
        url: { type: "string", format: "uri", title: "Address" },
        method: { enum: ["GET", "HEAD"], default: "GET", title: "Method" },
      },
    },
    place: "plugin",
  },
];

/** Plugins in every state that asks for a different look. */
export function fakePlugins(): Plugin[] {
  return [
    fakePlugin({
      id: "http-check",
      name: "HTTP check",
      type: "monitor",
      origin: "bundled",
      description: "Asks pages whether they answer, and how fast",
      author: "Binnacle",
      version: "1.0.0",
      calls: 18_402,
      errors: 3,
      errorRate: 0.001,
      cpuPercent: 1.2,
      permissions: [
        grant("net", "status.example.com:443", "The page that is checked"),
        grant("net", "api.example.com:443", "The page that is checked"),
      ],
      panels: PANELS,
      capabilities: ["http"],
    }),
    fakePlugin({
      id: "slack-alerts",
      name: "Slack alerts",
      type: "alert",
      origin: "installed",
      description: "Sends alerts to a channel",
      state: "quarantined",
      status: "ERROR",
      health: "unhealthy",
      version: "2.1.0",
      calls: 611,
      errors: 9,
      errorRate: 1,
      quarantine: {
        reason: "3 crashes in 5 minutes: TypeError: channel is undefined (index.ts:41)",
        at: ago(38 * MINUTE_MS),
      },
      lastError: {
        code: "plugin_crashed",
        message: "TypeError: channel is undefined at send (index.ts:41:18)",
        at: ago(38 * MINUTE_MS),
        correlationId: "01JD4Z8K2V3Q9H7M5N6P8R0S1T",
      },
      permissions: [
        grant("net", "hooks.slack.com:443", "To post alerts"),
        grant("secrets", "SLACK_TOKEN", "The token of your workspace"),
        grant("hooks", "alert.*", "To know of alerts"),
      ],
    }),
    fakePlugin({
      id: "s3-backup",
      name: "S3 backup",
      type: "backup",
      origin: "installed",
      description: "Keeps backups in a bucket",
      version: "1.3.0",
      calls: 122,
      memoryBytes: 18.4 * MIB,
      block: {
        code: "awaiting_approval",
        message: "Version 1.4.0 asks for 2 permissions more; version 1.3.0 runs on.",
      },
      needsApproval: true,
      permissions: [
        grant("net", "s3.eu-central-1.amazonaws.com:443", "Where the bucket is"),
        grant("secrets", "S3_KEY", "The key of the bucket"),
      ],
    }),
    fakePlugin({
      id: "ssl-watch",
      name: "Certificate watch",
      type: "monitor",
      description: "Warns before certificates expire",
      health: "degraded",
      version: "0.4.2",
      calls: 4_120,
      errors: 41,
      errorRate: 0.02,
      level: "strong",
      permissions: [
        grant("net", "shop.example.com:443", "Its certificate"),
        grant("read", "/etc/ssl/certs", "Local certificates"),
      ],
      dependencies: [{ id: "http-check", range: "^1.0.0", satisfied: true }],
    }),
    fakePlugin({
      id: "prom-query",
      name: "Prometheus query",
      type: "query",
      state: "unloaded",
      status: "ERROR",
      version: "0.9.0",
      description: "Answers queries from a Prometheus server",
      block: { code: "failed", message: "initialize() threw: connect ECONNREFUSED 10.0.0.4:9090" },
    }),
    fakePlugin({
      id: "header-guard",
      name: "Header guard",
      type: "middleware",
      state: "paused",
      status: "PAUSED",
      version: "1.1.0",
      description: "Refuses requests without a tenant",
      calls: 92_001,
      permissions: [grant("middleware", "every request", "It looks at the tenant header")],
    }),
    fakePlugin({
      id: "text-processing",
      name: "Text processing",
      origin: "bundled",
      state: "loaded",
      author: "Binnacle",
      description: "Counts, trims, searches and replaces in texts",
      calls: 12,
    }),
    fakePlugin({
      id: "validation",
      name: "Validation",
      origin: "bundled",
      state: "inactive",
      status: "STOPPED",
      enabled: false,
      author: "Binnacle",
      description: "Checks values by JSON Schema",
    }),
    fakePlugin({
      id: "odd",
      name: HOSTILE.markup,
      description: HOSTILE.turned,
      author: HOSTILE.markup,
      version: "1.0.0",
      state: "active",
      permissions: [grant("net", HOSTILE.turned, HOSTILE.markup)],
      panels: [
        {
          id: "odd",
          title: HOSTILE.markup,
          kind: "table",
          series: [],
          input: null,
          columns: [],
          schema: null,
          place: "plugin",
        },
      ],
    }),
  ];
}

const FAKE_CONFIG: PluginConfig = {
  revision: "r1",
  schema: {
    type: "object",
    required: ["endpoint", "intervalSeconds"],
    properties: {
      endpoint: { type: "string", format: "uri", title: "Endpoint", description: "Where to ask" },
      intervalSeconds: {
        type: "integer",
        minimum: 5,
        maximum: 3600,
        default: 60,
        title: "Interval",
        description: "Seconds between two checks",
      },
      method: { type: "string", enum: ["GET", "HEAD", "POST"], default: "GET", title: "Method" },
      followRedirects: { type: "boolean", default: true, title: "Follow redirects" },
      token: { type: "string", writeOnly: true, title: "Token", description: "Sent as a bearer token" },
      expect: {
        type: "array",
        uniqueItems: true,
        items: { type: "integer", minimum: 100, maximum: 599 },
        maxItems: 5,
        title: "Accepted statuses",
      },
      notify: { type: "array", uniqueItems: true, items: { enum: ["mail", "chat", "pager"] }, title: "Tell" },
      smtp: {
        type: "object",
        title: "Mail",
        description: "How reports leave",
        required: ["host"],
        properties: {
          host: { type: "string", format: "hostname", title: "Host" },
          port: { type: "integer", minimum: 1, maximum: 65535, default: 587, title: "Port" },
          password: { type: "string", writeOnly: true, title: "Password" },
        },
      },
      labels: { type: "object", additionalProperties: { type: "string" }, title: "Labels" },
    },
  },
  values: {
    endpoint: "https://status.example.com/health",
    intervalSeconds: 30,
    method: "GET",
    followRedirects: true,
    expect: [200, 204],
    notify: ["mail"],
    smtp: { host: "mail.example.com", port: 587 },
    labels: { team: "web" },
  },
  secrets: [
    { path: "token", isSet: true },
    { path: "smtp.password", isSet: false },
  ],
  locked: [{ path: "smtp.host", origin: "binnacle.yaml, line 31" }],
};

const HOSTILE_CONFIG: PluginConfig = {
  revision: "r1",
  schema: {
    type: "object",
    title: HOSTILE.markup,
    properties: Object.fromEntries([
      [
        "<b>name</b>",
        { type: "string", title: HOSTILE.markup, description: HOSTILE.markup, pattern: "^(a+)+$" },
      ],
      ["choice", { enum: [HOSTILE.markup, HOSTILE.turned], title: HOSTILE.turned }],
      ["__proto__", { type: "string", title: "proto" }],
    ]),
  },
  values: { "<b>name</b>": HOSTILE.markup, choice: HOSTILE.markup },
  secrets: [],
  locked: [{ path: "choice", origin: HOSTILE.markup }],
};

/** What the page of each plugin shows. */
export function fakeDetailOf(plugin: Plugin): PluginDetail {
  switch (plugin.id) {
    case "http-check":
      return fakeDetail(plugin, {
        config: FAKE_CONFIG,
        decisions: [
          { kind: "fetch", allowed: 18_390, denied: 12 },
          { kind: "state", allowed: 402, denied: 0 },
        ],
      });
    case "slack-alerts":
      return fakeDetail(plugin, {
        signedBy: "acme-2026",
        stderrTail: [
          "TypeError: channel is undefined",
          "    at send (index.ts:41:18)",
          "    at invoke (host:112:9)",
        ],
      });
    case "odd":
      return fakeDetail(plugin, {
        homepage: HOSTILE.link,
        license: HOSTILE.markup,
        config: HOSTILE_CONFIG,
        stderrTail: [HOSTILE.markup, HOSTILE.turned],
        decisions: [{ kind: HOSTILE.markup, allowed: 1, denied: 1 }],
      });
    default:
      return fakeDetail(plugin);
  }
}

function fakeApproval(plugin: Plugin): Approval {
  const permissions: Approval["permissions"] = plugin.permissions.map(({ kind, text, why }) => ({
    kind,
    text,
    why,
    now: null,
    change: "same",
  }));
  const file = (path: string, change: Approval["files"][number]["change"]): Approval["files"][number] => ({
    path,
    sha256: change === "same" ? DIGEST : NEW_DIGEST,
    sizeBytes: 2_310,
    change,
  });
  const base: Approval = {
    id: plugin.id,
    version: plugin.version,
    digest: DIGEST,
    isNeeded: false,
    permissions,
    files: [file("index.ts", "same"), file("plugin.json", "same")],
    signedBy: null,
    approved: { version: plugin.version, digest: DIGEST, by: "user/mara.klein", at: ago(40 * 24 * HOUR_MS) },
  };
  if (plugin.id !== "s3-backup") return base;
  return {
    ...base,
    version: "1.4.0",
    digest: NEW_DIGEST,
    isNeeded: true,
    signedBy: "acme-2026",
    permissions: [
      ...permissions,
      {
        kind: "net",
        text: "telemetry.example.net:443",
        why: "Anonymous statistics",
        now: null,
        change: "added",
      },
      { kind: "read", text: "/var/lib/app", why: "The folder that is backed up", now: null, change: "added" },
      { kind: "env", text: "AWS_REGION", why: "Where the bucket is", now: null, change: "removed" },
    ],
    files: [
      file("index.ts", "changed"),
      file("plugin.json", "changed"),
      file("lib/upload.ts", "same"),
      file("lib/telemetry.ts", "added"),
      file("lib/region.ts", "removed"),
    ],
  };
}

function fakeHealth(plugin: Plugin): HealthRecord[] {
  return Array.from({ length: 70 }, (_, index): HealthRecord => {
    const isDegraded = plugin.health === "degraded" ? index < 4 : index === 23;
    const isDown = index === 41 || index === 42;
    return {
      at: ago(index * MINUTE_MS),
      status: isDown ? "unhealthy" : isDegraded ? "degraded" : "healthy",
      responseMs: isDown ? null : 12 + ((index * 7) % 19),
      message: isDown ? "no answer within 5 s" : isDegraded ? "shop.example.com expires in 9 days" : "",
      dependencies: [
        {
          name: "status.example.com",
          status: isDown ? "unhealthy" : "healthy",
          responseMs: isDown ? null : 84,
        },
        { name: "api.example.com", status: isDegraded ? "degraded" : "healthy", responseMs: 230 },
      ],
    };
  });
}

function fakeLog(plugin: Plugin): LogLine[] {
  const levels = ["info", "info", "debug", "info", "warning", "info", "error"] as const;
  return Array.from({ length: 120 }, (_, index): LogLine => {
    const level = levels[index % levels.length] ?? "info";
    const isOdd = plugin.id === "odd";
    return {
      seq: index + 1,
      at: ago((120 - index) * 7_000),
      level,
      source: index % 17 === 0 ? "server" : index % 23 === 0 ? "stderr" : "plugin",
      message: isOdd
        ? `${HOSTILE.markup} ${HOSTILE.turned}`
        : level === "error"
          ? "status.example.com answered 503"
          : "status.example.com answered 200",
      fields: isOdd ? { [HOSTILE.markup]: HOSTILE.markup } : { durationMs: 80 + (index % 40), attempt: 1 },
      correlationId: null,
    };
  });
}

/** The plugins' part of the fake server: answers their paths, and changes state as verbs ask. */
export class FakePlugins {
  plugins: Plugin[] = fakePlugins();
  /** What the next configuration is refused with: path → message. */
  configRefusals: { path: string; message: string }[] = [];
  /** A configuration that was made upon another revision is refused. */
  configRevision = "r1";
  readonly saved: { id: string; values: unknown }[] = [];

  answer(method: string, path: string, fields: ReadonlyMap<string, unknown>): Response | undefined {
    if (path === "/api/plugins/summary")
      return Response.json({ sandbox: { level: "full", isRequired: true, message: "" } });
    const [, , , area, name = "", part = ""] = path.split("/");
    if (area !== "plugins") return undefined;
    if (method === "POST") return this.#act(name, fields);
    if (name === "list") return Response.json({ items: this.plugins });
    if (name === "removed")
      return Response.json({
        items: [
          { id: "old-mailer", version: "0.3.1", removedAt: ago(5 * HOUR_MS), removedBy: "user/mara.klein" },
        ],
      });
    if (name === "activation")
      return Response.json({ items: this.plugins.map(({ id }) => ({ id, outcome: "done", error: null })) });
    const plugin = this.plugins.find(({ id }) => id === name);
    if (plugin === undefined) return problem(404, "plugin_not_found", `There is no plugin ${name}.`);
    if (method === "PUT") return this.#put(plugin, part, fields);
    if (method === "DELETE") {
      this.plugins = this.plugins.filter(({ id }) => id !== name);
      return new Response(null, { status: 204 });
    }
    switch (part) {
      case "health":
        return Response.json({ status: plugin.health, items: fakeHealth(plugin), nextCursor: null });
      case "logs":
        return Response.json({ items: fakeLog(plugin) });
      case "approval":
        return Response.json(fakeApproval(plugin));
      default:
        return Response.json(fakeDetailOf(plugin));
    }
  }

  #put(plugin: Plugin, part: string, fields: ReadonlyMap<string, unknown>): Response {
    if (part === "config") {
      const errors = this.configRefusals;
      if (errors.length > 0)
        return problem(422, "validation_failed", "The configuration does not fit.", errors);
      if (fields.get("expectedRevision") !== this.configRevision)
        return problem(409, "revision_conflict", "Somebody has changed it meanwhile.");
      this.saved.push({ id: plugin.id, values: fields.get("values") });
    }
    if (part === "approval") this.#change(plugin.id, { needsApproval: false, block: null });
    if (part === "activation") this.#change(plugin.id, { quarantine: null, state: "active" });
    return Response.json(this.plugins.find(({ id }) => id === plugin.id));
  }

  #act(verb: string, fields: ReadonlyMap<string, unknown>): Response {
    const name = String(fields.get("name") ?? "");
    if (verb === "execute")
      return Response.json({ name, result: executed(name, fields.get("input")), durationMs: 12.4 });
    if (verb === "install")
      return Response.json(
        fakePlugin({
          id: "new",
          name: "New plugin",
          needsApproval: true,
          permissions: [grant("net", "example.com:443", "why")],
        }),
      );
    this.#change(name, { enabled: verb === "enable" });
    return Response.json(this.plugins.find(({ id }) => id === name));
  }

  #change(name: string, change: Partial<Plugin>): void {
    this.plugins = this.plugins.map((plugin) => (plugin.id === name ? { ...plugin, ...change } : plugin));
  }
}

function executed(name: string, input: unknown): unknown {
  if (name === "odd") return [{ page: HOSTILE.markup, [HOSTILE.markup]: HOSTILE.turned }];
  const text = JSON.stringify(input ?? null);
  if (text.includes("count")) return { value: 41, unit: "of 42" };
  if (text.includes("slowest"))
    return [
      { page: "https://status.example.com/", seconds: 1.42 },
      { page: "https://api.example.com/v1", seconds: 0.31 },
    ];
  return { echoed: input ?? null };
}

const problem = (status: number, code: string, detail: string, errors: object[] = []): Response =>
  Response.json(
    {
      type: "about:blank",
      title: "The request was refused",
      status,
      detail,
      code,
      correlationId: "fake-0002",
      errors,
    },
    { status, headers: { "content-type": "application/problem+json" } },
  );
