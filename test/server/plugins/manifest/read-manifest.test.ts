import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MANIFEST_SCHEMA } from "../../../../schema/plugin/manifest-schema.ts";
import {
  MANIFEST_FILE,
  type ManifestProblem,
  OLDER_MANIFEST_FILE,
  readManifest,
  singleFileManifest,
} from "../../../../server/plugins/manifest/read-manifest.ts";
import { sized } from "../../../support/sizes.ts";

const LIMITS = { maxTimeoutMs: 600_000, forbiddenPaths: ["/srv/binnacle-data"] };
const SMALLEST = { id: "probe", version: "1.0.0", type: "custom", main: "main.ts" };
/** How a manifest refers to a field of its configuration. */
const fromConfig = (field: string): string => "$".concat("{config.", field, "}");
const why = "It is needed";

const read = (content: unknown, file = MANIFEST_FILE) =>
  readManifest(
    new TextEncoder().encode(typeof content === "string" ? content : JSON.stringify(content)),
    file,
    LIMITS,
  );

function problemsOf(content: unknown, file?: string): ManifestProblem[] {
  const reading = read(content, file);
  return "problems" in reading ? reading.problems : [];
}
const firstOf = (content: unknown, file?: string): string => {
  const [problem] = problemsOf(content, file);
  return problem ? `${problem.path}: ${problem.message}` : "";
};

describe("a manifest", () => {
  test("may hold everything the contract knows", () => {
    const whole = {
      $schema: "https://example.org/schema.json",
      ...SMALLEST,
      version: "1.2.3-beta.1+build.5",
      type: "middleware",
      name: "Probe – für alle",
      description: "Looks at things",
      author: "A. Author",
      license: "MIT",
      homepage: "https://example.org/probe",
      contract_format: "native",
      dependencies: { "text-processing": "^1.0.0 || >=2.1" },
      capabilities: ["look"],
      permissions: {
        net: [
          { host: "api.example.org", why },
          { host: fromConfig("hosts"), port: fromConfig("port"), private: true, why },
          { host: "::1", port: 8080, why },
        ],
        read: [{ path: "/var/log/app", why }],
        write: [{ path: "/srv/out", why }],
        env: [{ name: "LANG", why }],
        run: [{ command: "/usr/bin/uptime", arguments: ["-p"], why }],
        hooks: [{ event: "alert.*", why }],
        secrets: [{ name: "SMTP_PASSWORD", why }],
        middleware: [{ why }],
        browser: [{ hosts: ["shop.example.org"], why }],
        registry: [{ access: "read", why }],
      },
      limits: { timeoutMs: 600_000, memoryMib: 64, concurrency: 2, outputBytes: 1_000 },
      config: {
        type: "object",
        properties: {
          hosts: { type: "array", items: { type: "string" }, default: ["a.example.org"] },
          port: { type: "integer", default: 443 },
          password: { type: "string", writeOnly: true },
        },
      },
      hooks: [{ event: "alert.raised", filter: { severity: "high" }, priority: 10 }],
      middleware: { failure: "open", priority: -5, timeBudgetMs: 20, paths: ["/api/"] },
      health: { intervalSeconds: 30, timeoutMs: 1_000 },
      activation: "eager",
      panels: [
        { id: "rate", title: "Rate", kind: "metric", series: ["requests"] },
        {
          id: "ask",
          title: "Ask",
          kind: "form",
          schema: { type: "object", properties: {} },
          place: "overview",
        },
      ],
      queries: [{ name: "q" }],
      datasources: [{ name: "d" }],
    };
    const { $schema: _hint, ...manifest } = whole;
    expect(read(whole)).toEqual({ manifest: manifest as never, isEnabled: undefined });
  });

  test("that is wrong in many ways names each field with line and column", () => {
    const text = `{
  "id": "Probe!",
  "version": "1.0",
  "type": "custom",
  "main": "main.ts",
  "permisions": {},
  "limits": { "timeoutMs": "long" }
}`;
    expect(problemsOf(text)).toEqual([
      {
        path: "permisions",
        message: 'there is no such field; did you mean "permissions"?',
        line: 6,
        column: 3,
      },
      {
        path: "id",
        message: expect.stringContaining('"Probe!" is not allowed: Lower-case letters'),
        line: 2,
        column: 3,
      },
      { path: "limits.timeoutMs", message: "is a string, but must be integer", line: 7, column: 15 },
    ]);
    expect(
      problemsOf(text.replace("Probe!", "probe").replace('  "permisions": {},\n', "").replace('"long"', "1")),
    ).toEqual([
      { path: "version", message: '"1.0" is not a semantic version, such as 1.4.0', line: 3, column: 3 },
    ]);
  });
});

