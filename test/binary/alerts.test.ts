import { describe, expect, test } from "bun:test";
import { AlertServer, Receiver } from "../support/alert-server.ts";
import { sized } from "../support/sizes.ts";

const STORM = sized(600, 10_000);
const CALLERS = 50;
const CRASHES = sized(1, 5);
const ALERTS_A_ROUND = 20;
const ALERTS_A_MESSAGE = 500;
const LIMIT_MS = sized(90_000, 300_000);

/** Raises alerts from many callers at once; settles when each is acknowledged. */
async function raiseAll(server: AlertServer, names: readonly string[]): Promise<void> {
  const left = [...names];
  const call = async (): Promise<void> => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) await server.raise(name);
  };
  await Promise.all(Array.from({ length: CALLERS }, call));
}

const namesOf = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, number) => `${prefix} ${number}`);

describe("alerts through the webhook that ships", () => {
  test(
    "a storm becomes a few messages that together tell of each alert once",
    async () => {
      await using hook = new Receiver();
      await using server = await AlertServer.start({ webhook: { url: hook.url } });
      await server.addChannel("webhook", { groupWaitSeconds: 1 });
      await raiseAll(server, namesOf("alert", STORM));
      await hook.until(() => hook.alertCount() >= STORM);
      expect(hook.alertCount()).toBe(STORM);
      expect(hook.told.length).toBe(hook.messages().length);
      // At best full ones; those of seconds in which the storm was still coming are smaller.
      expect(hook.told.length).toBeLessThan(STORM / ALERTS_A_MESSAGE + 60);
    },
    LIMIT_MS,
  );

  /** Where the server ends, and how often a message may then come again. */
  const STEPS = [
    "behind the acknowledgement of the raises",
    "while the receiver holds the message",
    "behind the receiver's answer",
  ] as const;
  test.each(STEPS)(
    "kill -9 %s: every alert is told; what comes again has the same id",
    async (step) => {
      await using hook = new Receiver();
      await using server = await AlertServer.start({ webhook: { url: hook.url } });
      await server.addChannel("webhook");
      for (let round = 0; round < CRASHES; round++) {
        const { promise: killed, resolve: kill } = Promise.withResolvers<void>();
        const release = Promise.withResolvers<Response>();
        const before = hook.told.length;
        if (step === "while the receiver holds the message") hook.answer = () => release.promise;
        await raiseAll(server, namesOf(`round ${round}`, ALERTS_A_ROUND));
        if (step !== "behind the acknowledgement of the raises") {
          await hook.until((told) => told.length > before);
        }
        server.kill().then(kill, kill);
        await killed;
        release.resolve(new Response("too late"));
        hook.answer = () => new Response("taken");
        await server.restart();
        const again = step === "while the receiver holds the message" ? round + 1 : 0;
        await hook.until(
          (told) =>
            told.length - hook.messages().length >= again &&
            hook.alertCount() >= ALERTS_A_ROUND * (round + 1),
        );
      }
      expect(hook.alertCount()).toBe(ALERTS_A_ROUND * CRASHES);
      // Of the one message under way at each crash at most one more.
      expect(hook.told.length - hook.messages().length).toBeLessThanOrEqual(CRASHES);
      if (step === "while the receiver holds the message") {
        expect(hook.told.length - hook.messages().length).toBe(CRASHES);
      }
    },
    LIMIT_MS,
  );

  test(
    "one channel that refuses leaves a dead letter with the answer, and the other is unaffected; tried anew it goes",
    async () => {
      await using hook = new Receiver();
      await using push = new Receiver();
      hook.answer = () => new Response("invalid_payload", { status: 400 });
      await using server = await AlertServer.start({
        webhook: { url: hook.url },
        ntfy: { server: push.url, topic: "ops" },
      });
      const channelId = await server.addChannel("webhook");
      await server.addChannel("ntfy");
      await server.raise("one");
      await push.until((told) => told.length >= 1);
      await hook.until((told) => told.length >= 1);
      const dead = async () =>
        (await server.ask<{ items: Record<string, unknown>[] }>("GET", "/api/v3/notifications?state=dead"))
          .items;
      let items = await dead();
      while (items.length === 0) items = await dead();
      expect(items).toMatchObject([
        {
          ...{ channelId, channelName: "webhook", severity: "HIGH", alertState: "firing", count: 1 },
          // While the plugin was still starting there may have been attempts that reached nobody.
          attempts: expect.any(Number),
          lastError: "The webhook answered 400: invalid_payload",
        },
      ]);
      hook.answer = () => new Response("taken");
      const retried = await server.run("alert", "retry", String(items[0]?.id));
      expect(retried).toMatchObject({ exitCode: 0 });
      await hook.until((told) => told.length >= 2);
      expect(hook.messages().length).toBe(1);
      const tested = await server.run("alert", "test-channel", "webhook", "--json");
      expect(JSON.parse(tested.stdout)).toMatchObject({
        ...{ success: true, answer: "The webhook answered 200: taken" },
      });
      hook.answer = () => new Response("no_service", { status: 404 });
      const refused = await server.run("alert", "test-channel", channelId);
      expect(refused.exitCode).not.toBe(0);
      expect(refused.stderr).toContain("The webhook answered 404: no_service");
    },
    LIMIT_MS,
  );

  test(
    "two channels of one service go to two places: the second by a copy with a configuration of its own",
    async () => {
      await using hook = new Receiver();
      await using team = new Receiver();
      await using server = await AlertServer.start({ webhook: { url: hook.url } });
      await server.addCopy("team-hook", "webhook", { url: team.url });
      await server.addChannel("webhook", { match: { severities: ["CRITICAL"] } });
      await server.addChannel("team-hook", { match: { severities: ["HIGH"] } });
      await server.raise("for the team");
      await team.until((told) => told.length >= 1);
      expect(team.messages()).toMatchObject([{ alerts: [{ message: "for the team" }] }]);
      expect(hook.told).toEqual([]);
    },
    LIMIT_MS,
  );
});
