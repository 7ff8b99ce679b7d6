import { PERMISSION_DESCRIPTIONS } from "../rules/plugins.ts";
import { CONFIG_REFERENCE, closed, list, MAX_GRANTS, plain, REFERENCE } from "./schema-words.ts";

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
/** JSON Schema of `permissions` in `plugin.json`. */
export const permissions = closed(
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
      {
        hosts: { ...list(host, MAX_GRANTS, "The hosts that the browser may reach."), minItems: 1 },
        private: { type: "boolean", description: "Whether the names may lead to private addresses." },
      },
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
