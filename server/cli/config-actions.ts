import { existsSync, readFileSync } from "node:fs";
import { configurationFiles, readConfiguration } from "../compose/configuration.ts";
import { parseLayer } from "../config/config-file.ts";
import { InvalidConfiguration } from "../config/invalid-configuration.ts";
import { settingsJsonSchema } from "../config/json-schema.ts";
import { mergeLayers } from "../config/layers.ts";
import { hasReference } from "../config/references.ts";
import { findSetting } from "../config/schema.ts";
import { fromText } from "../config/setting-text.ts";
import { AppError } from "../errors/app-error.ts";
import type { Edited } from "../settings/configuration-editor.ts";
import type { RecordedChange } from "../settings/history-store.ts";
import type { ConfigStatus, RevisionView } from "../settings/model.ts";
import type { SkippedKey } from "../settings/overrides.ts";
import type { Proposal } from "../settings/proposals.ts";
import type { SettingView } from "../settings/setting-view.ts";
import { withClient } from "./connect.ts";
import { CommandFailure } from "./failure.ts";
import type { ConnectionOptions } from "./options.ts";
import { formatTime, Terminal } from "./terminal.ts";

const CONFIG = "/api/v3/config";
const STANDARD_INPUT = 0;
const MAX_CELL = 60;

/** Why a change is made, for the history. */
export interface TermOptions extends ConnectionOptions {
  note?: string;
}

/** A change of run-time values. */
export interface EditOptions extends TermOptions {
  unset?: string[];
}

interface ConfigAnswer {
  revision: number;
  items: SettingView[];
}

/** Checks one file by itself, or everything that a start would read: no server, nothing is written. */
export async function validate(file: string | undefined, options: ConnectionOptions): Promise<void> {
  const terminal = new Terminal(options);
  const sources = { dataFolder: options.data, configFile: options.config, environment: process.env };
  try {
    if (file !== undefined)
      mergeLayers([parseLayer(readText(file), file, "file")], { environment: process.env });
    else readConfiguration(sources);
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    const { problems } = error;
    terminal.show({ valid: false, problems }, () =>
      error.issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("\n"),
    );
    throw new CommandFailure();
  }
  const files = file === undefined ? configurationFiles(sources).present() : [file];
  terminal.show({ valid: true, files }, () =>
    files.length === 0 ? "No configuration file; the defaults hold." : `Valid: ${files.join(", ")}`,
  );
}

/** The settings that differ from the defaults, or with `--origin` all of them with where they come from. */
export async function show(
  key: string | undefined,
  options: ConnectionOptions & { origin?: boolean },
): Promise<void> {
  const [{ items }, status] = await withClient(options, "offline", (client) =>
    Promise.all([client.get<ConfigAnswer>(CONFIG), client.get<ConfigStatus>(`${CONFIG}/status`)]),
  );
  for (const { message } of status.rejections)
    console.error(`binnacle: not taken, the settings before it go on: ${message}`);
  const wanted = items.filter(
    (item) => key === undefined || item.key === key || item.key.startsWith(`${key}.`),
  );
  if (wanted.length === 0) throw new AppError("invalid_request", `There is no setting or section "${key}".`);
  const isAll = key !== undefined || options.origin === true;
  const shown = isAll ? wanted : wanted.filter(({ origin }) => origin.kind !== "default");
  const terminal = new Terminal(options);
  terminal.show(shown, () => {
    if (shown.length === 0) return "Every setting has its default; --origin lists them.";
    const header = options.origin ? ["setting", "value", "origin", ""] : ["setting", "value", ""];
    const rows = shown.map((item) => [
      item.key,
      valueText(item.value),
      ...(options.origin ? [originText(item.origin)] : []),
      remark(item),
    ]);
    return terminal.table(header, rows);
  });
}

/** What an edit, or a file in place of the global one, would change. Fails when it would be refused. */
export async function diff(edits: readonly string[], options: EditOptions): Promise<void> {
  const [file = ""] = edits;
  const isFile = edits.length === 1 && !file.includes("=");
  const body = isFile ? { text: readText(file), name: file } : readEdits(edits, options.unset);
  const proposal = await withClient(options, "offline", (client) =>
    client.send<Proposal>("POST", `${CONFIG}/diff`, body),
  );
  showProposal(proposal, options);
}

/** Sets run-time values, and takes back others, as one change. */
export function set(edits: readonly string[], options: EditOptions): Promise<void> {
  return change(readEdits(edits, options.unset), options);
}

export function unset(keys: readonly string[], options: TermOptions): Promise<void> {
  return change({ set: {}, unset: [...keys] }, options);
}

export async function history(options: ConnectionOptions & { limit: number }): Promise<void> {
  const revisions = await withClient(options, "offline", async (client) => {
    const found: RevisionView[] = [];
    for await (const revision of client.list<RevisionView>(`${CONFIG}/history`)) {
      if (found.push(revision) >= options.limit) break;
    }
    return found;
  });
  const terminal = new Terminal(options);
  terminal.show(revisions, () => {
    if (revisions.length === 0) return "Nothing was changed yet.";
    const rows = revisions.map(({ revision, at, actor, action, note, changes }) => [
      String(revision),
      formatTime(at),
      actor,
      action,
      `${changes.map(changeText).join(", ")}${note === "" ? "" : ` (${note})`}`,
    ]);
    return terminal.table(["revision", "when", "who", "what", "changes"], rows);
  });
}

