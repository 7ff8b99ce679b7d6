import { expect, test } from "bun:test";
import { sampled } from "../../../support/sampled.ts";
import { PluginApp } from "../plugin-app.ts";

const LIMIT_MS = 60_000;

test(
  "a monitor is asked by itself, its values become series, and its failures its health",
  async () => {
    await using plugins = await PluginApp.start();
    const { sampler } = plugins.app.parts;
    const ends = sampler.demand(1);
    await plugins.put("thermometer", {
      manifest: {
        type: "monitor",
        collect: { intervalSeconds: `\${config.every}` },
        config: {
          type: "object",
          properties: {
            every: { type: "integer", default: 1 },
            isBroken: { type: "boolean", default: false },
          },
        },
      },
      definition: `async collect({ metrics }, ctx) {
        if (await ctx.config.get("isBroken")) throw new Error("the bus is silent");
        return { degrees: 21.5, known: Object.keys(metrics).length };
      }`,
    });
    const key = 'plugin_thermometer_degrees{plugin="thermometer"}';
    const known = 'plugin_thermometer_known{plugin="thermometer"}';
    expect(await sampled(sampler, (values) => values.get(key))).toBe(21.5);
    expect(await sampled(sampler, (values) => values.get(known) || undefined)).toBeGreaterThan(10);
    expect((await plugins.plugin("thermometer")).collection).toMatchObject({
      intervalSeconds: 1,
      values: 2,
      error: null,
    });
    const configured = await plugins.admin.send("PUT", "/api/v3/plugins/thermometer/config", {
      values: { isBroken: true },
    });
    expect(configured.status).toBe(200);
    const failing = await sampled(sampler, async () => {
      const plugin = await plugins.plugin("thermometer");
      return plugin.health === "degraded" ? plugin : undefined;
    });
    expect(failing.collection).toMatchObject({
      values: 0,
      error: "The plugin thermometer failed: the bus is silent",
    });
    const { items } = await plugins.system.verbs.plugins.healthOf("thermometer", { limit: 1 });
    expect(items[0]).toMatchObject({
      status: "degraded",
      message: "The plugin thermometer failed: the bus is silent",
    });
    ends();
  },
  LIMIT_MS,
);
