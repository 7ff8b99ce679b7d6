import { defineMonitor, type PluginContext } from "binnacle";
import { CONTENT_TYPE, exposition } from "./exposition.ts";

interface Config {
  file: string;
  url: string;
  token?: string;
  prefix: string;
  only: string[];
}

const PREFIX = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const TIMEOUT_MS = 10_000;

/** Gives away what it is asked with; what it brings is how much that was. */
export default defineMonitor<Config>({
  async collect({ metrics }, ctx) {
    const { file, url, prefix, only, token } = await ctx.config.get();
    if (file === "" && url === "") throw new Error("Neither a file nor an address is configured.");
    if (prefix !== "" && !PREFIX.test(prefix)) throw new Error(`${JSON.stringify(prefix)} begins no name.`);
    const { text, series } = exposition(metrics, { prefix, only });
    if (file !== "") await ctx.files.write(file, text);
    if (url !== "") await push(url, text, token, ctx);
    return { series };
  },
});

async function push(
  url: string,
  body: string,
  token: string | undefined,
  ctx: PluginContext<Config>,
): Promise<void> {
  const response = await ctx.fetch(url, {
    method: "POST",
    headers: { "content-type": CONTENT_TYPE, ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body,
    redirect: "manual",
    timeoutMs: TIMEOUT_MS,
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`The address answered with the status ${response.status}.`);
}
