import { userView } from "../../server/security/views.ts";
import { startApp } from "../support/start-app.ts";

/**
 * The process under load: the whole application, and a bare `Bun.serve` that answers the same rows from the same
 * service. Started by the benchmarks over IPC; `cpu` is answered by the CPU microseconds used so far.
 */
const USERS = 10;
const app = await startApp({
  settings: {
    "features.queryCache": process.argv.includes("--cache"),
    // Nobody may look too: the same route with and without credentials.
    "dashboard.auth": !process.argv.includes("--open"),
  },
});
for (let index = 2; index < USERS; index++) await app.session("viewer");
const viewer = await app.session("viewer");
const reader = await app.token(["users:read", "system:read"]);
const bare = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  development: false,
  async fetch() {
    const { items, nextCursor } = await app.parts.users.list({ limit: USERS });
    return Response.json({ items: items.map(userView), nextCursor });
  },
});

/** Who is told of what was timed. */
const listening = { ...app.parts.probe };

process.on("message", (message) => {
  if (message === "cpu") {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicroseconds: user + system });
  } else if (message === "record" || message === "ignore") {
    const isOn = message === "record";
    app.parts.probe.observer = isOn ? listening.observer : undefined;
    app.parts.probe.tracer = isOn ? listening.tracer : undefined;
    app.parts.probe.onQuery = isOn ? listening.onQuery : undefined;
    process.send?.({ isRecording: app.parts.probe.observer !== undefined });
  } else if (message === "stop") {
    process.exit(0);
  }
});
process.send?.({
  port: app.app.port,
  barePort: bare.port,
  authorization: reader.headers.authorization,
  cookie: viewer.headers.cookie,
});
