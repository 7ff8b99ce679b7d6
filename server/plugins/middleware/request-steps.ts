import type { Clock } from "../../lib/clock.ts";
import type { Principal } from "../../security/principal.ts";
import type { PluginUnit } from "../supervision/unit.ts";
import { requestView } from "./request-view.ts";
import { MiddlewareStep } from "./step.ts";

/** What the steps read of a request under way. */
export interface SeenExchange {
  readonly request: Request;
  readonly path: string;
  readonly correlationId: string;
  readonly principal: Principal;
}

/** Why a request ends here: the plugin's own words under the status that it chose. */
export interface PluginRefusal {
  pluginId: string;
  status: number;
  message: string;
}

/** Probes tell whether the server lives: no plugin stands in their way. */
const UNSEEN: ReadonlySet<string> = new Set(["/livez", "/readyz"]);

/**
 * The plugins that look at every request, by priority. The owner of the data folder is never looked at, so that a plugin
 * that refuses everything can be switched off. Without such a plugin a request pays one comparison.
 */
export class RequestSteps {
  readonly #clock: Clock;
  #steps: readonly MiddlewareStep[] = [];
  readonly #headers = new WeakMap<object, [string, string][]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether any plugin looks at requests now. */
  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** Brings the steps together with the unit: call it whenever it may have changed. */
  follow(unit: PluginUnit, isGranted: boolean): void {
    const spec = isGranted && unit.isOpen ? unit.inForce?.manifest.middleware : undefined;
    const known = this.#steps.find((step) => step.unit === unit);
    if (known?.spec === spec) return;
    const others = this.#steps.filter((step) => step.unit !== unit);
    const all = spec ? [...others, new MiddlewareStep(unit, spec, this.#clock)] : others;
    this.#steps = all.toSorted((a, b) => a.priority - b.priority);
  }

  /** Why the request ends here; undefined when it goes on. @throws AppError `plugin_unhealthy` */
  async before(exchange: SeenExchange): Promise<PluginRefusal | undefined> {
    if (exchange.principal.kind === "owner" || UNSEEN.has(exchange.path)) return undefined;
    const { request, path, correlationId } = exchange;
    const steps = this.#steps.filter((step) => step.sees(path));
    if (steps.length === 0) return undefined;
    const view = requestView(request.method, path, request.headers);
    for (const step of steps) {
      const verdict = await step.judge(view, correlationId);
      if (verdict) this.#addHeaders(exchange, verdict.headers);
      if (verdict?.refusal) return { pluginId: step.unit.id, ...verdict.refusal };
    }
    return undefined;
  }

  /** Headers that plugins added to the answer of this request. */
  headersOf(exchange: SeenExchange): readonly [string, string][] {
    return this.#headers.get(exchange) ?? [];
  }

  #addHeaders(exchange: SeenExchange, headers: readonly [string, string][]): void {
    if (headers.length === 0) return;
    this.#headers.set(exchange, [...(this.#headers.get(exchange) ?? []), ...headers]);
  }
}
