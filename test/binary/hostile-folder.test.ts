import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { RunningBinary, runBinary, Workspace } from "../support/binary.ts";

/** Everything that Bun or a Node program might pick up from a working directory, each leaving a mark when it runs. */
function plantTraps(workspace: Workspace): void {
  const evil = `require("node:fs").writeFileSync(${JSON.stringify(workspace.file("marked"))}, "");`;
  const files = {
    ".env": "BINNACLE_LOG__LEVEL=loud\nBINNACLE_SERVER__PORT=1\nNODE_OPTIONS=--require ./evil.cjs\n",
    ".env.local": "BINNACLE_LOG__LEVEL=loud\n",
    ".env.production": "BINNACLE_LOG__LEVEL=loud\n",
    "evil.cjs": evil,
    "bunfig.toml":
      'preload = ["./evil.cjs"]\n[run]\npreload = ["./evil.cjs"]\n[define]\n"BINNACLE_VERSION" = "\'6.6.6\'"\n',
    "tsconfig.json": JSON.stringify({
      compilerOptions: { baseUrl: ".", paths: { "*": ["./evil.cjs"] }, jsxImportSource: "./evil.cjs" },
    }),
    "package.json": JSON.stringify({
      name: "binnacle",
      version: "6.6.6",
      imports: { "#*": "./evil.cjs" },
      main: "./evil.cjs",
    }),
    "binnacle.yaml": "log:\n  level: loud\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(workspace.file(name), text);
  for (const name of ["elysia", "commander", "drizzle-orm", "yaml"]) {
    mkdirSync(workspace.file(`node_modules/${name}`), { recursive: true });
    writeFileSync(workspace.file(`node_modules/${name}/index.js`), evil);
    writeFileSync(
      workspace.file(`node_modules/${name}/package.json`),
      JSON.stringify({ name, main: "index.js" }),
    );
  }
}

describe("a hostile working directory", () => {
  test("changes nothing: no foreign line runs, no foreign setting counts", async () => {
    using workspace = new Workspace();
    plantTraps(workspace);
    const { stdout } = await runBinary(["--version"], { cwd: workspace.path });
    expect(stdout).not.toContain("6.6.6");
    const doctor = await runBinary(["doctor", "--json"], { cwd: workspace.path });
    expect(doctor.exitCode).toBe(0);
    await using server = await RunningBinary.start(workspace.path);
    expect((await fetch(`${server.address}/api/health`)).status).toBe(200);
    expect((await fetch(`${server.address}/docs`)).status).toBeLessThan(500);
    expect(await server.end()).toBe(0);
    expect(existsSync(workspace.file("marked"))).toBe(false);
  });

  test("the traps are real: Bun itself falls into them", async () => {
    using workspace = new Workspace();
    plantTraps(workspace);
    writeFileSync(workspace.file("victim.js"), "");
    await Bun.spawn([process.execPath, "victim.js"], {
      cwd: workspace.path,
      stdio: ["ignore", "ignore", "ignore"],
    }).exited;
    expect(existsSync(workspace.file("marked"))).toBe(true);
    rmSync(workspace.file("tsconfig.json"));
    const print = [process.execPath, "--print", "process.env.BINNACLE_LOG__LEVEL"];
    const bun = Bun.spawn(print, { cwd: workspace.path, stdout: "pipe", stderr: "ignore" });
    expect((await new Response(bun.stdout).text()).trim()).toBe("loud");
  });
});
