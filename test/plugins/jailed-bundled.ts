import { join } from "node:path";
import type { HealthReport } from "../../schema/plugin/rpc.ts";
import { readPlugin } from "../../server/cli/plugin/read-plugin.ts";
import { systemClock } from "../../server/lib/clock.ts";
import { resolveGrants } from "../../server/plugins/broker/grants.ts";
import { openBrokerSession } from "../../server/plugins/broker/session.ts";
import { launchJail } from "../../server/plugins/jail/launch.ts";
import { createStartPlugin } from "../../server/plugins/process/start-plugin.ts";
import type { BrokerHouse } from "../server/plugins/broker/broker-house.ts";

const PLUGINS = join(import.meta.dirname, "../../plugins");
const LIMITS = {
  timeoutMs: 20_000,
  memoryBytes: 256 * 1_024 * 1_024,
  concurrency: 5,
  outputBytes: 1_000_000,
};
const HEALTH_TIMEOUT_MS = 5_000;

/** A plugin that ships, in its jail; disposing ends it. */
export interface JailedBundled extends AsyncDisposable {
  ask(verb: string, input: unknown, signal?: AbortSignal): Promise<unknown>;
  health(): Promise<HealthReport>;
}

/** Starts it with what `config` grants it of `house`. */
export async function jailedBundled(
  house: BrokerHouse,
  id: string,
  config: Record<string, unknown>,
): Promise<JailedBundled> {
  const { manifest, files, permissions } = await readPlugin(join(PLUGINS, id));
  const { version, main } = manifest;
  const start = createStartPlugin({
    clock: systemClock,
    launchJail,
    isSandboxRequired: () => false,
    openBroker: () =>
      openBrokerSession(
        {
          pluginId: id,
          grants: resolveGrants(permissions, config),
          dependencies: [],
          configuration: { read: () => config, write: async () => undefined },
          lockedConfigPaths: [],
        },
        house.parts,
      ),
  });
  const program = { id, version, main, files, config, allowedImports: ["*"] };
  const plugin = await start(program, LIMITS, new AbortController().signal);
  return {
    ask: (verb, input, signal) =>
      plugin.invoke(verb, input, { correlationId: "test", caller: "test", ...(signal ? { signal } : {}) }),
    health: () => plugin.health(HEALTH_TIMEOUT_MS),
    async [Symbol.asyncDispose]() {
      plugin.kill("the test is over");
      await plugin.exited;
    },
  };
}
