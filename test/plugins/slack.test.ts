import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { ALERT, FakeService, LIMIT_MS, sent } from "./channel-trial.ts";

const slack = new FakeService();
const config = { webhookUrl: `${slack.url}/services/T0/B0/x` };
afterAll(() => slack[Symbol.asyncDispose]());
beforeEach(() => {
  slack.answer = () => new Response("ok");
});

/** What Block Kit asks of a text: https://docs.slack.dev/reference/block-kit/blocks */
const LONGEST = { header: 150, section: 3_000, context: 3_000 };

describe("Slack", () => {
  test(
    "gets header, section and context; what an alert says is neither a mention nor a mark",
    async () => {
      const { result, error, denials } = await sent("slack", config);
      expect({ result, error, denials }).toEqual({
        ...{ result: { answer: "Slack answered 200: ok" }, error: null, denials: [] },
      });
      expect(slack.last).toMatchObject({ method: "POST", path: "/services/T0/B0/x" });
      expect(slack.last.body).toEqual({
        text: "■ [HIGH] disk_full: 2 firing",
        unfurl_links: false,
        blocks: [
          {
            type: "header",
            text: { type: "plain_text", text: "■ [HIGH] disk_full: 2 firing", emoji: false },
          },
          {
            type: "section",
            text: {
              type: "mrkdwn",
              text: "HIGH firing: sda is full &lt;b&gt;&amp;\nLOW firing: sdb *soon*",
              verbatim: true,
            },
          },
          {
            type: "context",
            elements: [
              {
                type: "mrkdwn",
                text: "HIGH · 2 alerts · route ops · 2030-01-31T22:00:00.000Z\n<https://binnacle.example/alerts|Open in Binnacle>",
                verbatim: true,
              },
            ],
          },
        ],
      });
    },
    LIMIT_MS,
  );

  test(
    "gets no text that is longer than it takes, and none that is cut within a character",
    async () => {
      const long = {
        ...ALERT,
        title: "🔥".repeat(400),
        message: "&🔥".repeat(4_000),
        route: "r".repeat(5_000),
      };
      expect(await sent("slack", config, long)).toMatchObject({ error: null });
      const blocks = slack.last.body.blocks as {
        type: keyof typeof LONGEST;
        text?: { text: string };
        elements?: { text: string }[];
      }[];
      expect(blocks.length).toBeLessThanOrEqual(50);
      for (const { type, text, elements } of blocks) {
        const written = text?.text ?? elements?.[0]?.text ?? "";
        expect(written.length).toBeLessThanOrEqual(LONGEST[type]);
        expect(written.isWellFormed()).toBe(true);
        expect(/&(?!amp;)/.test(written)).toBe(false);
      }
    },
    LIMIT_MS,
  );

  test.each([
    ["no_service", 404],
    ["invalid_payload", 400],
  ])(
    "%s is final, in Slack's own words",
    async (text, status) => {
      slack.answer = () => new Response(text, { status });
      const { result } = await sent("slack", config);
      expect(result).toEqual({ rejected: `Slack answered ${status}: ${text}` });
    },
    LIMIT_MS,
  );

  test(
    "429 waits as long as it says, a date too; without a webhook nothing is sent",
    async () => {
      slack.answer = () => new Response("", { status: 429, headers: { "retry-after": "30" } });
      expect((await sent("slack", config)).result).toEqual({
        ...{ retryAfterMs: 30_000, reason: "Slack answered 429" },
      });
      const before = slack.received.length;
      expect((await sent("slack", {})).result).toEqual({
        rejected: "Enter the webhook in the configuration of Slack.",
      });
      expect(slack.received.length).toBe(before);
    },
    LIMIT_MS,
  );
});
