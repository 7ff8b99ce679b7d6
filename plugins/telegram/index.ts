import { type Alert, alertWords, defineAlert, escapeHtml, outcomeOf, readAnswer, shortened } from "binnacle";

interface Config {
  token: string;
  chatId: string;
  threadId: number;
  apiUrl: string;
}

/** Of a message; counted as it is written, which is a little less than Telegram takes. */
const MAX_TEXT = 4_096;
const MAX_TITLE = 300;
const MAX_FOOTER = 400;
const MS_PER_SECOND = 1_000;
/** It becomes part of an address. */
const TOKEN = /^\d{1,20}:[\w-]{1,150}$/;

/** https://core.telegram.org/bots/api#sendmessage */
export default defineAlert<Config>({
  async send({ alert }, ctx) {
    const given: Partial<Config> = await ctx.config.get();
    const { token = "", chatId = "", threadId = 0, apiUrl = "https://api.telegram.org" } = given;
    if (!TOKEN.test(token)) return { rejected: "Enter the bot's token in the configuration of Telegram." };
    if (chatId === "") return { rejected: "Enter the chat in the configuration of Telegram." };
    const response = await ctx.fetch(`${apiUrl.replace(/\/+$/, "")}/bot${token}/sendMessage`, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        chat_id: chatId,
        ...(threadId === 0 ? {} : { message_thread_id: threadId }),
        ...messageOf(alert),
      }),
    });
    const answer = await readAnswer(response);
    const { description, seconds, reference } = factsOf(answer.json);
    const retryAfterMs = seconds === undefined ? answer.retryAfterMs : seconds * MS_PER_SECOND;
    const outcome = outcomeOf("Telegram", { ...answer, retryAfterMs }, reference ? "" : description);
    return reference === undefined ? outcome : { ...outcome, reference };
  },
});

function messageOf(alert: Alert) {
  const { shape, title, body, footer, isResolved } = alertWords(alert);
  const head = `${shape} <b>${html(title, MAX_TITLE)}</b>`;
  const link = alert.link === undefined ? "" : `\n<a href="${escapeHtml(alert.link)}">Open in Binnacle</a>`;
  const foot = `<i>${html(footer, MAX_FOOTER)}</i>${link}`;
  const room = MAX_TEXT - head.length - foot.length - "\n\n\n".length;
  return {
    text: `${head}\n${html(body, room)}\n\n${foot}`,
    parse_mode: "HTML",
    link_preview_options: { is_disabled: true },
    // What is over rings no bell.
    disable_notification: isResolved,
  };
}

const html = (text: string, limit: number): string => shortened(text, limit, { written: escapeHtml });

/** What the Bot API says in an answer of its own. */
function factsOf(json: unknown): { description?: string; seconds?: number; reference?: string } {
  if (typeof json !== "object" || json === null) return {};
  const { description, parameters, result } = json as Record<string, unknown>;
  const seconds = fieldOf(parameters, "retry_after");
  const reference = fieldOf(result, "message_id");
  return {
    ...(typeof description === "string" ? { description } : {}),
    ...(typeof seconds === "number" ? { seconds } : {}),
    ...(typeof reference === "number" ? { reference: String(reference) } : {}),
  };
}

const fieldOf = (object: unknown, name: string): unknown =>
  typeof object === "object" && object !== null ? Reflect.get(object, name) : undefined;
