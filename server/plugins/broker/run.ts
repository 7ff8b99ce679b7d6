import { Type } from "@sinclair/typebox";
import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { UserPool } from "../jail/user-pool.ts";
import type { PluginDecisions } from "./decisions.ts";
import { argumentsMatch, quoted } from "./grants/grant.ts";
import { isBeneath } from "./grants/read-grant.ts";
import { grantsOf, type ResolvedGrants } from "./grants.ts";
import { OpenCount } from "./rate.ts";
import { LAUNCH_EXIT, LAUNCH_FAILURE } from "./run/order.ts";
import { type Launcher, type RunningProgram, startProgram } from "./run/running-program.ts";
import { type BrokerCall, method, type ServedMethod } from "./served-method.ts";

export interface RunParts {
  /** Starts this executable as the launcher. */
  launcher: Launcher;
  /** Undefined when the server is not root: programs then run as the server's own user, without its rights to more. */
  users: UserPool | undefined;
}

const MAX_PROGRAMS = 4;
const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_TIMEOUT_MS = 3_600_000;
const MAX_ARGUMENTS = 64;
const MAX_ARGUMENT_LENGTH = 4_096;

const Run = Type.Object(
  {
    command: Type.String({ minLength: 1, maxLength: 4_096 }),
    arguments: Type.Array(Type.String({ maxLength: MAX_ARGUMENT_LENGTH }), { maxItems: MAX_ARGUMENTS }),
    input: Type.Optional(Type.Integer({ minimum: 0 })),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_TIMEOUT_MS })),
  },
  { additionalProperties: false },
);

/** `ctx.run` of one plugin: granted programs with granted arguments, each as an unprivileged user of its own. */
export class Programs {
  readonly methods: Record<"run", ServedMethod>;
  readonly #parts: RunParts;
  readonly #grants: ResolvedGrants;
  readonly #decisions: PluginDecisions;
  readonly #clock: Clock;
  readonly #withheld: readonly string[];
  readonly #open = new OpenCount(MAX_PROGRAMS);
  readonly #running = new Set<RunningProgram>();

  /** @param withheld what no program reaches: data folder, plugins folder, configuration; this executable is too */
  constructor(
    parts: RunParts,
    grants: ResolvedGrants,
    withheld: readonly string[],
    decisions: PluginDecisions,
    clock: Clock,
  ) {
    this.#parts = parts;
    this.#grants = grants;
    this.#decisions = decisions;
    this.#clock = clock;
    this.#withheld = withheld;
    this.methods = {
      run: method(Run, async ({ command, arguments: given, input, timeoutMs = DEFAULT_TIMEOUT_MS }, call) => {
        this.#decide(command, given);
        const release = this.#open.take("programs running");
        try {
          return await this.#serve(command, given, input, timeoutMs, call);
        } finally {
          release();
        }
      }),
    };
  }

  /** Ends every program, and waits until it has ended. */
  async close(): Promise<void> {
    const running = [...this.#running];
    for (const program of running) program.kill();
    await Promise.all(running.map(({ ended }) => ended));
  }

  #decide(command: string, given: readonly string[]): void {
    const shown = [command, ...given].map(quoted).join(" ");
    if (given.some((text) => text.includes("\0")) || command.includes("\0")) {
      throw new AppError("invalid_request", "A program and its arguments hold no NUL.");
    }
    const isGranted = grantsOf(this.#grants, "run").some(
      (grant) => grant.command === command && argumentsMatch(grant.arguments, given),
    );
    this.#decisions.require(isGranted, "run", shown);
    // Whoever can write a program and run it can run anything.
    const own = grantsOf(this.#grants, "write").find(({ path }) => isBeneath(command, path));
    if (own)
      throw this.#decisions.deny("run", shown, `${command} lies where the plugin may write: ${own.path}.`);
  }

  async #serve(
    command: string,
    given: readonly string[],
    input: number | undefined,
    timeoutMs: number,
    { streams, signal }: BrokerCall,
  ) {
    if (process.platform !== "linux") {
      throw new AppError(
        "feature_off",
        "Plugins run programs on Linux only: elsewhere rights cannot be given up.",
      );
    }
    const { launcher, users } = this.#parts;
    const uid = users?.take();
    if (users && uid === undefined)
      throw new AppError("overloaded", "No unprivileged user is free to run it.");
    try {
      const source = input === undefined ? undefined : streams.accept(input);
      const program = startProgram(
        launcher,
        {
          command,
          arguments: [...given],
          ...(uid ? { uid } : {}),
          parentPid: process.pid,
          withheld: [...this.#withheld],
        },
        source,
        this.#clock,
      );
      this.#running.add(program);
      try {
        return this.#answered(await this.#within(program, timeoutMs, signal), command);
      } finally {
        this.#running.delete(program);
      }
    } finally {
      if (uid !== undefined) users?.release(uid);
    }
  }

  /** Waits for the end; a program that takes too long, or that nobody waits for any more, is killed. */
  async #within(program: RunningProgram, timeoutMs: number, signal: AbortSignal) {
    let isLate = false;
    const timer = this.#clock.after(timeoutMs, () => {
      isLate = true;
      program.kill();
    });
    const kill = (): void => program.kill();
    signal.addEventListener("abort", kill, { once: true });
    if (signal.aborted) kill();
    try {
      const ending = await program.ended;
      if (isLate)
        throw new AppError("timed_out", `The program took longer than ${timeoutMs} ms and was ended.`);
      if (signal.aborted || ending.isKilled) throw new AppError("cancelled", "The program was ended.");
      return ending;
    } finally {
      timer.cancel();
      signal.removeEventListener("abort", kill);
    }
  }

  #answered(ending: Awaited<RunningProgram["ended"]>, command: string) {
    const { exitCode, output, errors, isCut } = ending;
    const isLaunchFailure = exitCode >= LAUNCH_EXIT.refused && exitCode <= LAUNCH_EXIT.notFound;
    if (!isLaunchFailure || !errors.startsWith(LAUNCH_FAILURE)) return { exitCode, output, errors, isCut };
    const reason = errors.slice(LAUNCH_FAILURE.length).trim();
    if (exitCode === LAUNCH_EXIT.refused) throw this.#decisions.deny("run", command, reason);
    throw new AppError("not_found", `${command} cannot be run: ${reason}`);
  }
}
