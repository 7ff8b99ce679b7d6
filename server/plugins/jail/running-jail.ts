import { AppError } from "../../errors/app-error.ts";
import { systemClock } from "../../lib/clock.ts";
import { within } from "../../lib/deadline.ts";
import { READY } from "./attach.ts";
import { FdSocket } from "./fd-socket.ts";
import { JAIL_FAILED_EXIT_CODE, JailFailure } from "./jail-failure.ts";
import type { ByteSocket, JailEnding, JailedProcess, JailUsage, SandboxLevel } from "./jailed-process.ts";
import type { SelfCommand } from "./self-command.ts";
import { StderrTail } from "./stderr-tail.ts";
import { readUsage } from "./usage.ts";

const CHANNEL = 3;
const START_TIMEOUT_MS = 10_000;

type Child = Bun.Subprocess<"ignore", "ignore", "pipe">;

/** What is run: this program, as which of its programs, with which variables. */
export interface JailCommand {
  command: SelfCommand;
  args: readonly string[];
  environment: Record<string, string>;
}

/** A jail that was started, from its first instruction to its last. */
export class RunningJail implements JailedProcess {
  readonly level: SandboxLevel;
  readonly socket: ByteSocket;
  readonly exited: Promise<JailEnding>;
  readonly #child: Child;
  readonly #ready: Promise<number>;
  readonly #tail = new StderrTail();
  #hasExited = false;

  private constructor(child: Child, channel: number, level: SandboxLevel, release: () => void) {
    this.#child = child;
    this.level = level;
    const socket = FdSocket.over(channel);
    this.socket = socket;
    this.#ready = socket.firstByte();
    this.exited = this.#untilExited(release);
  }

  /**
   * Starts `command` with `args`: those variables and no other, the root folder, a channel as descriptor 3, stderr.
   * `release` is called once, when the process has ended or could not be started.
   * @throws AppError `plugin_start_failed`
   */
  static spawn(
    { command, args, environment }: JailCommand,
    level: SandboxLevel,
    release: () => void,
  ): RunningJail {
    try {
      const child = Bun.spawn([command.executable, ...command.args, ...args], {
        cwd: "/",
        env: environment,
        stdio: ["ignore", "ignore", "pipe", "pipe"],
      });
      const channel = child.stdio[CHANNEL];
      if (typeof channel !== "number") throw new Error("There is no channel to the child.");
      return new RunningJail(child, channel, level, release);
    } catch (cause) {
      release();
      throw new AppError("plugin_start_failed", "The plugin's process could not be started.", { cause });
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  stderrTail(): readonly string[] {
    return this.#tail.lines();
  }

  usage(): JailUsage | undefined {
    return this.#hasExited ? undefined : readUsage(this.pid);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /**
   * Waits until the child has said that it is locked down. When it does not, it is dead before this throws.
   * @throws AppError `plugin_sandbox_unavailable` when a step of the jail failed, else `plugin_start_failed`
   */
  async untilReady(): Promise<void> {
    const first = Promise.race([this.#ready, this.exited]).then((outcome) => {
      if (outcome !== READY) throw new Error("The plugin's process ended, or spoke before its time.");
    });
    try {
      await within(systemClock, START_TIMEOUT_MS, first, () => new Error("It took too long."));
    } catch (cause) {
      this.kill();
      throw startFailure(await this.exited, this.stderrTail(), cause);
    }
  }

  /** The ending, told once the last of stderr has been read and what the jail held has been given back. */
  async #untilExited(release: () => void): Promise<JailEnding> {
    // A stream that breaks has ended: what was read of it stays.
    const stderr = this.#tail.follow(this.#child.stderr).catch(() => undefined);
    const code = await this.#child.exited;
    this.#hasExited = true;
    await stderr;
    this.socket.close();
    release();
    const signal = this.#child.signalCode;
    return signal === null ? { code, signal: undefined } : { code: undefined, signal: String(signal) };
  }
}

function startFailure(ending: JailEnding, stderr: readonly string[], cause: unknown): AppError {
  const failure = stderr.map(JailFailure.fromLine).find((one) => one !== undefined);
  if (ending.code === JAIL_FAILED_EXIT_CODE && failure) {
    const message = `The plugin's sandbox could not be made: the step "${failure.step}" failed (errno ${failure.errno}).`;
    return new AppError("plugin_sandbox_unavailable", message, { cause: failure });
  }
  const how = ending.signal === undefined ? `with code ${ending.code}` : `by ${ending.signal}`;
  const last = stderr.at(-1);
  const message = `The plugin's process did not come up; it ended ${how}${last === undefined ? "." : `: ${last}`}`;
  return new AppError("plugin_start_failed", message, { cause });
}