export async function rollback(revision: number, options: TermOptions): Promise<void> {
  const edited = await withClient(options, "offline", (client) =>
    client.send<Edited>("POST", `${CONFIG}/rollback`, { revision, ...termsOf(options) }),
  );
  showEdited(edited, options);
}

export async function exportSettings(
  options: ConnectionOptions & { content: string; format: string },
): Promise<void> {
  const query = new URLSearchParams({
    content: options.content,
    format: options.json ? "json" : options.format,
  });
  const text = await withClient(options, "offline", async (client) =>
    new Response(await client.stream(`${CONFIG}/export?${query}`)).text(),
  );
  process.stdout.write(text);
}

export async function importSettings(
  file: string,
  options: TermOptions & { replace?: boolean; dryRun?: boolean },
): Promise<void> {
  const body = { text: readText(file), mode: options.replace ? "replace" : "merge", ...termsOf(options) };
  const { dryRun = false } = options;
  const answer = await withClient(options, "offline", (client) =>
    client.send<Edited | (Proposal & { skipped: SkippedKey[] })>("POST", `${CONFIG}/import`, {
      ...body,
      dryRun,
    }),
  );
  if ("problems" in answer) showProposal(answer, options);
  else showEdited(answer, options);
}

/** The schema is this program's own: no server is asked. */
export async function schema(_options: ConnectionOptions): Promise<void> {
  console.log(JSON.stringify(settingsJsonSchema(), undefined, 2));
}

async function change(edit: Edit, options: TermOptions): Promise<void> {
  const edited = await withClient(options, "offline", (client) =>
    client.send<Edited>("PATCH", CONFIG, { ...edit, ...termsOf(options) }),
  );
  showEdited(edited, options);
}

const termsOf = ({ note }: TermOptions) => (note === undefined ? {} : { note });

interface Edit {
  set: Record<string, unknown>;
  unset: string[];
}

/** Values are read as the environment's would be. @throws AppError `invalid_request` */
function readEdits(edits: readonly string[], unset: readonly string[] = []): Edit {
  const set = edits.map((text) => {
    const [, key = "", value = ""] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (key === "") throw new AppError("invalid_request", `"${text}" is no edit; write key=value.`);
    const setting = findSetting(key.trim());
    return [key.trim(), setting && !hasReference(value) ? fromText(setting, value) : value] as const;
  });
  return { set: Object.fromEntries(set), unset: [...unset] };
}

function readText(file: string): string {
  if (file !== "-" && !existsSync(file)) throw new AppError("invalid_request", `There is no file ${file}.`);
  return readFileSync(file === "-" ? STANDARD_INPUT : file, "utf8");
}

function showEdited(edited: Edited, options: ConnectionOptions): void {
  const terminal = new Terminal(options);
  terminal.show(edited, ({ revision, changes, needsRestart, skipped }) =>
    [
      changes.length === 0 ? "Nothing to change." : `Revision ${revision}:`,
      ...changes.map((one) => `  ${changeText(one)}`),
      ...skipped.map(({ key, reason }) => `  ${key} is left out: ${reason}`),
      ...(needsRestart.length > 0 ? [`At the next start: ${needsRestart.join(", ")}`] : []),
    ].join("\n"),
  );
}

function showProposal(proposal: Proposal & { skipped?: SkippedKey[] }, options: ConnectionOptions): void {
  const { changes, shadowed, problems, skipped = [] } = proposal;
  const terminal = new Terminal(options);
  terminal.show(proposal, () => {
    if (problems.length > 0) {
      return problems
        .map(({ path, message, origin, line, column }) => {
          const place = line === undefined ? origin : `${origin}:${line}:${column ?? 1}`;
          return `${path === "" ? "" : `${path}: `}${message} (${place})`;
        })
        .join("\n");
    }
    const lines = [
      ...changes.map((one) => `${changeText(one)}${one.needsRestart ? "  (at the next start)" : ""}`),
      ...[...shadowed, ...skipped].map(({ key, reason }) => `${key} has no effect: ${reason}`),
    ];
    return lines.length === 0 ? "Nothing would change." : lines.join("\n");
  });
  if (problems.length > 0) throw new CommandFailure();
}

const changeText = ({ key, before, after }: RecordedChange): string =>
  `${key}: ${before === null ? "–" : valueText(before)} → ${after === null ? "–" : valueText(after)}`;

function valueText(value: unknown): string {
  const text = typeof value === "string" && value !== "" ? value : JSON.stringify(value);
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL)}…` : text;
}

function originText({ origin, line, column, variable }: SettingView["origin"]): string {
  if (variable !== undefined) return `${origin} ${variable}`;
  return line === undefined ? origin : `${origin}:${line}:${column ?? 1}`;
}

function remark(item: SettingView): string {
  if (item.planned) return "takes effect with a later version";
  if (item.inForce !== undefined) return `${valueText(item.inForce)} until the next start`;
  if (item.waiting) return "waits for its secret";
  return item.locked ? "locked" : "";
}
