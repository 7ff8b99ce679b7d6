import { expect, test } from "bun:test";
import { PluginServer } from "../support/plugin-server.ts";
import { type RawAnswer, rawPost } from "../support/raw-call.ts";
import { IS_FULL, sized } from "../support/sizes.ts";

/** What the plugin can take a second: five calls at once. */
const CALL_MS = 50;
/** More at once than it runs and lets wait. */
const CALLS_A_ROUND = 1_500;
/** So many refusals show the bound; then those that wait are given up. */
const REFUSALS = 100;
const ROUNDS = sized(2, 60);
const TIMEOUT_MS = sized(60_000, 600_000);
const ID = "slow";
const PLUGIN = {
  source: `export default { async execute() { await Bun.sleep(${CALL_MS}); return "done"; } };`,
};

test(
  "calls beyond what a plugin takes are refused at once; those that are given up leave; nothing stays behind",
  async () => {
    await using server = await PluginServer.start({ [ID]: PLUGIN });
    const call = (signal?: AbortSignal): Promise<RawAnswer> =>
      rawPost(server.port, "/api/v3/plugins/execute", server.token, { name: ID }, signal);
    await call();
    const rssMib: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const givingUp = new AbortController();
      const refused: RawAnswer[] = [];
      const calls = Array.from({ length: CALLS_A_ROUND }, async () => {
        const answer = await call(givingUp.signal).catch(() => undefined);
        if (answer && answer.status !== 200) refused.push(answer);
        if (refused.length >= REFUSALS) givingUp.abort();
      });
      await Promise.all(calls);
      expect(refused.length).toBeGreaterThanOrEqual(REFUSALS);
      for (const { status, body } of refused) {
        expect([status, JSON.parse(body).code]).toEqual([503, "plugin_busy"]);
      }
      // Connections that were closed are seen one by one: until then their calls keep others out.
      let answer = await server.execute(ID);
      while (answer.body.code === "plugin_busy") answer = await server.execute(ID);
      expect(answer.body.durationMs).toBeLessThan(20 * CALL_MS);
      rssMib.push(server.rssMib());
    }
    expect(await server.plugin(ID)).toMatchObject({ state: "active", callsUnderWay: 0 });
    // It goes up and down with the collector; what stayed of 90,000 calls would lift even the lowest.
    const half = ROUNDS / 2;
    if (IS_FULL) expect(Math.min(...rssMib.slice(half))).toBeLessThan(Math.max(...rssMib.slice(0, half)));
  },
  TIMEOUT_MS,
);
