import { AppError } from "../../errors/app-error.ts";
import type { RequestSteps } from "../../plugins/middleware/request-steps.ts";
import type { Exchange } from "../exchange.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";
import { answerProblem } from "../problem.ts";

/** Lets plugins look at requests, refuse them, and add headers of their own to the answer. */
export const pluginSteps = (steps: RequestSteps): Middleware => ({
  name: "plugins",
  priority: PRIORITIES.plugins,
  before: (exchange) => (steps.isEmpty ? undefined : judge(steps, exchange)),
  after(exchange, response) {
    for (const [name, value] of steps.headersOf(exchange)) response.headers.set(name, value);
    return response;
  },
});

async function judge(steps: RequestSteps, exchange: Exchange): Promise<Response | undefined> {
  const refusal = await steps.before(exchange);
  if (!refusal) return undefined;
  const { pluginId, status, message } = refusal;
  const error = new AppError("refused_by_plugin", `The plugin ${pluginId} refused it. ${message}`.trim());
  return answerProblem(exchange, error, {}, status);
}
