import { versionLine } from "./lib/build-facts.ts";

/**
 * What must run before, and without, any module of the server: first argument → program.
 * Everything else is the command line proper, which loads a command's own modules when it is called.
 */
const EARLY_PROGRAMS: Readonly<Record<string, () => Promise<number>>> = {
  "--version": printVersion,
  "-V": printVersion,
  __jail: async () => (await import("./plugins/jail/program.ts")).run(),
  "__plugin-host": async () => (await import("./plugins/host/program.ts")).runPluginHost(),
  __run: async () => (await import("./plugins/broker/run/program.ts")).run(),
  __browser: async () => (await import("./plugins/broker/browser/launcher-program.ts")).runBrowserLauncher(),
};

async function printVersion(): Promise<number> {
  console.log(versionLine());
  return 0;
}

async function runCommandLine(): Promise<number> {
  const { run } = await import("./cli/program.ts");
  return run(process.argv.slice(2));
}

const early = EARLY_PROGRAMS[process.argv[2] ?? ""];
process.exitCode = await (early ?? runCommandLine)();