describe("each field's bad input is refused with what is allowed", () => {
  const grant = (kind: string, value: object) => ({ permissions: { [kind]: [{ why, ...value }] } });
  test.each([
    ["no id", { id: undefined }, "id: is missing"],
    ["an empty id", { id: "" }, 'id: "" is not allowed'],
    ["a long id", { id: "a".repeat(65) }, "id: has more than 64 characters"],
    ["an id with a dot", { id: "a.b" }, 'id: "a.b" is not allowed'],
    ["an id that begins with a dash", { id: "-a" }, 'id: "-a" is not allowed'],
    ["a reserved id", { id: "list" }, 'id: "list" is reserved'],
    ["an id of every object", { id: "constructor" }, "is reserved"],
    ["an id that is a number", { id: 7 }, "id: is a number, but must be string"],
    ["a version with a v", { version: "v1.0.0" }, "version:"],
    ["a version of words", { version: "latest" }, "version:"],
    ["a strange type", { type: "virus" }, 'type: is "virus", but must be one of backup, alert'],
    ["main in another folder", { main: "../other/main.ts" }, "main: lies outside"],
    ["main by a detour", { main: "lib/../../x.ts" }, "main: lies outside"],
    ["main by an absolute path", { main: "/etc/main.ts" }, "main: is a path relative"],
    ["main with backslashes", { main: "lib\\main.ts" }, "main: is a path relative"],
    ["main written oddly", { main: "./main.ts" }, 'main: is written "main.ts"'],
    ["main that is no module", { main: "main.sh" }, "main: is a module"],
    ["a name with a control character", { name: "a\u001b[31mred" }, "name:"],
    ["a name with markup", { name: "<script>alert(1)</script>" }, "name:"],
    ["a name that turns the text", { name: "gpj\u202eexe" }, "name:"],
    ["a description with a line break", { description: "a\nb" }, "description:"],
    ["an author of thousands", { author: "x".repeat(201) }, "author: has more than 200 characters"],
    ["a home page that runs", { homepage: "javascript:alert(1)" }, "homepage:"],
    [
      "dependencies on itself",
      { dependencies: { probe: "*" } },
      "dependencies.probe: a plugin does not depend",
    ],
    ["a range of words", { dependencies: { other: "newest please" } }, "dependencies.other:"],
    ["a dependency without an id", { dependencies: { "../x": "*" } }, "is not the id of a plugin"],
    ["a host with a wildcard", grant("net", { host: "*.example.org" }), "permissions.net.0: is not granted"],
    ["a host with a scheme", grant("net", { host: "https://example.org" }), "permissions.net.0:"],
    ["a host with a port", grant("net", { host: "example.org:22" }), "permissions.net.0:"],
    ["a port of nothing", grant("net", { host: "a.example", port: 0 }), "permissions.net.0.port: is 0"],
    ["a port in words", grant("net", { host: "a.example", port: "https" }), "permissions.net.0.port:"],
    [
      "a grant without a reason",
      { permissions: { net: [{ host: "a.example" }] } },
      "permissions.net.0.why: is missing",
    ],
    ["an unknown kind", { permissions: { network: [] } }, "permissions.network: there is no such field"],
    ["a relative path", grant("read", { path: "etc" }), "permissions.read.0:"],
    ["a path with dots", grant("read", { path: "/srv/../etc" }), "permissions.read.0:"],
    ["the kernel's files", grant("read", { path: "/proc/self" }), "touches /proc"],
    ["everything", grant("read", { path: "/" }), "which no plugin may reach"],
    ["the data folder", grant("write", { path: "/srv/binnacle-data/plugins" }), "touches /srv/binnacle-data"],
    ["what holds the data folder", grant("write", { path: "/srv" }), "touches /srv/binnacle-data"],
    ["the server's own variables", grant("env", { name: "BINNACLE_KEY" }), "permissions.env.0:"],
    ["a relative program", grant("run", { command: "uptime" }), "permissions.run.0:"],
    [
      "a shell with any argument",
      grant("run", { command: "/bin/sh", arguments: ["-c", "*"] }),
      "permissions.run.0:",
    ],
    ["an event with odd signs", grant("hooks", { event: "Alert!" }), "permissions.hooks.0:"],
    ["a secret with an odd name", grant("secrets", { name: "smtp" }), "permissions.secrets.0:"],
    ["a browser without hosts", grant("browser", { hosts: [] }), "permissions.browser.0.hosts: is empty"],
    ["a browser on every host", grant("browser", { hosts: ["*"] }), "permissions.browser.0:"],
    [
      "a far-reaching registry",
      grant("registry", { access: "root" }),
      "must be one of read, write, execute, admin",
    ],
    [
      "a placeholder without a field",
      grant("net", { host: fromConfig("host") }),
      "config.host, which config does not declare",
    ],
    ["too many grants", { permissions: { middleware: Array(51).fill({ why }) } }, "has more than 50 entries"],
    [
      "a call of days",
      { limits: { timeoutMs: 600_001 } },
      "more than this server's plugins.maxTimeoutMs, 600000",
    ],
    ["no call at all", { limits: { timeoutMs: 0 } }, "limits.timeoutMs: is 0, but must be at least 1"],
    ["half a call", { limits: { concurrency: 1.5 } }, "limits.concurrency:"],
    ["a config that is a list", { config: [] }, "config: is a list, but must be object"],
    ["a config of no object", { config: { type: "string" } }, 'config.type: must be "object"'],
    [
      "a config with a costly pattern",
      { config: { type: "object", properties: { a: { pattern: "(a+)+$" } } } },
      "config: is refused: the keyword pattern",
    ],
    [
      "a config with references",
      { config: { type: "object", $ref: "#" } },
      "config: is refused: the keyword $ref",
    ],
    [
      "a config that is no schema",
      { config: { type: "object", properties: { a: { type: "txt" } } } },
      "config: is refused",
    ],
    [
      "a field's title with markup",
      { config: { type: "object", properties: { a: { title: "<b>" } } } },
      "config.properties.a.title:",
    ],
    [
      "a field's name with markup",
      { config: { type: "object", properties: { "<i>": {} } } },
      "its name is not plain text",
    ],
    [
      "a default that does not fit",
      { config: { type: "object", properties: { a: { type: "integer", default: "x" } } } },
      "config.properties.a.default: a default does not fit",
    ],
    [
      "a secret with a default",
      { config: { type: "object", properties: { a: { writeOnly: true, default: "x" } } } },
      "a secret has no default",
    ],
    [
      "a hook without permission",
      { hooks: [{ event: "alert.raised" }] },
      "hooks.0.event: no permission in permissions.hooks covers",
    ],
    ["a middleware that says nothing", { type: "middleware" }, "middleware: is missing"],
    [
      "middleware without permission",
      { middleware: { failure: "open" } },
      "permissions.middleware: is missing",
    ],
    ["middleware that decides nothing", { middleware: {} }, "middleware.failure: is missing"],
    [
      "a panel of no kind",
      { panels: [{ id: "a", title: "A", kind: "html" }] },
      'panels.0.kind: is "html", but must be one of metric',
    ],
    [
      "a metric without series",
      { panels: [{ id: "a", title: "A", kind: "metric" }] },
      "panels.0.series: is missing",
    ],
    [
      "a form without a schema",
      { panels: [{ id: "a", title: "A", kind: "form" }] },
      "panels.0.schema: is missing",
    ],
    ["a title with markup", { panels: [{ id: "a", title: "<img>", kind: "stat" }] }, "panels.0.title:"],
    [
      "schemas that would take seconds together",
      {
        panels: Array.from({ length: 3 }, (_, index) => ({
          ...{ id: `p${index}`, title: "A", kind: "form" },
          schema: { type: "object", properties: { a: { oneOf: Array(200).fill({ minLength: 1 }) } } },
        })),
      },
      "config: and the schemas of panels are made of 606 schemas; at most 500",
    ],
    [
      "two panels of one id",
      { panels: Array(2).fill({ id: "a", title: "A", kind: "stat" }) },
      "panels.1.id: another panel",
    ],
    ["an unknown activation", { activation: "always" }, "activation:"],
    [
      "a slow heart",
      { health: { intervalSeconds: 1 } },
      "health.intervalSeconds: is 1, but must be at least 5",
    ],
    [
      "secrets under any name",
      { config: { type: "object", additionalProperties: { type: "string", writeOnly: true } } },
      "config.additionalProperties: holds a secret (writeOnly) without a name: name each secret under properties",
    ],
    [
      "secrets under any name, deep within",
      {
        config: {
          type: "object",
          properties: {
            targets: {
              type: "array",
              items: {
                type: "object",
                unevaluatedProperties: { anyOf: [{ properties: { key: { writeOnly: true } } }] },
              },
            },
          },
        },
      },
      "config.properties.targets.items.unevaluatedProperties: holds a secret",
    ],
    [
      "secrets by a pattern of names",
      { config: { type: "object", patternProperties: { "^x": { writeOnly: true } } } },
      "config: is refused: the keyword patternProperties is not taken here",
    ],
    [
      "a collection twice a second",
      { type: "monitor", collect: { intervalSeconds: 0 } },
      "collect.intervalSeconds: is 0, but must be at least 1",
    ],
    [
      "a collection at a word",
      { type: "monitor", collect: { intervalSeconds: "often" } },
      'collect.intervalSeconds: "often" is not allowed',
    ],
    [
      "a collection at a field that is not there",
      { type: "monitor", collect: { intervalSeconds: `\${config.every}` } },
      "collect.intervalSeconds: refers to config.every, which config does not declare",
    ],
    ["a collection of another type", { collect: {} }, "collect: is for plugins of type monitor"],
    ["queries that are texts", { queries: ["q"] }, "queries.0: is a string, but must be object"],
  ])("%s", (_name, change, message) => {
    expect(firstOf({ ...SMALLEST, ...change })).toContain(message);
  });
});

