import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exposition } from "../../plugins/metrics-exporter/exposition.ts";
import { tryPlugin } from "../../server/cli/plugin/trial.ts";
import { TempFolder } from "../support/temp-folder.ts";

const PLUGIN = join(import.meta.dirname, "../../plugins/metrics-exporter");
const METRICS = {
  'disk_used_percent{mount="/"}': 40.5,
  cpu_used_percent: 12,
  network_received_bytes_total: 123_456_789,
  'disk_used_percent{mount="/srv"}': 1e21,
};
const TEXT = `# TYPE b_cpu_used_percent gauge
b_cpu_used_percent 12
# TYPE b_disk_used_percent gauge
b_disk_used_percent{mount="/"} 40.5
b_disk_used_percent{mount="/srv"} 1e+21
# TYPE b_network_received_bytes_total counter
b_network_received_bytes_total 123456789
`;

const received: { authorization: string | null; type: string | null; body: string }[] = [];
let server: ReturnType<typeof Bun.serve>;
let folder: TempFolder;
beforeAll(() => {
  folder = new TempFolder();
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { headers, url } = request;
      received.push({
        authorization: headers.get("authorization"),
        type: headers.get("content-type"),
        body: await request.text(),
      });
      return new Response(null, { status: url.endsWith("/full") ? 507 : 202 });
    },
  });
});
afterAll(async () => {
  await server.stop(true);
  folder[Symbol.dispose]();
});

const collected = (config: Record<string, unknown>) =>
  tryPlugin({
    path: PLUGIN,
    input: { metrics: METRICS },
    config,
    secrets: {},
    grantsPermissions: true,
    isSandboxRequired: false,
    signal: new AbortController().signal,
  });

describe("the text", () => {
  test("has each metric's series together, under its type", () => {
    expect(exposition(METRICS, { prefix: "b_" })).toEqual({ text: TEXT, series: 4 });
  });

  test("holds what is asked for, and nothing that has no name", () => {
    const only = ["cpu_", "9"];
    expect(exposition({ ...METRICS, "9lives": 1 }, { only })).toEqual({
      text: "# TYPE cpu_used_percent gauge\ncpu_used_percent 12\n",
      series: 1,
    });
    expect(exposition({})).toEqual({ text: "", series: 0 });
  });
});

describe("in the real sandbox", () => {
  test("goes into the file and to the address, with the token, and nowhere else", async () => {
    const file = join(folder.path, "b.prom");
    const url = `http://127.0.0.1:${server.port}/metrics/job/b`;
    const report = await collected({ file, url, token: "s3cret", prefix: "b_" });
    expect(report).toMatchObject({ error: null, denials: [], result: { series: 4 } });
    expect(readFileSync(file, "utf8")).toBe(TEXT);
    expect(received).toEqual([
      { authorization: "Bearer s3cret", type: "text/plain; version=0.0.4; charset=utf-8", body: TEXT },
    ]);
  });

  test.each([
    ["nothing is configured", {}, "Neither a file nor an address is configured."],
    ["a prefix begins no name", { prefix: "9 ", file: "/tmp/x.prom" }, '"9 " begins no name.'],
  ])("says so when %s", async (_what, config, message) => {
    expect((await collected(config)).error?.message).toContain(message);
  });

  test("says what the address answered when it takes nothing", async () => {
    const report = await collected({ url: `http://127.0.0.1:${server.port}/full` });
    expect(report.error?.message).toContain("answered with the status 507");
  });
});
