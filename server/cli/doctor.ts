import type { Command } from "commander";
import type { Finding } from "./diagnosis.ts";
import { CommandFailure } from "./failure.ts";
import { configOption, dataOption, jsonOption } from "./options.ts";
import { Terminal } from "./terminal.ts";

/** `binnacle doctor`: looks at the data folder and the machine, with the server running or stopped; changes nothing. */
export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("check the data folder, the databases and this machine")
    .addOption(dataOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: { data: string; config?: string; json?: boolean }) => {
      const { doctorChecks } = await import("./doctor-checks.ts");
      const { diagnose } = await import("./diagnosis.ts");
      const findings = await diagnose(
        doctorChecks({ dataFolder: options.data, configFile: options.config, environment: process.env }),
      );
      const terminal = new Terminal(options);
      const isHealthy = findings.every((finding) => finding.state !== "failed");
      terminal.show({ healthy: isHealthy, findings }, () => draw(findings, terminal));
      if (!isHealthy) throw new CommandFailure();
    });
}

/** Shape and word, so that no colour is needed to read it. */
function draw(findings: readonly Finding[], terminal: Terminal): string {
  const { green, yellow, red, dim } = terminal.colours;
  const marks = { ok: green("✓"), warning: yellow("!"), failed: red("✗"), skipped: dim("–") };
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(({ name, state, detail, advice }) => {
    const label = `${marks[state]} ${name.padEnd(width)} ${state === "ok" ? "" : `${state}: `}${detail}`;
    return advice === undefined ? label : `${label}\n  ${" ".repeat(width)} ${dim(`→ ${advice}`)}`;
  });
  const bad = findings.filter((finding) => finding.state === "failed").length;
  const watch = findings.filter((finding) => finding.state === "warning").length;
  const summary =
    bad + watch === 0
      ? green("All well.")
      : `${bad} failed, ${watch} to look at, of ${findings.length} checks.`;
  return `${lines.join("\n")}\n\n${summary}`;
}
