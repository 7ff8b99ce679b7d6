import type { PluginManifest } from "../../../schema/plugin/manifest.ts";
import type { PluginType } from "../../../schema/rules/plugins.ts";

/** What a new plugin of a type begins with. */
export interface Template {
  /** What it does as it stands, in a sentence. */
  about: string;
  manifest: Partial<PluginManifest>;
  /** `index.ts`. */
  code: string;
  /** JSON to try it with: `plugin test --input`. */
  input: unknown;
  /** JSON of a configuration to try it with; undefined when it needs none. */
  config?: unknown;
}

/** The value of a permission that stands for a field of the configuration. */
const fromConfig = (field: string): string => `\${config.${field}}`;

const ADDRESS_CONFIG = {
  type: "object",
  additionalProperties: false,
  required: ["url"],
  properties: {
    url: { type: "string", title: "Address", description: "Where alerts are sent", format: "uri" },
  },
};

/** Small, but each of them does something real. */
export const TEMPLATES: Readonly<Record<PluginType, Template>> = {
  custom: {
    about: "Says hello.",
    manifest: {},
    input: { name: "Ada" },
    code: `import { definePlugin } from "binnacle";

export default definePlugin<{ name?: string }, string>({
  execute: (input) => \`Hello, \${input?.name ?? "world"}\`,
});
`,
  },
  task: {
    about: "Counts the words of a text, and remembers how many texts there were.",
    manifest: {},
    input: { text: "one two three" },
    code: `import { defineTask } from "binnacle";

interface Input {
  text: string;
}

export default defineTask<Input, { words: number; texts: number }>({
  async execute(input, ctx) {
    if (typeof input?.text !== "string") throw new Error('"text" is missing.');
    // The state is kept over restarts, reloads and new versions.
    const texts = ((await ctx.state.get<number>("texts")) ?? 0) + 1;
    await ctx.state.set("texts", texts);
    ctx.logger.info("counted", { texts });
    return { words: input.text.split(/\\s+/).filter(Boolean).length, texts };
  },
});
`,
  },
  alert: {
    about: "Sends each alert as JSON to an address of your choice.",
    manifest: {
      permissions: {
        net: [
          { host: fromConfig("url"), private: true, why: "Sends alerts to the address of its configuration" },
        ],
      },
      config: ADDRESS_CONFIG,
    },
    input: {
      alert: {
        id: "1",
        type: "disk_full",
        severity: "critical",
        message: "The disk is nearly full",
        createdAt: "2030-01-31T12:00:00Z",
      },
    },
    config: { url: "http://127.0.0.1:8080/alerts" },
    code: `import { defineAlert } from "binnacle";

interface Config {
  url: string;
}

export default defineAlert<Config>({
  async send({ alert }, ctx) {
    const text = \`[\${alert.severity}] \${alert.message}\`;
    const response = await ctx.fetch(await ctx.config.get("url"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id: alert.id, text }),
      timeoutMs: 10_000,
    });
    // What is thrown here is tried again later.
    if (!response.ok) throw new Error(\`The address answered with the status \${response.status}.\`);
    ctx.logger.info("sent", { alert: alert.id });
    return { reference: alert.id };
  },
});
`,
  },
  monitor: {
    about: "Measures how much memory is in use, as a share, from the server's own values.",
    manifest: {},
    input: { metrics: { memory_used_percent: 42 } },
    code: `import { defineMonitor } from "binnacle";

export default defineMonitor({
  // Asked at an interval. What is returned becomes series under the plugin's name.
  collect({ metrics }) {
    const percent = metrics.memory_used_percent ?? 0;
    return [{ name: "memory_share", value: percent / 100, unit: "ratio" }];
  },
  health: () => "healthy",
});
`,
  },
  backup: {
    about: "Copies each finished backup into another folder.",
    manifest: {
      permissions: {
        read: [{ path: fromConfig("sourceFolder"), why: "Reads finished backups" }],
        write: [{ path: fromConfig("targetFolder"), why: "Writes the copies" }],
      },
      config: {
        type: "object",
        additionalProperties: false,
        required: ["sourceFolder", "targetFolder"],
        properties: {
          sourceFolder: { type: "string", title: "Folder of the backups" },
          targetFolder: { type: "string", title: "Folder of the copies" },
        },
      },
    },
    input: { sourcePath: "/srv/backups/a.tar.zst", backupName: "a.tar.zst" },
    config: { sourceFolder: "/srv/backups", targetFolder: "/srv/copies" },
    code: `import { defineBackup } from "binnacle";

interface Config {
  sourceFolder: string;
  targetFolder: string;
}

export default defineBackup<Config>({
  async backup({ sourcePath, backupName }, ctx) {
    const location = \`\${await ctx.config.get("targetFolder")}/\${backupName}\`;
    const sizeBytes = await ctx.files.write(location, await ctx.files.stream(sourcePath));
    return { location, sizeBytes };
  },
});
`,
  },
  query: {
    about: "Answers one query with rows of its own.",
    manifest: { contract_format: "native" },
    input: { queryId: "planets", params: { limit: 2 } },
    code: `import { defineQuery } from "binnacle";

const PLANETS = ["Mercury", "Venus", "Earth", "Mars"].map((name, index) => ({ name, position: index + 1 }));

export default defineQuery({
  metadata: { name: "Planets", version: "1.0.0" },
  executeQuery(_ctx, queryId, params) {
    if (queryId !== "planets") throw new Error(\`There is no query "\${queryId}".\`);
    return PLANETS.slice(0, Number(params.limit ?? PLANETS.length));
  },
  healthCheck: () => "healthy",
});
`,
  },
  middleware: {
    about: "Marks every answer of the server with a header, and refuses a path.",
    manifest: {
      permissions: { middleware: [{ why: "Refuses requests to /internal and marks answers" }] },
      middleware: { failure: "open", timeBudgetMs: 50 },
    },
    input: { method: "GET", path: "/internal/x", headers: {} },
    code: `import { defineMiddleware } from "binnacle";

export default defineMiddleware({
  onRequest(request) {
    if (request.path.startsWith("/internal/")) return { refuse: { message: "That is not for everybody." } };
    return { headers: { "x-passed": "yes" } };
  },
});
`,
  },
};
