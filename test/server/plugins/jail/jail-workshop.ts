import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostEnvironment } from "../../../../server/plugins/jail/host-needs.ts";
import { TempFolder } from "../../../support/temp-folder.ts";
import type { Drive, DriveReport } from "./fixtures/drive.ts";
import type { Targets } from "./fixtures/targets.ts";

const FIXTURES = join(import.meta.dirname, "fixtures");
const NOBODY = 65_534;
const EVERYBODY = 0o777;
/** What must not reach the jail: a secret, and what would make its runtime run something else. */
const SECRETS_OF_THE_SERVER = { SERVER_SECRET: "canary", NODE_OPTIONS: "--trace-warnings", TZ: "UTC" };
const MEMORY_BYTES = 256 * 1024 ** 2;

/** Who the server runs as. Both where the tests run as root; else only the one there is. */
export const IDENTITIES: readonly Identity[] =
  process.getuid?.() === 0 ? ["root", "an ordinary user"] : ["an ordinary user"];
export type Identity = "root" | "an ordinary user";

/** The compiled probe, which is its own server in small, and what its attacks aim at; all open to everybody. */
export class JailWorkshop implements Disposable {
  readonly #folder = new TempFolder();
  readonly targets: Targets;
  readonly binary = this.#folder.file("probe");
  readonly #stops: (() => void)[] = [];
  /** Connections that reached the listeners: there must be none. */
  connections = 0;

  private constructor() {
    chmodSync(this.#folder.path, 0o755);
    const folder = this.#folder.file("open");
    mkdirSync(folder);
    chmodSync(folder, EVERYBODY);
    const file = (name: string): string => join(folder, name);
    writeFileSync(file("secret"), "int getpid(void);\n");
    writeFileSync(file("secret.json"), "{}");
    Bun.spawnSync(["mkfifo", file("fifo")]);
    copyFileSync(loadedLibrary(), file("library.so"));
    const socket = { open: () => void this.connections++, data() {} };
    const listeners = [
      Bun.listen({ hostname: "127.0.0.1", port: 0, socket }),
      Bun.listen({ unix: file("socket"), socket }),
      Bun.listen({ unix: "\0binnacle-jail-test", socket }),
    ];
    for (const name of ["secret", "secret.json", "fifo", "library.so", "socket"])
      chmodSync(file(name), EVERYBODY);
    this.#stops.push(...listeners.map((listener) => () => listener.stop(true)));
    this.targets = {
      // The driver fills in its own.
      pid: 0,
      folder,
      file: file("secret"),
      json: file("secret.json"),
      library: file("library.so"),
      fifo: file("fifo"),
      socket: file("socket"),
      port: listeners[0] instanceof Object && "port" in listeners[0] ? listeners[0].port : 0,
    };
  }

  static async open(): Promise<JailWorkshop> {
    const workshop = new JailWorkshop();
    await Bun.build({
      entrypoints: [join(FIXTURES, "probe-main.ts"), join(FIXTURES, "probe-worker.ts")],
      target: "bun",
      format: "esm",
      splitting: true,
      bytecode: true,
      minify: { whitespace: true, syntax: true },
      compile: {
        outfile: workshop.binary,
        autoloadBunfig: false,
        autoloadDotenv: false,
        autoloadPackageJson: false,
        autoloadTsconfig: false,
      },
    });
    chmodSync(workshop.binary, 0o755);
    return workshop;
  }

  /** What stands in the file that everybody may write. */
  get fileText(): string {
    return readFileSync(this.targets.file, "utf8");
  }

  /** Starts `program` of the probe as `identity`, with what a jail is started with. */
  spawn(identity: Identity, program: string, request: unknown): Bun.Subprocess<"ignore", "pipe", "pipe"> {
    return Bun.spawn([...prefixOf(identity), this.binary, program, JSON.stringify(request)], {
      cwd: "/",
      env: { ...hostEnvironment(MEMORY_BYTES), ...SECRETS_OF_THE_SERVER },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Runs the small server to its end. @throws Error with its stderr when it prints no report */
  async drive(identity: Identity, drive: Omit<Drive, "targets">): Promise<DriveReport> {
    return this.run(identity, "drive", { ...drive, targets: this.targets });
  }

  /** Runs `program` to its end; what it printed. @throws Error with its stderr when it did not end well */
  async run<T>(identity: Identity, program: string, request: unknown): Promise<T> {
    const child = this.spawn(identity, program, request);
    const [stdout, stderr] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    if ((await child.exited) !== 0) throw new Error(`The probe failed: ${stderr}${stdout}`);
    return JSON.parse(stdout);
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
    this.#folder[Symbol.dispose]();
  }
}

/** With no group, no capability, and nothing to get one from. */
const prefixOf = (identity: Identity): string[] =>
  identity === "root" || process.getuid?.() !== 0
    ? []
    : ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--bounding-set=-all"];

/** The C library this process has loaded: any that works would do. */
function loadedLibrary(): string {
  const path = /(\/\S*libc\.so\.6)$/m.exec(readFileSync("/proc/self/maps", "utf8"))?.[1];
  if (path === undefined) throw new Error("No C library is mapped.");
  return path;
}
