import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { BINARY, type Outcome, RunningBinary, runBinary, Workspace } from "../support/binary.ts";

/** A refusal at start is one line that names the program, on standard error, with exit code 1. */
function expectOneLine({ exitCode, stdout, stderr }: Outcome, sentence: string): void {
  expect(stderr).toContain(sentence);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(stderr.startsWith("binnacle: ")).toBe(true);
  expect(stdout).toBe("");
  expect(exitCode).toBe(1);
}

const serve = (workspace: Workspace, ...args: string[]): Promise<Outcome> =>
  runBinary(["serve", "--port", "0", "--data", workspace.file("data"), ...args], { cwd: workspace.path });

describe("first start", () => {
  test("prints where to go, makes a private folder, and answers", async () => {
    using workspace = new Workspace();
    await using server = await RunningBinary.start(workspace.path);
    const { port } = new URL(server.address);
    expect(server.setupLink).toStartWith(`http://127.0.0.1:${port}/setup#token=`);
    expect(server.greeting).toContain(`ssh -L ${port}:127.0.0.1:${port} `);
    expect(statSync(workspace.file("data")).mode & 0o777).toBe(0o700);
    const open = readdirSync(workspace.file("data")).filter(
      (name) => statSync(join(workspace.file("data"), name)).mode & 0o077,
    );
    expect(open).toEqual([]);
    const health = await fetch(`${server.address}/api/health`);
    expect(health.status).toBe(200);
    expect(await server.end()).toBe(0);
  });

  test("without a command or an option it serves ./binnacle-data", async () => {
    using workspace = new Workspace();
    const refused = await runBinary([], {
      cwd: workspace.path,
      env: { BINNACLE_SERVER__PORT: "not-a-port" },
    });
    expectOneLine(refused, "server.port");
    expect(readdirSync(workspace.path)).toEqual([]);
  });

  test("the link is in nobody's log", async () => {
    using workspace = new Workspace();
    const server = await RunningBinary.start(workspace.path);
    const token = server.setupLink?.split("token=")[1] ?? "no link";
    await server.end();
    const log = readFileSync(workspace.file("data/logs/binnacle.ndjson"), "utf8");
    expect(log).toContain("Binnacle is up");
    expect(log + (await server.errors())).not.toContain(token);
  });

  test("a later start prints no link once somebody can sign in", async () => {
    using workspace = new Workspace();
    const added = await runBinary(
      ["user", "add", "ann", "--role", "admin", "--password-file", "-", "--data", "data"],
      {
        cwd: workspace.path,
        stdin: "correct horse battery staple\n",
      },
    );
    expect(added).toEqual({ exitCode: 0, stdout: "Added ann as admin.\n", stderr: "" });
    await using server = await RunningBinary.start(workspace.path);
    expect(server.setupLink).toBeUndefined();
  });
});

describe("--version", () => {
  test("names version, commit and build date, which the health page of a signed-in caller repeats", async () => {
    using workspace = new Workspace();
    const { stdout } = await runBinary(["--version"], { cwd: workspace.path });
    expect(stdout).toMatch(/^binnacle \d+\.\d+\.\d+ \(([0-9a-f]{12}\+?, )?\d{4}-\d{2}-\d{2}\)\n$/);
    expect(readdirSync(workspace.path)).toEqual([]);
  });
});

