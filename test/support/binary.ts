import { join } from "node:path";
import { TempFolder } from "./temp-folder.ts";

/** The compiled program under test: the one `bun run test` builds first, or BINNACLE_TEST_BINARY. */
export const BINARY = process.env.BINNACLE_TEST_BINARY ?? join(import.meta.dirname, "../../dist/binnacle");
const START_TIMEOUT_MS = 20_000;

/** A folder of its own for one test. */
export { TempFolder as Workspace };

/** What a command said. */
export interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

interface RunOptions {
  cwd: string;
  env?: Record<string, string>;
  stdin?: string;
}

/** The environment of a person who has set nothing. */
const plainEnvironment = (home: string): Record<string, string> => ({
  PATH: process.env.PATH ?? "",
  HOME: home,
});

/** Runs the binary to its end. */
export async function runBinary(
  args: readonly string[],
  { cwd, env = {}, stdin = "" }: RunOptions,
): Promise<Outcome> {
  const run = Bun.spawn([BINARY, ...args], {
    cwd,
    env: { ...plainEnvironment(cwd), ...env },
    stdin: new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
    timeout: START_TIMEOUT_MS,
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
    run.exited,
  ]);
  return { exitCode, stdout, stderr };
}

/** A running server of the compiled program. */
export class RunningBinary implements AsyncDisposable {
  readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly address: string;
  /** Where it was started; its data folder lies in it as `data`. */
  readonly folder: string;
  /** Standard output up to the moment the server answered. */
  readonly greeting: string;
  readonly #errors: Promise<string>;

  private constructor(
    process: Bun.Subprocess<"ignore", "pipe", "pipe">,
    greeting: string,
    errors: Promise<string>,
    folder: string,
  ) {
    this.folder = folder;
    this.process = process;
    this.greeting = greeting;
    this.address = addressIn(greeting) ?? "";
    this.#errors = errors;
  }

  /** Starts `binnacle serve` on a free port and waits until it has said where it listens. @throws Error when it ends before. */
  static async start(
    folder: string,
    options: { cwd?: string; env?: Record<string, string>; args?: readonly string[] } = {},
  ): Promise<RunningBinary> {
    const cwd = options.cwd ?? folder;
    const child = Bun.spawn(
      [BINARY, "serve", "--port", "0", "--data", join(folder, "data"), ...(options.args ?? [])],
      {
        cwd,
        env: { ...plainEnvironment(cwd), ...options.env },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    const errors = new Response(child.stderr).text();
    const greeting = await untilReady(child.stdout);
    if (addressIn(greeting) === undefined) {
      throw new Error(`The server ended before it listened: ${greeting}${await errors}`);
    }
    return new RunningBinary(child, greeting, errors, folder);
  }

  /** The one-time set-up link, when nobody has an account. */
  get setupLink(): string | undefined {
    return /http:\/\/\S+\/setup#token=\S+/.exec(this.greeting)?.[0];
  }

  /** Sends a signal and waits for the end; the exit code (128 + signal when it was killed). */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number> {
    this.process.kill(signal);
    return this.process.exited;
  }

  /** Standard error, once the process has ended. */
  errors(): Promise<string> {
    return this.#errors;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill("SIGKILL");
    await this.process.exited;
  }
}

const addressIn = (text: string): string | undefined => /http:\/\/[^\s/]+(?=\/)/.exec(text)?.[0];

/** Reads until the greeting is whole, or ended, and goes on reading so that the pipe never fills. */
function untilReady(output: ReadableStream<Uint8Array>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of output) {
      text += decoder.decode(chunk, { stream: true });
      if (LAST_LINE_OF_GREETING.test(text)) resolve(text);
    }
    resolve(text);
  };
  const deadline = setTimeout(() => resolve(text), START_TIMEOUT_MS);
  read().catch(reject);
  return promise.finally(() => clearTimeout(deadline));
}

const LAST_LINE_OF_GREETING = /^ *Data folder.*\n/m;
