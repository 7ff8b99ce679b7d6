import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { makeToken } from "../support/binary-token.ts";

const SHOP = join(import.meta.dir, "otel-shop.ts");

interface Line {
  level: string;
  source: string;
  message: string;
  traceId: string | null;
  spanId: string | null;
  correlationId: string | null;
  fields: Record<string, unknown>;
}

interface Trace {
  service: string;
  spans: { spanId: string; name: string }[];
}

let workspace: Workspace;
let server: RunningBinary;
let token: string;

beforeAll(async () => {
  workspace = new Workspace();
  token = await makeToken(workspace, "logs:write,logs:read,profiler:write,profiler:read");
  server = await RunningBinary.start(workspace.path);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${server.address}${path}`, { headers: { authorization: `Bearer ${token}` } });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

describe("an application with the official OpenTelemetry SDK", () => {
  for (const format of ["json", "protobuf"]) {
    test(`sends logs and traces as ${format}: both are there, under one trace id`, async () => {
      const shop = Bun.spawn([process.execPath, SHOP, server.address, token, format], {
        stdout: "pipe",
        stderr: "inherit",
      });
      const traceId = (await new Response(shop.stdout).text()).trim();
      expect(await shop.exited).toBe(0);
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      const trace = await get<Trace>(`/api/v3/traces/${traceId}`);
      expect(trace).toMatchObject({ service: `shop-${format}`, spans: [{ name: "POST /orders" }] });
      const { items } = await get<{ items: Line[] }>(`/api/v3/logger/recent-logs?traceId=${traceId}`);
      const [span] = trace.spans;
      const line = { source: `shop-${format}`, traceId, spanId: span?.spanId ?? "" };
      expect(items).toMatchObject([
        { ...line, level: "error", correlationId: "abc-1", fields: { "order.items": 3 } },
        { ...line, level: "info", message: "order placed" },
      ]);
      expect(JSON.parse(items[0]?.message ?? "")).toEqual({ reason: "declined", code: 402 });
    });
  }
});