describe("what can go wrong at start is one line", () => {
  test("a second instance on the same folder is told the pid of the first", async () => {
    using workspace = new Workspace();
    await using first = await RunningBinary.start(workspace.path);
    expectOneLine(
      await serve(workspace),
      `Another Binnacle (process ${first.process.pid}) uses the data folder`,
    );
    expect((await fetch(`${first.address}/api/health`)).status).toBe(200);
  });

  test("a port in use is named", async () => {
    using workspace = new Workspace();
    await using taken = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    const outcome = await runBinary(["serve", "--port", String(taken.port), "--data", "data"], {
      cwd: workspace.path,
    });
    expectOneLine(outcome, `127.0.0.1 port ${taken.port} is in use`);
    expectOneLine(await serve(workspace, "--host", "192.0.2.1"), "192.0.2.1");
  });

  test("another Binnacle on the port is as much in use as a stranger", async () => {
    using workspace = new Workspace();
    await using first = await RunningBinary.start(workspace.path);
    const { port } = new URL(first.address);
    const outcome = await runBinary(["serve", "--port", port, "--data", "other"], { cwd: workspace.path });
    expectOneLine(outcome, `127.0.0.1 port ${port} is in use`);
  });

  test("a file in the place of the folder, or on the way to it", async () => {
    using workspace = new Workspace();
    writeFileSync(workspace.file("data"), "");
    expectOneLine(await serve(workspace), "is not a folder");
    const beneath = await runBinary(["serve", "--data", "data/inner"], { cwd: workspace.path });
    expectOneLine(beneath, "a part of the path is not a folder");
  });

  test("a configuration that is not valid names file, line, key and what is allowed", async () => {
    using workspace = new Workspace();
    mkdirSync(workspace.file("data"));
    writeFileSync(workspace.file("data/binnacle.yaml"), "server:\n  prot: 80\n");
    const outcome = await serve(workspace);
    expectOneLine(outcome, 'did you mean "server.port"?');
    expect(outcome.stderr).toContain("binnacle.yaml:2:3");
    expectOneLine(await serve(workspace, "--config", "absent.yaml"), "absent.yaml");
  });

  test("a database of a newer version, and one that is none", async () => {
    using workspace = new Workspace();
    await (await RunningBinary.start(workspace.path)).end();
    const state = new Database(workspace.file("data/state.db"));
    state.run("INSERT INTO schema_migrations (at, tag) VALUES (9999999999999, '9999_from_the_future')");
    state.close();
    expectOneLine(await serve(workspace), "written by a newer Binnacle");
    writeFileSync(
      workspace.file("data/state.db"),
      "this is not a database, however long one looks at it ".repeat(99),
    );
    expectOneLine(await serve(workspace), "is not a sound database");
  });

  test.each(["state.db", "samples.db", "logs.db"])("pages within %p that are damaged", async (name) => {
    using workspace = new Workspace();
    await (await RunningBinary.start(workspace.path)).end();
    damageTables(workspace.file(`data/${name}`));
    expectOneLine(await serve(workspace), "binnacle doctor");
  });
});

/** Writes over the first page of every table but the journal of migrations: the file opens, and its rows do not read. */
function damageTables(path: string): void {
  const database = new Database(path);
  const tables = database
    .query<{ rootpage: number }, []>(
      "SELECT rootpage FROM sqlite_master WHERE rootpage > 1 AND tbl_name <> 'schema_migrations'",
    )
    .all();
  const { page_size: sizeBytes } = database.query<{ page_size: number }, []>("PRAGMA page_size").get() as {
    page_size: number;
  };
  database.close();
  const file = openSync(path, "r+");
  for (const { rootpage } of tables)
    writeSync(file, Buffer.alloc(sizeBytes, 0xff), 0, sizeBytes, (rootpage - 1) * sizeBytes);
  closeSync(file);
}

/** A mount of one's own needs root, or user namespaces that the machine allows. */
const UNSHARE = ["unshare", "--map-root-user", "--mount", "bash", "-c"];
const canMount =
  process.platform === "linux" &&
  Bun.which("unshare") !== null &&
  Bun.spawnSync([...UNSHARE, "mount -t tmpfs -o size=64k tmpfs /mnt"]).exitCode === 0;

describe.if(canMount)("disks that do not help", () => {
  async function onMount(options: string, script: string): Promise<Outcome> {
    using workspace = new Workspace();
    mkdirSync(workspace.file("disk"));
    const disk = workspace.file("disk");
    const run = Bun.spawn(
      [
        ...UNSHARE,
        `mount -t tmpfs -o ${options} tmpfs '${disk}' && ${script}; exec '${BINARY}' serve --port 0 --data '${disk}/data'`,
      ],
      { cwd: workspace.path, stdout: "pipe", stderr: "pipe", timeout: 20_000 },
    );
    const [stdout, stderr, exitCode] = await Promise.all([
      new Response(run.stdout).text(),
      new Response(run.stderr).text(),
      run.exited,
    ]);
    return { stdout, stderr, exitCode };
  }

  test("a full one is said with what is left and what is needed", async () => {
    expectOneLine(await onMount("size=1m", "true"), "is full (1.0 MiB free, 16 MiB are needed)");
  });

  test("one without a single free byte, too", async () => {
    expectOneLine(await onMount("size=1m", `head -c 2000000 /dev/zero > disk/filler 2>/dev/null`), "is full");
  });

  test("one without room for another file", async () => {
    expectOneLine(await onMount("size=64m,nr_inodes=4", "true"), "is full");
  });

  test("a read-only one", async () => {
    expectOneLine(await onMount("ro", "true"), "the file system is read-only");
  });
});
