import { AppError } from "../../errors/app-error.ts";
import { formatBytes } from "../../lib/quantities.ts";
import { CommandFailure } from "../failure.ts";
import type { NewOptions, TestOptions } from "../plugin.ts";
import { Terminal } from "../terminal.ts";
import { jsonInput } from "./json-input.ts";
import { copyPlugin, scaffoldPlugin, trialOf } from "./scaffold.ts";
import type { TrialReport } from "./trial.ts";

/** `plugin new NAME` */
export async function create(name: string, options: NewOptions): Promise<void> {
  if (options.from !== undefined) return copy(name, options.from, options);
  const made = scaffoldPlugin(name, options.type, options.into);
  new Terminal(options).show(made, ({ folder, files, type }) =>
    [
      `Made ${folder}, a plugin of the type ${type}: ${files.join(", ")}.`,
      "",
      `Try it:  ${trialOf(type, folder)}`,
    ].join("\n"),
  );
}

async function copy(name: string, from: string, options: NewOptions): Promise<void> {
  const made = await copyPlugin(name, from, options.into);
  new Terminal(options).show(made, ({ folder, files }) =>
    [
      `Made ${folder}, a copy of ${from}: ${files.join(", ")}.`,
      "",
      `Put it on the server:  binnacle plugin install ${folder}`,
    ].join("\n"),
  );
}

/** `plugin test PATH`: ends with 1 when the plugin failed or was refused something. */
export async function test(path: string, options: TestOptions): Promise<void> {
  const { tryPlugin } = await import("./trial.ts");
  const config = await jsonInput(options.config, "--config");
  const ending = new AbortController();
  const stop = (): void => ending.abort(new AppError("cancelled", "It was interrupted."));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const report = await tryPlugin({
    path,
    input: await jsonInput(options.input, "--input"),
    config: asObject(config),
    secrets: options.secret,
    grantsPermissions: options.permissions,
    isSandboxRequired: !options.bestEffort,
    signal: ending.signal,
    ...(options.verb === undefined ? {} : { verb: options.verb }),
    ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout }),
  });
  process.off("SIGINT", stop);
  process.off("SIGTERM", stop);
  const terminal = new Terminal(options);
  terminal.show(report, () => describe(report, terminal));
  if (report.error || report.denials.length > 0) throw new CommandFailure();
}

function asObject(config: unknown): Record<string, unknown> {
  if (config === undefined) return {};
  if (typeof config === "object" && config !== null && !Array.isArray(config)) return { ...config };
  throw new AppError("invalid_request", "--config is a JSON object.");
}

function describe(report: TrialReport, terminal: Terminal): string {
  const { colours } = terminal;
  const { health, error, log, denials, refusedGrants, metrics, events, stderrTail } = report;
  const part = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ["", colours.dim(title.toUpperCase()), ...lines];
  const memory = report.memoryBytes === null ? "–" : formatBytes(report.memoryBytes);
  const facts: [string, string][] = [
    ["plugin", `${report.id} ${report.version}`],
    [
      "sandbox",
      report.level === null ? "–" : `${report.level}, started in ${report.startedInMs} ms, ${memory}`,
    ],
    ["functions", report.verbs.join(", ") || "–"],
    ["health", health ? `${health.status}${health.message ? `: ${health.message}` : ""}` : "–"],
    [report.verb, report.durationMs === null ? "was not called" : `${report.durationMs} ms`],
  ];
  const lines = (texts: readonly string[]): string[] =>
    texts.length === 0
      ? []
      : terminal
          .table(
            [""],
            texts.map((text) => [text]),
          )
          .split("\n")
          .slice(1);
  return [
    terminal.facts(facts),
    ...part(
      "log",
      lines(
        log.map(
          ({ level, message, fields }) =>
            `${level}: ${message}${Object.keys(fields).length > 0 ? `  ${JSON.stringify(fields)}` : ""}`,
        ),
      ),
    ),
    ...part("metrics", lines(metrics.map(({ key, value }) => `${key} ${value}`))),
    ...part("events", lines(events.map(({ type, payload }) => `${type} ${JSON.stringify(payload)}`))),
    ...part("not yet", lines(report.planned)),
    ...part("not granted", lines(refusedGrants.map(({ text, reason }) => `${text}: ${reason}`))),
    ...part("denied", lines(denials).map(colours.yellow)),
    ...part("standard error", error ? lines(stderrTail) : []),
    ...(error
      ? part("failed", lines([`${error.message} (${error.code})`]).map(colours.red))
      : part("result", lines((JSON.stringify(report.result, undefined, 2) ?? "null").split("\n")))),
  ].join("\n");
}
