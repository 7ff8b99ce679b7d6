import type { PluginMiddleware } from "../../../schema/plugin/manifest.ts";
import { AppError } from "../../errors/app-error.ts";
import { withTimeLimit } from "../../errors/time-limit.ts";
import type { Clock } from "../../lib/clock.ts";
import type { PluginUnit } from "../supervision/unit.ts";
import type { RequestView } from "./request-view.ts";
import { readVerdict, type Verdict } from "./verdict.ts";

const DEFAULT_BUDGET_MS = 50;
const MAX_BUDGET_MS = 5_000;
/** Each request waits until it is read. */
const MAX_VERDICT_BYTES = 64 * 1_024;
/** After so many failures in a row it rests, so that not every request pays its budget. */
const MAX_FAILURES = 5;
/** Then one request asks it again; the others wait for that answer no longer than for a plugin that rests. */
const REST_MS = 10_000;

/** One plugin in the way of requests. */
export class MiddlewareStep {
  readonly unit: PluginUnit;
  readonly spec: PluginMiddleware;
  readonly #clock: Clock;
  #failures = 0;
  /** Until when it rests, and whether a request has begun to ask it again; undefined while it is trusted. */
  #rest: { untilMs: number; isOnTrial: boolean } | undefined;

  constructor(unit: PluginUnit, spec: PluginMiddleware, clock: Clock) {
    this.unit = unit;
    this.spec = spec;
    this.#clock = clock;
  }

  get priority(): number {
    return this.spec.priority ?? 0;
  }

  /** Whether it sees requests of this path. */
  sees(path: string): boolean {
    const { paths = [] } = this.spec;
    return paths.length === 0 || paths.some((prefix) => path.startsWith(prefix));
  }

  /**
   * What the plugin says of a request, within its time budget; undefined when it failed and the request goes on.
   * @throws AppError `plugin_unhealthy` when it failed and its manifest says that nothing passes then
   */
  async judge(view: RequestView, correlationId: string): Promise<Verdict | undefined> {
    try {
      this.#admit();
      const verdict = await this.#ask(view, correlationId);
      this.#failures = 0;
      this.#rest = undefined;
      return verdict;
    } catch (cause) {
      if (this.spec.failure === "open") return undefined;
      const why = `The plugin ${this.unit.id} has to look at each request, and does not answer.`;
      throw new AppError("plugin_unhealthy", why, { cause });
    }
  }

  /** @throws AppError `plugin_unhealthy` while it rests, but for one request once the rest is over */
  #admit(): void {
    const rest = this.#rest;
    if (!rest) return;
    if (rest.isOnTrial || this.#clock.monotonic() < rest.untilMs) throw new AppError("plugin_unhealthy");
    rest.isOnTrial = true;
  }

  async #ask(view: RequestView, correlationId: string): Promise<Verdict> {
    try {
      return await this.#answer(view, correlationId);
    } catch (thrown) {
      this.#countFailure();
      throw thrown;
    }
  }

  async #answer(view: RequestView, correlationId: string): Promise<Verdict> {
    const budgetMs = Math.min(this.spec.timeBudgetMs ?? DEFAULT_BUDGET_MS, MAX_BUDGET_MS);
    const answer = await withTimeLimit(this.#clock, budgetMs, (signal) =>
      this.unit.call("onRequest", view, {
        correlationId,
        caller: "pipeline",
        timeoutMs: budgetMs,
        maxOutputBytes: MAX_VERDICT_BYTES,
        signal,
      }),
    );
    return readVerdict(answer);
  }

  #countFailure(): void {
    if (++this.#failures < MAX_FAILURES) return;
    this.#rest = { untilMs: this.#clock.monotonic() + REST_MS, isOnTrial: false };
  }
}
