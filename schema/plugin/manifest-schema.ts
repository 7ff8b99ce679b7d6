import { PERMISSION_DESCRIPTIONS, PLUGIN_TYPES } from "../rules/plugins.ts";

/** The dialect; also what `$schema` of a manifest may name. */
const DIALECT = "https://json-schema.org/draft/2020-12/schema";

export const MAX_ID_LENGTH = 64;
export const MAX_GRANTS = 50;
export const MAX_DEPENDENCIES = 50;
/** A whole value that stands for a field of the plugin's configuration. */
export const CONFIG_REFERENCE = "^\\$\\{config((?:\\.[A-Za-z0-9_-]+)+)\\}$";
const REFERENCE = "$".concat("{config.field}");
/** Neither control characters (tabs and line breaks too), nor what begins markup, nor marks that turn the direction of text. */
export const PLAIN_TEXT =
  "^[^\\u0000-\\u001f\\u007f-\\u009f<>\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]*$";
const ID = "^[a-z0-9][a-z0-9_-]*$";

const plain = (description: string, maxLength: number) => ({
  type: "string",
  minLength: 1,
  maxLength,
  pattern: PLAIN_TEXT,
  description: `${description} Plain text without control characters and without < or >; at most ${maxLength} characters.`,
});
const whole = (description: string, minimum: number, maximum: number) => ({
  type: "integer",
  minimum,
  maximum,
  description: `${description} A whole number from ${minimum} to ${maximum}.`,
});
const closed = <P extends object>(
  properties: P,
  required: readonly (keyof P & string)[],
  description = "",
) => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
  ...(description === "" ? {} : { description }),
});
const list = (items: object, maxItems: number, description: string) => ({
  type: "array",
  items,
  maxItems,
  description,
});
/** A list of grants of one kind, each with its reason. */
const grants = <P extends object>(
  kind: keyof typeof PERMISSION_DESCRIPTIONS,
  properties: P,
  required: readonly (keyof P & string)[],
) =>
  list(
    closed(
      { why: plain("Why it is needed, in the author's words; shown at the approval.", 500), ...properties },
      ["why", ...required],
    ),
    MAX_GRANTS,
    `${PERMISSION_DESCRIPTIONS[kind]}.`,
  );

const host = {
  type: "string",
  minLength: 1,
  maxLength: 255,
  description: `An exact host name or address, without wildcard, scheme, port or path; or ${REFERENCE}.`,
};
const path = {
  type: "string",
  minLength: 1,
  maxLength: 1_024,
  description: `An absolute path without ..; or ${REFERENCE}.`,
};
const jsonSchema = (description: string) => ({ type: "object", description });

const permissions = closed(
  {
    net: grants(
      "net",
      {
        host,
        port: {
          type: ["integer", "string"],
          minimum: 1,
          maximum: 65_535,
          pattern: CONFIG_REFERENCE,
          description: `A port from 1 to 65535, or ${REFERENCE}; 443 when absent.`,
        },
        private: { type: "boolean", description: "Whether the name may lead to a private address." },
      },
      ["host"],
    ),
    read: grants("read", { path }, ["path"]),
    write: grants("write", { path }, ["path"]),
    env: grants(
      "env",
      {
        name: {
          type: "string",
          minLength: 1,
          maxLength: 128,
          description:
            "A name of an environment variable: letters, digits and _, not beginning with a digit.",
        },
      },
      ["name"],
    ),
    run: grants(
      "run",
      {
        command: {
          type: "string",
          minLength: 1,
          maxLength: 1_024,
          description: "The absolute path of a program.",
        },
        arguments: list(
          { type: "string", maxLength: 1_024 },
          64,
          "Each argument as allowed: a literal, * for one that does not begin with a dash, ... at the end for any number of such.",
        ),
      },
      ["command"],
    ),
    hooks: grants(
      "hooks",
      {
        event: {
          type: "string",
          maxLength: 128,
          description: "An event type or pattern: alert.raised, backup.*",
        },
      },
      ["event"],
    ),
    secrets: grants(
      "secrets",
      { name: { type: "string", maxLength: 128, description: `The name of a secret, or ${REFERENCE}.` } },
      ["name"],
    ),
    middleware: grants("middleware", {}, []),
    browser: grants(
      "browser",
      { hosts: { ...list(host, MAX_GRANTS, "The hosts that the browser may reach."), minItems: 1 } },
      ["hosts"],
    ),
    registry: grants(
      "registry",
      {
        access: {
          type: "string",
          enum: ["read", "write", "execute", "admin"],
          description: "How far it may go.",
        },
      },
      ["access"],
    ),
  },
  [],
  "Everything the plugin may do beyond computing. A plugin without permissions needs no approval.",
);

