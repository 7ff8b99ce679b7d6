import { generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { PluginManifest } from "../../../schema/plugin/manifest.ts";
import { publicKeyText } from "../../../server/plugins/trust/signature.ts";
import { BINARY } from "../../support/binary.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import type { Targets } from "../targets.ts";
import { EscapeClient } from "./client.ts";
import { asUser, type Configuration, IS_ROOT, STRONG_LANDLOCK_ABI, USER } from "./identity.ts";
import { type Listeners, openListeners } from "./listeners.ts";
import { PICTURE } from "./picture.ts";
import { RunningServer } from "./running-server.ts";

const OWNER_PASSWORD = "correct horse battery staple";
const EVERYBODY = 0o777;
/** What the server keeps of every file system, and a few. */
const SMALL_FILES = 1_060;
/** What must not be found anywhere: values of secrets, and of the server's environment. */
export const CANARY = {
  own: "canary-own-5f1c",
  other: "canary-other-92ab",
  variable: "canary-variable-77d0",
};

/** A neighbour that only wants to work. */
const NEIGHBOUR = `import { definePlugin } from "binnacle";
export default definePlugin({ execute: () => "here" });
`;

/** One server of the compiled program in one configuration, with everything around it that attacks aim at. */
export class EscapeHouse implements AsyncDisposable {
  readonly #folder: TempFolder;
  readonly configuration: Configuration;
  readonly binary: string;
  readonly listeners: Listeners;
  readonly targets: Targets;
  readonly #keys = generateKeyPairSync("ed25519");
  #server: RunningServer | undefined;
  #client: EscapeClient | undefined;

  private constructor(configuration: Configuration, listeners: Listeners, folder: TempFolder) {
    this.configuration = configuration;
    this.listeners = listeners;
    this.#folder = folder;
    this.binary = this.file("binnacle");
    copyFileSync(BINARY, this.binary);
    chmodSync(this.binary, 0o755);
    this.targets = this.#makeTargets();
    this.#plantTraps();
    this.#writeSettings();
  }

  /** Everything is in place; nothing runs yet: plugins can be put there first. */
  static async make(configuration: Configuration): Promise<EscapeHouse> {
    const folder = new TempFolder();
    chmodSync(folder.path, 0o755);
    const open = folder.file("open");
    mkdirSync(open);
    chmodSync(open, EVERYBODY);
    const listeners = await openListeners(join(open, "docker.sock"), `escape-${process.pid}-${folder.path}`);
    return new EscapeHouse(configuration, listeners, folder);
  }

  /** Of the author whose signatures the server trusts. */
  get signingKey(): KeyObject {
    return this.#keys.privateKey;
  }

  file(name: string): string {
    return this.#folder.file(name);
  }

  get server(): RunningServer {
    if (!this.#server) throw new Error("The server has not been started.");
    return this.#server;
  }

  get client(): EscapeClient {
    if (!this.#client) throw new Error("The server has not been started.");
    return this.#client;
  }

  /** Puts a plugin into the plugins folder. */
  putPlugin(
    manifest: Partial<PluginManifest> & { id: string },
    code: string,
    more: Record<string, string> = {},
  ): void {
    const folder = join(this.file("data/plugins"), manifest.id);
    mkdirSync(folder, { recursive: true });
    const files = { ...this.filesOf(manifest, code), ...more };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    this.own(folder);
  }

  /** The files of a plugin; its code stands in main.js, whatever the manifest says. */
  filesOf(manifest: Partial<PluginManifest> & { id: string }, code: string): Record<string, string> {
    const whole = { version: "1.0.0", type: "custom", main: "main.js", ...manifest };
    return { "plugin.json": JSON.stringify(whole), "main.js": code };
  }

  /** Gives `path` and what is in it to the server's user. */
  own(path: string): void {
    if (!IS_ROOT || this.configuration.isRoot) return;
    chownSync(path, USER, USER);
    if (statSync(path).isDirectory()) for (const name of readdirSync(path)) this.own(join(path, name));
  }

  /** The file that a plugin left behind is now of the user that this process has: as when the number is lent again. */
  leaveTo(pid: number): void {
    const { uid } = statSync(`/proc/${pid}`);
    if (IS_ROOT) chownSync(this.targets.leftFile, uid, uid);
  }

  /** The set-up that a person does, then `binnacle serve`, from a folder full of traps. */
  async start(): Promise<void> {
    this.putPlugin({ id: "neighbour", activation: "eager" }, NEIGHBOUR);
    this.own(this.file("data"));
    for (const name of ["file", "some.json", "own"]) this.own(this.file(`open/${name}`));
    const data = ["--data", this.file("data")];
    await this.#command(
      ["user", "add", "ann", "--role", "admin", "--password-file", "-", ...data],
      OWNER_PASSWORD,
    );
    const made = await this.#command([
      "token",
      "create",
      "--user",
      "ann",
      "--name",
      "suite",
      "--scopes",
      "*",
      "--json",
      ...data,
    ]);
    const { token } = JSON.parse(made) as { token: string };
    this.#server = await RunningServer.start(
      [...this.#withOwnMounts(), ...asUser(this.configuration), this.binary, "serve", "--port", "0", ...data],
      { cwd: this.file("traps"), env: this.#hostileEnvironment() },
    );
    this.#client = new EscapeClient(this.#server.address, token);
    await this.#client.putSecret(this.targets.ownSecret, CANARY.own);
    await this.#client.putSecret(this.targets.otherSecret, CANARY.other);
    this.targets.serverPid = this.#server.pid;
    await this.#client.until("neighbour", ({ pid }) => pid !== null);
  }

  /** Runs code outside of any jail as the server's user, or as root: with the environment and folder the server has. */
  async outside(
    bundle: string,
    input: { targets: Targets; names: readonly string[] },
    isAsRoot: boolean,
  ): Promise<Record<string, string>> {
    const file = this.file("outside.js");
    writeFileSync(file, bundle);
    const identity = isAsRoot ? { isRoot: true } : this.configuration;
    const run = Bun.spawn([...asUser(identity), this.binary, file, JSON.stringify(input)], {
      cwd: this.file("traps"),
      env: { ...this.#hostileEnvironment(), BUN_BE_BUN: "1" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = await Promise.all([
      new Response(run.stdout).text(),
      new Response(run.stderr).text(),
    ]);
    const code = await run.exited;
    const line = stdout.trim().split("\n").at(-1) ?? "";
    if (code === 0 && line.startsWith("{")) return JSON.parse(line);
    // The attack put another program in the place of the one that would have told.
    const [name] = input.names;
    if (code === 0 && input.names.length === 1 && name !== undefined) return { [name]: "allowed" };
    throw new Error(`Outside: ${code} ${run.signalCode} ${stderr}${stdout}`);
  }

  /** Programs that ran the trap which BUN_OPTIONS and the like lay: their process numbers. */
  trapped(): string[] {
    return readFileSync(this.file("open/trapped"), "utf8").split("\n").filter(Boolean);
  }

  /**
   * What is written before a command so that it, and nothing else of the machine, asks the suite's name server and has a small file
   * system.
   */
  #withOwnMounts(): string[] {
    const { nameServer } = this.listeners;
    if (nameServer === undefined) return [];
    const file = this.file("resolv.conf");
    writeFileSync(file, `nameserver ${nameServer}\n`);
    const small = `size=1g,nr_inodes=${SMALL_FILES},mode=0777`;
    const script = `mount --bind '${file}' /etc/resolv.conf && mount -t tmpfs -o ${small} none '${this.targets.small}' && exec "$@"`;
    return ["unshare", "--mount", "--propagation", "private", "--", "sh", "-c", script, "sh"];
  }

  async #command(args: readonly string[], stdin = ""): Promise<string> {
    const run = Bun.spawn([...asUser(this.configuration), this.binary, ...args], {
      cwd: "/",
      env: { PATH: process.env.PATH ?? "", HOME: this.#folder.path },
      stdin: new Blob([stdin]),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = await Promise.all([
      new Response(run.stdout).text(),
      new Response(run.stderr).text(),
    ]);
    if ((await run.exited) !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  #makeTargets(): Targets {
    const { listeners } = this;
    const open = (name: string): string => this.file(`open/${name}`);
    mkdirSync(open("granted"));
    mkdirSync(open("own"));
    mkdirSync(open("small"));
    const texts = {
      file: "secret",
      "answer.c": "int answer(void) { return 7; }\n",
      "some.json": "{}",
      writable: "",
      linked: "secret",
      "granted/inside": "inside",
      trapped: "",
      "picture.html": PICTURE,
    };
    for (const [name, text] of Object.entries(texts)) writeFileSync(open(name), text);
    writeFileSync(open("left"), "left", { mode: 0o600 });
    this.own(open("left"));
    symlinkSync(open("file"), open("link"));
    symlinkSync(open("file"), open("granted/link"));
    symlinkSync("/etc", open("granted/linked-folder"));
    linkSync(open("linked"), open("granted/hard-link"));
    for (const name of ["fifo", "granted/fifo"]) Bun.spawnSync(["mkfifo", open(name)]);
    copyFileSync(loadedLibrary(), open("library.so"));
    for (const name of [
      ...Object.keys(texts),
      "fifo",
      "granted/fifo",
      "library.so",
      "granted",
      "own",
      "small",
    ])
      chmodSync(open(name), EVERYBODY);
    const { port, port6, udpPort, grantedPort, redirectPort } = listeners;
    return {
      ...{ port, port6, udpPort, grantedPort, redirectPort },
      serverPid: 0,
      siblingPid: 0,
      folder: this.file("open"),
      file: open("file"),
      json: open("some.json"),
      source: open("answer.c"),
      link: open("link"),
      library: open("library.so"),
      fifo: open("fifo"),
      socket: open("docker.sock"),
      abstractName: `escape-${process.pid}-${this.#folder.path}`,
      granted: open("granted"),
      small: open("small"),
      picture: open("picture.html"),
      writable: open("writable"),
      leftFile: open("left"),
      ownFolder: open("own"),
      otherFolder: join(this.file("data/plugins"), "neighbour"),
      stateFile: join(this.file("data"), "state.db"),
      executable: this.binary,
      key: Math.floor(Math.random() * 2 ** 30) + 1,
      ownSecret: "ESCAPE_OWN",
      otherSecret: "ESCAPE_OTHER",
      isModest: false,
    };
  }

  /** Everything that a runtime might pick up from a working folder, or from variables. */
  #plantTraps(): void {
    mkdirSync(this.file("traps"));
    const mark = `require("node:fs").appendFileSync(${JSON.stringify(this.file("open/trapped"))}, process.pid + "\\n");`;
    const traps = {
      "trap.cjs": mark,
      ".env": "ESCAPE_DOTENV=1\n",
      "bunfig.toml": 'preload = ["./trap.cjs"]\n',
    };
    for (const [name, text] of Object.entries(traps)) writeFileSync(this.file(`traps/${name}`), text);
  }

  #hostileEnvironment(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? "",
      HOME: this.#folder.path,
      BUN_OPTIONS: `--preload=${this.file("traps/trap.cjs")}`,
      NODE_OPTIONS: "--no-warnings",
      LD_PRELOAD: this.targets.library,
      ESCAPE_VARIABLE: CANARY.variable,
    };
  }

  #writeSettings(): void {
    mkdirSync(this.file("data"), { mode: 0o700 });
    const limits = Object.fromEntries(
      ["api", "anonymous"].map((name) => [name, { perMinute: 10_000_000, burst: 10_000_000 }]),
    );
    const trustedKeys = [{ name: "author", publicKey: publicKeyText(this.#keys.publicKey) }];
    const plugins = {
      trustedKeys,
      ...(this.configuration.level === "strong" ? { maxLandlockAbi: STRONG_LANDLOCK_ABI } : {}),
    };
    writeFileSync(this.file("data/binnacle.yaml"), JSON.stringify({ limits, plugins }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.listeners[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** The C library that this process has loaded: any library that works would do. */
function loadedLibrary(): string {
  const path = /(\/\S*libc\.so\.6)$/m.exec(readFileSync("/proc/self/maps", "utf8"))?.[1];
  if (path === undefined) throw new Error("No C library is mapped.");
  return path;
}
