const LISTENS = /http:\/\/[^\s/]+(?=\/)/;
const LAST_LINE = /^ *Data folder.*\n/m;

/** A `binnacle serve` of this suite. */
export class RunningServer implements AsyncDisposable {
  readonly #process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #errors: Promise<string>;
  readonly address: string;

  private constructor(
    process: Bun.Subprocess<"ignore", "pipe", "pipe">,
    errors: Promise<string>,
    address: string,
  ) {
    this.#process = process;
    this.#errors = errors;
    this.address = address;
  }

  /** Started once it has said where it listens. @throws Error with what it said when it ends before */
  static async start(
    command: readonly string[],
    { cwd, env }: { cwd: string; env: Record<string, string> },
  ): Promise<RunningServer> {
    const child = Bun.spawn([...command], { cwd, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const errors = new Response(child.stderr).text();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const follow = async (): Promise<void> => {
      const decoder = new TextDecoder();
      let text = "";
      for await (const chunk of child.stdout) {
        text += decoder.decode(chunk, { stream: true });
        if (LAST_LINE.test(text)) resolve(text);
      }
      reject(new Error(`The server ended before it listened: ${text}${await errors}`));
    };
    follow().catch(reject);
    return new RunningServer(child, errors, LISTENS.exec(await promise)?.[0] ?? "");
  }

  get pid(): number {
    return this.#process.pid;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Ends it; what it wrote on standard error. */
  async end(): Promise<string> {
    this.#process.kill("SIGTERM");
    await this.#process.exited;
    return this.#errors;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
  }
}
