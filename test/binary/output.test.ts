import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { BINARY, type Outcome, RunningBinary, Workspace } from "../support/binary.ts";

describe("where a streaming command writes to", () => {
  let workspace: Workspace;
  let server: RunningBinary;

  beforeAll(async () => {
    workspace = new Workspace();
    server = await RunningBinary.start(workspace.path);
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    workspace[Symbol.dispose]();
  });

  /** Runs a line of shell in which `$binnacle` is the program; the exit code is the program's own. */
  async function shell(line: string): Promise<Outcome> {
    const script = `set -o pipefail; ${line}`;
    const run = Bun.spawn(["bash", "-c", script], {
      cwd: workspace.path,
      env: { PATH: process.env.PATH ?? "", binnacle: BINARY },
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = await Promise.all([
      new Response(run.stdout).text(),
      new Response(run.stderr).text(),
    ]);
    return { exitCode: await run.exited, stdout, stderr };
  }

  test.each(["metrics", "audit"])("%s export into a reader that has gone ends quietly", async (command) => {
    expect(await shell(`$binnacle ${command} export --data data | true`)).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
  });

  test.if(existsSync("/dev/full"))("a full disk is one sentence", async () => {
    const { exitCode, stderr } = await shell("$binnacle metrics export --data data > /dev/full");
    expect(exitCode).toBe(1);
    expect(stderr).toBe("binnacle: Cannot write to standard output: no space is left.\n");
  });

  test("so is a folder that is not there", async () => {
    const { exitCode, stderr } = await shell("$binnacle metrics export --data data --output none/such.csv");
    expect(exitCode).toBe(1);
    expect(stderr).toBe("binnacle: Cannot write to none/such.csv: there is no such folder.\n");
  });

  test("a pipe and a file get the same bytes", async () => {
    const { stdout } = await shell(
      "$binnacle audit export --data data --output rows && $binnacle audit export --data data | cmp - rows && echo same",
    );
    expect(stdout).toBe("same\n");
  });
});
