import { join } from "node:path";
import type { Command, Option } from "commander";
import { EVENT_CATALOGUE } from "../../schema/events/index.ts";
import openapi from "../../schema/openapi.json" with { type: "json" };
import { ROLE_NAMES, ROLES } from "../../schema/rules/scopes.ts";
import { createProgram } from "../../server/cli/program.ts";

/**
 * The parts of docs/ that are made from code: commands, routes, roles, events. They stand between two marks; the rest of
 * those pages is written by hand. `bun test/support/reference-pages.ts` brings them up to date, a test compares them.
 */
const DOCS = join(import.meta.dirname, "../../docs");
const BEGIN = "<!-- made from code: begin -->";
const END = "<!-- made from code: end -->";

/** Page → its made part. */
export const REFERENCE_PAGES: Readonly<Record<string, () => string>> = {
  "cli.md": commandReference,
  "api.md": routeTable,
  "access.md": roleTable,
  "events.md": eventTable,
};

/** The page with its made part brought up to date. @throws Error when the marks are missing. */
export function renewed(page: string, text: string): string {
  const made = REFERENCE_PAGES[page];
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (!made || after === undefined) throw new Error(`${page} has no place for its made part.`);
  return `${before}${BEGIN}\n\n${made()}\n\n${END}${after}`;
}

/** Path of a page. */
export const pagePath = (page: string): string => join(DOCS, page);

/** From the printed snapshot of the API. */
function routeTable(): string {
  const rows = Object.entries(openapi.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const { summary, "x-access": access } = operation;
      return `| \`${method.toUpperCase()} ${path}\` | ${access} | ${escaped(summary)} |`;
    }),
  );
  return ["| Route | Needs | What it does |", "|---|---|---|", ...rows].join("\n");
}

function roleTable(): string {
  const rows = ROLE_NAMES.map((name) => {
    const { description, scopes } = ROLES[name];
    return `| \`${name}\` | ${scopes.map((scope) => `\`${scope}\``).join(" ")} | ${description} |`;
  });
  return ["| Role | Scopes | |", "|---|---|---|", ...rows].join("\n");
}

/** Optional fields carry a question mark. */
function eventTable(): string {
  const rows = Object.entries(EVENT_CATALOGUE).map(([name, { description, payload }]) => {
    const required: ReadonlySet<string> = new Set(payload.required);
    const fields = Object.keys(payload.properties).map(
      (field) => `\`${field}${required.has(field) ? "" : "?"}\``,
    );
    return `| \`${name}\` | ${escaped(description)} | ${fields.join(" ")} |`;
  });
  return ["| Type | What has happened | Payload |", "|---|---|---|", ...rows].join("\n");
}

function commandReference(): string {
  return leavesOf(createProgram()).map(commandSection).join("\n\n");
}

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function commandSection(command: Command): string {
  const args = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const options = command.options.map(
    (option) => `| \`${escaped(option.flags)}\` | ${escaped(optionText(option))} |`,
  );
  const table = options.length === 0 ? [] : ["", "| Option | |", "|---|---|", ...options];
  return [
    `### \`${[fullName(command), ...args].join(" ")}\``,
    "",
    `${sentence(command.description())}`,
    ...table,
  ].join("\n");
}

function optionText(option: Option): string {
  const hasDefault = option.defaultValue !== undefined && option.defaultValue !== false;
  const extras = [
    ...(option.argChoices ? [option.argChoices.join(", ")] : []),
    ...(hasDefault ? [`default ${String(option.defaultValue)}`] : []),
    ...(option.envVar ? [`environment ${option.envVar}`] : []),
  ];
  return extras.length === 0 ? option.description : `${option.description} (${extras.join("; ")})`;
}

const fullName = (command: Command): string =>
  command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
const escaped = (text: string): string => text.replaceAll("|", "\\|");

if (import.meta.main) {
  for (const page of Object.keys(REFERENCE_PAGES)) {
    const path = pagePath(page);
    await Bun.write(path, renewed(page, await Bun.file(path).text()));
  }
}
