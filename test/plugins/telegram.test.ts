import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { ALERT, FakeService, LIMIT_MS, RESOLVED, sent } from "./channel-trial.ts";

const telegram = new FakeService();
const TOKEN = "123456:ABC-def_1234";
const config = { apiUrl: `${telegram.url}/`, token: TOKEN, chatId: "-1001234", threadId: 7 };
afterAll(() => telegram[Symbol.asyncDispose]());
beforeEach(() => {
  telegram.answer = () => Response.json({ ok: true, result: { message_id: 42 } });
});

describe("Telegram", () => {
  test(
    "gets HTML without a preview, in the topic of the chat; what an alert says is no HTML",
    async () => {
      const { result, error, denials } = await sent("telegram", config);
      expect({ result, error, denials }).toEqual({
        result: { answer: "Telegram answered 200", reference: "42" },
        error: null,
        denials: [],
      });
      expect(telegram.last).toMatchObject({ method: "POST", path: `/bot${TOKEN}/sendMessage` });
      expect(telegram.last.body).toEqual({
        chat_id: "-1001234",
        message_thread_id: 7,
        parse_mode: "HTML",
        link_preview_options: { is_disabled: true },
        disable_notification: false,
        text: `■ <b>[HIGH] disk_full: 2 firing</b>
HIGH firing: sda is full &lt;b&gt;&amp;
LOW firing: sdb *soon*

<i>HIGH · 2 alerts · route ops · 2030-01-31T22:00:00.000Z</i>
<a href="https://binnacle.example/alerts">Open in Binnacle</a>`,
      });
    },
    LIMIT_MS,
  );

  test(
    "what is over rings no bell; the longest alert is at most 4,096 characters of whole HTML",
    async () => {
      await sent("telegram", { ...config, threadId: 0 }, RESOLVED);
      expect(telegram.last.body).toMatchObject({ disable_notification: true });
      expect(telegram.last.body).not.toHaveProperty("message_thread_id");
      await sent("telegram", config, { ...ALERT, title: "<".repeat(400), message: "&🔥".repeat(4_000) });
      const text = String(telegram.last.body.text);
      expect(text.length).toBeLessThanOrEqual(4_096);
      expect(text.isWellFormed()).toBe(true);
      expect(/&(?!amp;|lt;|gt;|quot;)/.test(text)).toBe(false);
      expect(text).toEndWith("</a>");
    },
    LIMIT_MS,
  );

  test(
    "429 says in its body how long to wait; a chat that is not there is final; a token is not a path",
    async () => {
      telegram.answer = () =>
        Response.json(
          {
            ...{ ok: false, error_code: 429, description: "Too Many Requests: retry after 3" },
            parameters: { retry_after: 3 },
          },
          { status: 429 },
        );
      expect((await sent("telegram", config)).result).toEqual({
        ...{ retryAfterMs: 3_000, reason: "Telegram answered 429: Too Many Requests: retry after 3" },
      });
      telegram.answer = () =>
        Response.json(
          { ok: false, error_code: 400, description: "Bad Request: chat not found" },
          { status: 400 },
        );
      expect((await sent("telegram", config)).result).toEqual({
        rejected: "Telegram answered 400: Bad Request: chat not found",
      });
      expect((await sent("telegram", { ...config, token: "1:a/../../x" })).result).toEqual({
        rejected: "Enter the bot's token in the configuration of Telegram.",
      });
    },
    LIMIT_MS,
  );
});