interface FieldSchema {
  type?: string | readonly string[];
  properties?: Record<string, FieldSchema>;
  items?: FieldSchema;
}

/** Every field of the contract, by its path: the first entry stands for all of a list. */
const fieldsOf = (schema: FieldSchema, path: readonly string[] = []): [string[], FieldSchema][] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([name, field]): [string[], FieldSchema][] => [
    [[...path, name], field],
    ...fieldsOf(field, [...path, name]),
  ]),
  ...(schema.items ? fieldsOf(schema.items, [...path, "0"]) : []),
];

test("every field of the contract, as deep as it lies, is refused by its name when its type is another", () => {
  const fields = fieldsOf(MANIFEST_SCHEMA);
  expect(fields.length).toBeGreaterThan(50);
  const silent = fields.filter(([path, { type }]) => {
    const wrong: unknown = type === "boolean" ? "yes" : true;
    const value = path.reduceRight((inner, name) => (name === "0" ? [inner] : { [name]: inner }), wrong);
    const problems = problemsOf({ ...SMALLEST, ...(value as object) });
    return !problems.some((problem) => problem.path === path.join(".") && problem.message !== "");
  });
  // The input of a panel is whatever the plugin takes.
  expect(silent.map(([path]) => path.join("."))).toEqual(["panels.0.input"]);
});

