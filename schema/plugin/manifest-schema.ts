import { PLUGIN_TYPES } from "../rules/plugins.ts";
import { panel } from "./panel-schema.ts";
import { permissions } from "./permissions-schema.ts";
import {
  CONFIG_REFERENCE,
  closed,
  ID,
  jsonSchema,
  list,
  MAX_GRANTS,
  MAX_ID_LENGTH,
  plain,
  REFERENCE,
  whole,
} from "./schema-words.ts";

/** The dialect; also what `$schema` of a manifest may name. */
const DIALECT = "https://json-schema.org/draft/2020-12/schema";

const MAX_DEPENDENCIES = 50;

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
      collect: closed(
        {
          intervalSeconds: {
            type: ["integer", "string"],
            minimum: 1,
            maximum: 86_400,
            pattern: CONFIG_REFERENCE,
            description: `How often it is asked: seconds, a whole number from 1 to 86400, or ${REFERENCE}.`,
          },
          timeoutMs: whole("How long it may take.", 10, 3_600_000),
        },
        [],
        "When a plugin of type monitor is asked to collect; every 60 seconds when absent.",
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
