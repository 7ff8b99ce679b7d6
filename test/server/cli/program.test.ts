import { describe, expect, spyOn, test } from "bun:test";
import { run } from "../../../server/cli/program.ts";

/** What a command wrote, and its exit code. */
async function called(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const spies = [
    spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0),
    spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0),
    spyOn(console, "log").mockImplementation((text) => void out.push(`${text}\n`)),
    spyOn(console, "error").mockImplementation((text) => void err.push(`${text}\n`)),
  ];
  try {
    return { code: await run(args), out: out.join(""), err: err.join("") };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe("command line", () => {
  test("help goes to standard output and is no failure", async () => {
    const { code, out, err } = await called("--help");
    expect(code).toBe(0);
    expect(out).toContain("doctor");
    expect(err).toBe("");
  });

  test.each([
    [["statsu"], "did you mean status?"],
    [["plugin", "lst"], "unknown command 'lst'; did you mean list?"],
    [["status", "--jso"], "unknown option '--jso'; did you mean --json?"],
    [["serve", "--port", "99999"], "whole number from 0 to 65535"],
    [["serve", "--colour"], "unknown option '--colour'"],
    [["user", "add"], "missing required argument 'name'"],
    [["token", "create", "--scopes", "*"], "required option '--name <name>'"],
    [["metrics", "show", "--hours", "soon"], "number of hours"],
    [["trace", "show", "4bf9"], "32 hexadecimal digits, as trace list shows them"],
    [["completion", "tcsh"], "Allowed choices are bash, zsh, fish"],
  ])("%p is a wrong call: exit code 2 and one sentence", async (args, sentence) => {
    const { code, out, err } = await called(...args);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
    expect(err.trim().split("\n")).toHaveLength(1);
    expect(out).toBe("");
  });

  test("a command that needs the server says how to start it", async () => {
    const { code, err } = await called("status", "--data", "/nonexistent/binnacle");
    expect(code).toBe(1);
    expect(err).toBe(
      'binnacle: No Binnacle runs on the data folder /nonexistent/binnacle. Start it with "binnacle serve", or name another with --data or --url.\n',
    );
  });

  test("an address that is none is said", async () => {
    const { code, err } = await called("status", "--url", "localhost:8000");
    expect(code).toBe(1);
    expect(err).toContain("--url needs an address such as http://127.0.0.1:8000");
  });

  test.each(["bash", "zsh", "fish"])(
    "the %s completion knows every command and its options",
    async (shell) => {
      const { code, out } = await called("completion", shell);
      expect(code).toBe(0);
      for (const word of ["doctor", "reset-password", "setup-link", "password-file"])
        expect(out).toContain(word);
    },
  );

  test("the bash completion runs and completes", async () => {
    const { out } = await called("completion", "bash");
    const script = `${out}\nCOMP_WORDS=(binnacle user re); COMP_CWORD=2; _binnacle; echo "\${COMPREPLY[@]}"`;
    const bash = Bun.spawn(["bash", "-c", script], { stdout: "pipe" });
    expect((await new Response(bash.stdout).text()).trim()).toBe("remove reset-password");
  });
});