describe("a file that is no manifest", () => {
  test.each([
    ["nothing", "", "is not JSON"],
    ["half a file", '{"id": "a"', "is not JSON: close brace expected"],
    ["a comment", "{} // hello", "is not JSON: invalid comment token"],
    ["a trailing comma", '{"id": "a",}', "is not JSON"],
    ["a list", "[]", "is not a JSON object"],
    ["a key that stands twice", '{\n"id": "a",\n"id": "b"}', "stands here twice"],
    ["a key of prototypes", '{"config": {"__proto__": {}}}', "is not taken as a name"],
    ["a deep nest", "[".repeat(100_000), "nests more than 32 levels"],
    ["a large file", `"${"a".repeat(300_000)}"`, "at most 262144 are read"],
  ])("%s", (_name, text, message) => {
    expect(problemsOf(text)).toMatchObject([{ message: expect.stringContaining(message) }]);
  });

  test("bytes that are not UTF-8", () => {
    expect(readManifest(new Uint8Array([0x7b, 0xff, 0x7d]), MANIFEST_FILE, LIMITS)).toEqual({
      problems: [{ path: "", message: "is not UTF-8" }],
    });
  });

  test("whatever stands there, it is read or refused, and never throws", () => {
    const noise = fc.oneof(fc.json(), fc.string(), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(noise, (text) => {
        const reading = read(text);
        return "manifest" in reading || reading.problems.length > 0;
      }),
      { numRuns: sized(300, 10_000) },
    );
  });

  test("whatever one field holds, the answer is about that field or it is taken", () => {
    const fields = [
      "id",
      "version",
      "type",
      "main",
      "name",
      "permissions",
      "limits",
      "config",
      "hooks",
      "panels",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), (field, value) => {
        const reading = read({ ...SMALLEST, [field]: value });
        return (
          "manifest" in reading ||
          reading.problems.every(({ path, line }) => path.startsWith(field) && line === 1)
        );
      }),
      { numRuns: sized(500, 10_000) },
    );
  });
});

