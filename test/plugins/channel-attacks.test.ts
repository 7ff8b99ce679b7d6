import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { DELIVERER_DEFAULTS } from "../../server/outbox/delivery.ts";
import { openAlertHouse } from "../server/alerts/alert-house.ts";
import { BrokerHouse } from "../server/plugins/broker/broker-house.ts";
import { ALERT, FakeService, LIMIT_MS } from "./channel-trial.ts";
import { type JailedBundled, jailedBundled } from "./jailed-bundled.ts";
import { RawService } from "./raw-service.ts";

const { timeoutMs, maxAttempts } = DELIVERER_DEFAULTS;
const MB = 1_000_000;
/** What a reply may cost the server at the most, far below what is sent. */
const MAX_GROWTH_BYTES = 60 * MB;
const HEAD = "HTTP/1.1 200 OK\r\n";

let brokers: BrokerHouse;
beforeAll(async () => {
  brokers = await BrokerHouse.open();
}, LIMIT_MS);
afterAll(() => brokers[Symbol.asyncDispose]());

const webhookAt = (url: string): Promise<JailedBundled> => jailedBundled(brokers, "webhook", { url });
const ask = (channel: JailedBundled, signal?: AbortSignal): Promise<unknown> =>
  channel.ask("send", { alert: ALERT }, signal);

describe("a channel whose service attacks", () => {
  test.each(["http://127.0.0.1:PORT/", "http://[::1]:PORT/", "http://169.254.169.254/latest/meta-data/"])(
    "by a redirect to %s reaches nothing",
    async (place) => {
      await using inner = new FakeService();
      await using service = new FakeService();
      const location = place.replace("PORT", new URL(inner.url).port);
      service.answer = () => new Response(null, { status: 307, headers: { location } });
      for (const [id, config] of [
        ["webhook", { url: `${service.url}/` }],
        ["ntfy", { server: service.url, topic: "ops" }],
      ] as const) {
        await using channel = await jailedBundled(brokers, id, config);
        const answer = await ask(channel).then(
          (given) => JSON.stringify(given),
          (error: unknown) => String(error),
        );
        expect(answer).toMatch(/307|redirect|refused|may not/i);
        expect(service.received.length).toBeGreaterThan(0);
      }
      expect(inner.received).toEqual([]);
    },
    LIMIT_MS,
  );

  test.each([
    ["slack", "127.0.0.1"],
    ["slack", "::1"],
    ["slack", "::ffff:127.0.0.1"],
    ["slack", "169.254.169.254"],
    // Its address may be in the house, and it asks for that; the cloud's own is never meant.
    ["webhook", "169.254.169.254"],
    ["webhook", "::ffff:169.254.169.254"],
  ])(
    "of %s, by a name that leads to %s, is refused: by the name, without the address",
    async (id, address) => {
      await using inner = new FakeService();
      await using house = await BrokerHouse.open({ resolver: { resolve: async () => [address] } });
      const url = `http://hooks.example:${new URL(inner.url).port}/`;
      await using channel = await jailedBundled(house, id, { url, webhookUrl: url });
      const failure = await ask(channel).then(
        () => "sent",
        (error: unknown) => String(error),
      );
      expect(failure).toContain("hooks.example");
      expect(failure).not.toContain(address);
      expect(inner.received).toEqual([]);
    },
    LIMIT_MS,
  );

  test.each([200, 500])(
    "by a reply of 100 MB to a message (%i) costs neither memory nor time",
    async (status) => {
      await using service = new RawService((socket) =>
        socket.pour(
          `HTTP/1.1 ${status} X\r\ncontent-type: text/plain\r\n\r\n`,
          "x".repeat(64 * 1_024),
          100 * MB,
        ),
      );
      await using channel = await webhookAt(service.url);
      const before = process.memoryUsage.rss();
      const answer = JSON.stringify(await ask(channel));
      expect(answer).toContain(status === 200 ? "answer" : "500");
      expect(process.memoryUsage.rss() - before).toBeLessThan(MAX_GROWTH_BYTES);
      await service.isLeft;
      expect(service.sentBytes).toBeLessThan(50 * MB);
    },
    LIMIT_MS,
  );

  test.each([
    // Each is given up by the reader itself, long before the time of an attempt.
    ["headers without end", HEAD, "x-more: 0123456789abcdef\r\n"],
    ["one header without end", `${HEAD}x-more: `, "0123456789abcdef"],
    ["a status line without end", "HTTP/1.1 200 ", "OK"],
    ["chunks that are named for ever", `${HEAD}transfer-encoding: chunked\r\n\r\n1;x=`, "0123456789abcdef"],
    ["interim answers without end", "", "HTTP/1.1 103 Early Hints\r\n\r\n"],
    ["invitations to go on without end", "", "HTTP/1.1 100 Continue\r\n\r\n"],
  ])(
    "by %s is given up soon, saying why, in bounded memory",
    async (_what, head, again) => {
      await using service = new RawService((socket) =>
        socket.pour(head, again.repeat(1_000), Number.POSITIVE_INFINITY),
      );
      await using channel = await webhookAt(service.url);
      const before = process.memoryUsage.rss();
      const ended = new AbortController();
      const asked = ask(channel, ended.signal).then(
        (given) => JSON.stringify(given),
        (error: unknown) => String(error),
      );
      await Promise.race([asked, service.hasSent(50 * MB)]);
      ended.abort(new Error("The attempt took too long."));
      expect(await asked).toMatch(/does not answer in HTTP|interim answers without end/);
      await service.isLeft;
      expect(process.memoryUsage.rss() - before).toBeLessThan(MAX_GROWTH_BYTES);
    },
    LIMIT_MS,
  );

  test(
    "by one byte now and then becomes a dead letter that says so, and its connections are gone",
    async () => {
      await using service = new RawService((socket) => socket.drip(HEAD));
      await using channel = await webhookAt(service.url);
      await using house = await openAlertHouse(
        (_id, alert, signal) => channel.ask("send", { alert }, signal),
        () => 0,
      );
      await house.route({ groupIntervalSeconds: 1 });
      await house.raise("sda is full");
      const eventually = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
        while (!(await isTrue())) await house.clock.advance(0);
      };
      await eventually(() => house.outbox.listTargets().every(({ waiting }) => waiting === 0));
      await house.notifier.tick();
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        await eventually(() => service.connections === attempt);
        await house.clock.advance(timeoutMs);
      }
      await eventually(
        async () => (await house.outbox.list({ limit: 1 }, { state: "dead" })).items.length === 1,
      );
      const [dead] = (await house.outbox.list({ limit: 1 }, { state: "dead" })).items;
      expect(dead).toMatchObject({
        attempts: maxAttempts,
        lastError: expect.stringMatching(/30|time|long/i),
      });
      await eventually(() => service.open === 0);
    },
    LIMIT_MS,
  );
});
