import { Command, CommanderError } from "commander";
import { AppError, toAppError } from "../errors/app-error.ts";
import { versionLine } from "../lib/build-facts.ts";
import { nearest } from "../lib/nearest.ts";
import { addAlertCommand } from "./alert.ts";
import { addApiCommand } from "./api.ts";
import { ApiRefusal } from "./api-client.ts";
import { addAuditCommand } from "./audit.ts";
import { addCompletionCommand } from "./completion.ts";
import { addConfigCommand } from "./config.ts";
import { addDeliveryCommand } from "./delivery.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addEventCommand } from "./event.ts";
import { CommandFailure, EXIT_OK, EXIT_USAGE, exitCodeOf } from "./failure.ts";
import { addLogsCommand } from "./logs.ts";
import { addMetricsCommand } from "./metrics.ts";
import { addOperationCommand } from "./operation.ts";
import { addPluginCommand } from "./plugin.ts";
import { addRoleCommand } from "./role.ts";
import { addSecretCommand } from "./secret.ts";
import { addServeCommand } from "./serve.ts";
import { addSetupLinkCommand } from "./setup-link.ts";
import { addStatusCommand } from "./status.ts";
import { plainText } from "./terminal.ts";
import { addTokenCommand } from "./token.ts";
import { addTraceCommand } from "./trace.ts";
import { addUserCommand } from "./user.ts";

const COMMANDS = [
  addServeCommand,
  addStatusCommand,
  addDoctorCommand,
  addConfigCommand,
  addMetricsCommand,
  addLogsCommand,
  addPluginCommand,
  addUserCommand,
  addRoleCommand,
  addTokenCommand,
  addSecretCommand,
  addAuditCommand,
  addEventCommand,
  addDeliveryCommand,
  addAlertCommand,
  addOperationCommand,
  addTraceCommand,
  addSetupLinkCommand,
  addApiCommand,
  addCompletionCommand,
];

/** The whole command line; its commands load their own modules when they run. */
export function createProgram(commands: typeof COMMANDS = COMMANDS): Command {
  const program = new Command("binnacle")
    .description("Watches a server, keeps its house in order and shows it.")
    .version(versionLine(), "-V, --version", "print version, commit and build date")
    .helpOption("-h, --help", "explain a command")
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(inOneLine(text)) });
  for (const add of commands) add(program);
  return program;
}

/** What is wrong with a call, and what may have been meant. */
const inOneLine = (text: string): string =>
  text.replace(/^error: /, "binnacle: ").replace(/\n\(Did you mean (.+)\)/, "; did you mean $1");

/** Runs the command line; the exit code is 0 when it worked, 1 when it failed, 2 when it was called wrongly. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const program = createProgram(isPlainStart(args) ? [addServeCommand] : COMMANDS);
    refuseUnknownCommand(program, args[0]);
    await program.parseAsync([...args], { from: "user" });
    return EXIT_OK;
  } catch (error) {
    report(error);
    return exitCodeOf(error);
  }
}

/** The server itself does not wait for the options of every other command to be set up. */
const isPlainStart = ([command = "serve", ...options]: readonly string[]): boolean =>
  command === "serve" && options.every((option) => option !== "--help" && option !== "-h");

/** Commander would take an unknown word for an argument of the default command. */
function refuseUnknownCommand(program: Command, word: string | undefined): void {
  if (word === undefined || word.startsWith("-")) return;
  const names = [...program.commands.map((command) => command.name()), "help"];
  if (names.includes(word)) return;
  const suggestion = nearest(word, names);
  program.error(
    `error: unknown command '${word}'${suggestion === undefined ? "; binnacle --help lists them" : `; did you mean ${suggestion}?`}`,
    { exitCode: EXIT_USAGE, code: "commander.unknownCommand" },
  );
}

/** An expected failure is one line; only a fault of ours shows a stack. */
function report(thrown: unknown): void {
  // Commander has said itself what was wrong with the call.
  if (thrown instanceof CommandFailure || thrown instanceof CommanderError) return;
  // What the disk did is no fault of ours, wherever it was met.
  const told = thrown instanceof ApiRefusal ? thrown : toAppError(thrown);
  if (told instanceof ApiRefusal || told.code !== "internal") {
    console.error(`binnacle: ${plainText(told.message)}`);
    return;
  }
  const cause = thrown instanceof AppError ? thrown.cause : thrown;
  console.error("binnacle: something went wrong inside; this is a fault of Binnacle");
  console.error(cause instanceof Error ? (cause.stack ?? cause.message) : cause);
}
