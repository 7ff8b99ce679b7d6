/** Runs the command lines given as JSON, one after the other, in a process without a terminal: what it writes is searched. */
import { run } from "../../../server/cli/program.ts";

const lines = JSON.parse(process.argv[2] ?? "[]") as string[][];
for (const line of lines) {
  console.log(`$ binnacle ${line.join(" ")}`);
  console.log(`exit ${await run(line)}`);
}
