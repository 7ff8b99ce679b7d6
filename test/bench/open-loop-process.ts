import { OpenLoop, type OpenLoopRequest } from "./open-loop.ts";

/** {@link OpenLoop} in a process of its own: waits for orders from its parent, answers each with the times. */
process.on("message", async (request: OpenLoopRequest) => {
  process.send?.(await new OpenLoop(request).run());
});
process.send?.("ready");
