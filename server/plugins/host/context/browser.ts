import type { BrowserSession, PluginContext } from "../../../../plugins/sdk/index.ts";
import type { ServerLine } from "../server-line.ts";

/** `ctx.browser` of one call. */
export function browserOf(
  line: ServerLine,
  call: { readonly signal: AbortSignal },
): PluginContext["browser"] {
  return {
    async open(options = {}) {
      const { session } = await line.ask("browser.open", options, call.signal);
      const close = async (): Promise<void> => {
        // A call that was cancelled closes its browser nevertheless.
        await line.ask("browser.close", { session }, new AbortController().signal);
      };
      const browser: BrowserSession = {
        command: async <Result>(method: string, params?: Record<string, unknown>) =>
          (await line.ask(
            "browser.command",
            { session, method, params: params ?? {} },
            call.signal,
          )) as Result,
        close,
        [Symbol.asyncDispose]: close,
      };
      return browser;
    },
  };
}