test("the defaults of many fields are checked together, and fields are limited", () => {
  const field = { type: "integer", default: 1 };
  const fieldsOf = (length: number) =>
    Object.fromEntries(Array.from({ length }, (_, index) => [`f${index}`, field]));
  const config = (properties: object) => ({
    ...SMALLEST,
    config: { type: "object", required: ["f1"], properties },
  });
  expect(problemsOf(config(fieldsOf(50)))).toEqual([]);
  expect(firstOf(config({ ...fieldsOf(50), last: { type: "integer", default: "x" } }))).toContain(
    "config.properties.last.default",
  );
  expect(firstOf(config(fieldsOf(201)))).toContain("has more than 200 fields");
});

describe("the older form", () => {
  test("gives id, version, module and configuration as they are written today", () => {
    const older = {
      name: "My Exporter",
      version: "1.2",
      type: "monitor",
      entry: "index.ts",
      enabled: false,
      config: { host: "a.example", port: 9100, tags: ["x"], nested: { on: true }, empty: null },
    };
    expect(read(older, OLDER_MANIFEST_FILE)).toEqual({
      isEnabled: false,
      manifest: {
        id: "my-exporter",
        name: "My Exporter",
        version: "1.2.0",
        type: "monitor",
        main: "index.ts",
        config: {
          type: "object",
          properties: {
            host: { default: "a.example", type: "string" },
            port: { default: 9100, type: "number" },
            tags: { default: ["x"], type: "array" },
            nested: { type: "object", properties: { on: { default: true, type: "boolean" } } },
            empty: { default: null },
          },
        },
      },
    });
  });

  test("is checked as every manifest is, in its own words", () => {
    expect(problemsOf({ name: "x", entry: "../x.ts" }, OLDER_MANIFEST_FILE)).toMatchObject([
      { path: "entry", message: "lies outside the plugin's folder" },
    ]);
    expect(firstOf({ name: "x", main: "x.ts", autostart: true }, OLDER_MANIFEST_FILE)).toContain(
      "autostart: there is no such field",
    );
    expect(firstOf({ name: "x", main: "x.ts", config: "y" }, OLDER_MANIFEST_FILE)).toContain("config.type");
  });
});

describe("a plugin of one file", () => {
  test("has its id from its name, and no permission", () => {
    expect(singleFileManifest("hello.ts", LIMITS)).toEqual({
      manifest: { id: "hello", version: "0.0.0", type: "custom", main: "hello.ts" },
      isEnabled: undefined,
    });
  });

  test.each(["My Plugin.ts", "ä.ts", "..ts", "<b>.ts", "list.ts"])("not under the name %s", (name) => {
    expect(singleFileManifest(name, LIMITS)).toMatchObject({ problems: [{}] });
  });
});
