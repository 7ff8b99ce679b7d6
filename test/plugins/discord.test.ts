import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { ALERT, FakeService, LIMIT_MS, RESOLVED, sent } from "./channel-trial.ts";

const discord = new FakeService();
const config = { webhookUrl: `${discord.url}/api/webhooks/1/token?thread_id=5`, username: "Watch" };
afterAll(() => discord[Symbol.asyncDispose]());
beforeEach(() => {
  discord.answer = () => Response.json({ id: "1234567890", content: "" });
});

interface Embed {
  title: string;
  description: string;
  footer: { text: string };
  color: number;
}

describe("Discord", () => {
  test(
    "gets one embed, waits for the message that is made of it, and nobody is mentioned",
    async () => {
      const { result, error, denials } = await sent("discord", config);
      expect({ result, error, denials }).toEqual({
        result: { answer: "Discord answered 200", reference: "1234567890" },
        error: null,
        denials: [],
      });
      expect(discord.last).toMatchObject({
        method: "POST",
        path: "/api/webhooks/1/token?thread_id=5&wait=true",
      });
      expect(discord.last.body).toEqual({
        username: "Watch",
        allowed_mentions: { parse: [] },
        embeds: [
          {
            title: "■ \\[HIGH\\] disk\\_full: 2 firing",
            description: "HIGH firing: sda is full <b\\>&\nLOW firing: sdb \\*soon\\*",
            color: 0xd64545,
            footer: { text: "HIGH · 2 alerts · route ops · 2030-01-31T22:00:00.000Z" },
            timestamp: "2030-01-31T22:00:00.000Z",
            url: "https://binnacle.example/alerts",
          },
        ],
      });
    },
    LIMIT_MS,
  );

  test(
    "what is over is green; the longest alert keeps to every limit of an embed",
    async () => {
      await sent("discord", config, RESOLVED);
      expect((discord.last.body.embeds as Embed[])[0]).toMatchObject({ color: 0x3a9a6b });
      await sent("discord", config, {
        ...ALERT,
        ...{ title: "_".repeat(300), message: "🔥*".repeat(5_000), route: "r".repeat(5_000) },
      });
      const [{ title, description, footer } = { title: "", description: "", footer: { text: "" } }] = discord
        .last.body.embeds as Embed[];
      expect(title.length).toBeLessThanOrEqual(256);
      expect(description.length).toBeLessThanOrEqual(4_096);
      expect(footer.text.length).toBeLessThanOrEqual(2_048);
      expect(title.length + description.length + footer.text.length).toBeLessThanOrEqual(6_000);
      expect(description.isWellFormed() && !description.slice(0, -1).endsWith("\\")).toBe(true);
    },
    LIMIT_MS,
  );

  test(
    "429 says in its body how many seconds to wait; an unknown webhook is final",
    async () => {
      discord.answer = () =>
        Response.json(
          { message: "You are being rate limited.", retry_after: 1.337, global: false },
          { status: 429, headers: { "retry-after": "2" } },
        );
      expect((await sent("discord", config)).result).toEqual({
        ...{ retryAfterMs: 1_337, reason: "Discord answered 429: You are being rate limited." },
      });
      discord.answer = () => Response.json({ message: "Unknown Webhook", code: 10_015 }, { status: 404 });
      expect((await sent("discord", config)).result).toEqual({
        rejected: "Discord answered 404: Unknown Webhook",
      });
    },
    LIMIT_MS,
  );
});
