import { defineTask } from "binnacle";
import { type Summary, summarise } from "./summary.ts";

/*
 * A task to copy: `binnacle plugin new --type task NAME` makes the same shape, empty. It shows, in the order in which
 * things happen, what a task can do: read its configuration, check its input, work without blocking, remember something,
 * record metrics, log, answer, tell its health.
 */

/** What `config` in plugin.json describes. */
interface Config {
  alarmChangePercent: number;
}

/** What a caller sends: the dashboard's form, `binnacle plugin test --input`, REST, GraphQL, or another plugin. */
interface Input {
  values: number[];
}

interface Output extends Summary {
  /** Of the mean, against the run before; null at the first run. */
  changePercent: number | null;
  runs: number;
}

/** Kept in `ctx.state`: it outlives restarts, reloads and new versions. */
interface Memory {
  mean: number;
  runs: number;
}

const MEMORY = "memory";
const MAX_VALUES = 100_000;

export default defineTask<Input, Output, Config>({
  /** Once, before the first call. What throws here keeps the plugin from starting, and its page says why. */
  async initialize(ctx) {
    const memory = await ctx.state.get<Memory>(MEMORY);
    ctx.logger.info("ready", { runsBefore: memory?.runs ?? 0 });
  },

  /** Each call. Input comes from outside: check it, and say what is wrong and where. */
  async execute(input, ctx) {
    const values = readValues(input);
    // A caller who hangs up, a timeout and a shutdown all abort this signal: look at it between long steps.
    ctx.signal.throwIfAborted();
    const summary = summarise(values);

    const before = await ctx.state.get<Memory>(MEMORY);
    const changePercent =
      before && before.mean !== 0 ? ((summary.mean - before.mean) / Math.abs(before.mean)) * 100 : null;
    const runs = (before?.runs ?? 0) + 1;
    await ctx.state.set(MEMORY, { mean: summary.mean, runs } satisfies Memory);

    // Shown by the panel of plugin.json, and in Metrics under the plugin's name.
    ctx.metrics.gauge("mean", summary.mean);
    ctx.metrics.counter("runs", runs);

    const alarm = await ctx.config.get("alarmChangePercent");
    if (changePercent !== null && Math.abs(changePercent) > alarm) {
      ctx.logger.warning("the mean has moved far", { changePercent, alarm });
    }
    // What is returned is JSON for the caller.
    return { ...summary, changePercent, runs };
  },

  /** Asked from time to time. Without this function a plugin that answers at all is healthy. */
  health: () => ({ status: "healthy", message: "nothing to depend on" }),
});

function readValues(input: Input | undefined): number[] {
  const values = input?.values;
  if (!Array.isArray(values) || values.length === 0)
    throw new Error('"values" is a list of at least one number.');
  if (values.length > MAX_VALUES) throw new Error(`"values" has more than ${MAX_VALUES} numbers.`);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new Error(`"values.${wrong}" is not a number.`);
  return values;
}