const panel = closed(
  {
    id: {
      type: "string",
      pattern: ID,
      maxLength: MAX_ID_LENGTH,
      description: "Lower-case letters, digits, _ and -.",
    },
    title: plain("Its heading.", 100),
    kind: { type: "string", enum: ["metric", "table", "stat", "form"], description: "What it draws." },
    series: list(
      {
        type: "string",
        pattern: "^[a-zA-Z_][a-zA-Z0-9_.:]{0,127}$",
        description: "A name as the plugin records it.",
      },
      20,
      "Names of series as the plugin records them.",
    ),
    input: { description: "What execute is given." },
    columns: list(
      closed({ field: plain("Field of a row.", 128), title: plain("Heading of the column.", 100) }, [
        "field",
        "title",
      ]),
      50,
      "Columns of a table.",
    ),
    schema: jsonSchema("JSON Schema of what a form asks."),
    place: { type: "string", enum: ["plugin", "overview"], description: "Where it stands." },
  },
  ["id", "title", "kind"],
);

/** JSON Schema (draft 2020-12) of `plugin.json`: for editors, and the first check of every manifest. */
export const MANIFEST_SCHEMA = {
  $schema: DIALECT,
  title: "Binnacle plugin manifest",
  description: "plugin.json beside a plugin's code: who it is, what it needs, what it brings.",
  ...closed(
    {
      $schema: {
        type: "string",
        maxLength: 1_024,
        description: "The schema that an editor checks this file by.",
      },
      id: {
        type: "string",
        pattern: ID,
        maxLength: MAX_ID_LENGTH,
        description: `Lower-case letters, digits, _ and -, beginning with a letter or a digit; at most ${MAX_ID_LENGTH} characters.`,
      },
      version: { type: "string", maxLength: 64, description: "A semantic version, such as 1.4.0." },
      type: {
        type: "string",
        enum: PLUGIN_TYPES,
        description: "What the plugin is for; each type has a verb of its own.",
      },
      main: {
        type: "string",
        minLength: 1,
        maxLength: 255,
        description: "The plugin's module, relative to this folder and inside it.",
      },
      name: plain("What people read.", 100),
      description: plain("What it does, in a sentence or two.", 1_000),
      author: plain("Who made it.", 200),
      license: plain("An SPDX expression.", 100),
      homepage: {
        type: "string",
        maxLength: 1_024,
        pattern: "^https?://[^\\s<>\"'`\\\\]+$",
        description: "An http or https address.",
      },
      contract_format: {
        type: "string",
        enum: ["native", "odata", "prometheus", "elasticsearch", "graphql", "custom"],
        description: "The language that a query plugin speaks.",
      },
      dependencies: {
        type: "object",
        maxProperties: MAX_DEPENDENCIES,
        additionalProperties: { type: "string", minLength: 1, maxLength: 128 },
        description: "Id of another plugin → the range of its versions.",
      },
      capabilities: list(plain("A word.", 64), 50, "What it can do, in words of its own."),
      permissions,
      limits: closed(
        {
          timeoutMs: whole("Longest call.", 1, 86_400_000),
          memoryMib: whole("Memory above the host's baseline.", 1, 65_536),
          concurrency: whole("Calls at once.", 1, 100),
          outputBytes: whole("Largest answer.", 1, 67_108_864),
        },
        [],
        "What it asks for beyond, or below, the rule.",
      ),
      config: jsonSchema("JSON Schema of the configuration; writeOnly: true marks a secret."),
      hooks: list(
        closed(
          {
            event: {
              type: "string",
              maxLength: 128,
              description: "An event type or pattern: alert.raised, backup.*",
            },
            filter: {
              type: "object",
              maxProperties: 20,
              additionalProperties: { type: ["string", "number", "boolean"] },
              description: "Field of the payload → the value it must have.",
            },
            priority: whole("Higher first.", -1_000, 1_000),
          },
          ["event"],
        ),
        MAX_GRANTS,
        "Events handed to onEvent; each needs a hooks permission that covers it.",
      ),
      middleware: closed(
        {
          priority: whole("Lower first.", -1_000, 1_000),
          timeBudgetMs: whole("What it may add to a request.", 1, 10_000),
          failure: {
            type: "string",
            enum: ["open", "closed"],
            description: "Whether a request goes on when the plugin fails or is late.",
          },
          paths: list(
            {
              type: "string",
              pattern: "^/[^\\s<>?#]*$",
              maxLength: 255,
              description: "A path that begins with /.",
            },
            50,
            "Prefixes of paths it sees.",
          ),
        },
        ["failure"],
        "How it stands in the pipeline of requests.",
      ),
      health: closed(
        {
          intervalSeconds: whole("How often it is asked.", 5, 86_400),
          timeoutMs: whole("How long it may take.", 10, 60_000),
        },
        [],
        "How its health is asked for.",
      ),
      activation: {
        type: "string",
        enum: ["lazy", "eager"],
        description: "Whether its process starts with the first call, or at once.",
      },
      panels: list(panel, 20, "What the dashboard shows of it."),
      queries: list(
        { type: "object" },
        200,
        "Queries that it registers (takes effect with a later version).",
      ),
      datasources: list(
        { type: "object" },
        200,
        "Datasources that it registers (takes effect with a later version).",
      ),
    },
    ["id", "version", "type", "main"],
  ),
} as const;
