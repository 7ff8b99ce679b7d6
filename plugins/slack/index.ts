import { type Alert, alertWords, defineAlert, escapeHtml, outcomeOf, readAnswer, shortened } from "binnacle";

interface Config {
  webhookUrl: string;
}

/** Limits of Block Kit. */
const MAX_HEADER = 150;
const MAX_SECTION = 3_000;
const MAX_CONTEXT = 2_000;
const MAX_FALLBACK = 3_000;

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export default defineAlert<Config>({
  async send({ alert }, ctx) {
    const { webhookUrl = "" }: Partial<Config> = await ctx.config.get();
    if (webhookUrl === "") return { rejected: "Enter the webhook in the configuration of Slack." };
    const response = await ctx.fetch(webhookUrl, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(payloadOf(alert)),
    });
    return outcomeOf("Slack", await readAnswer(response));
  },
});

function payloadOf(alert: Alert) {
  const { shape, title, body, footer } = alertWords(alert);
  const headline = `${shape} ${title}`;
  const link = alert.link === undefined ? "" : `\n<${escapeHtml(alert.link)}|Open in Binnacle>`;
  return {
    // For notifications and screen readers, which show no blocks.
    text: slackText(headline, MAX_FALLBACK),
    unfurl_links: false,
    blocks: [
      { type: "header", text: { type: "plain_text", text: shortened(headline, MAX_HEADER), emoji: false } },
      ...(body.trim() === "" ? [] : [{ type: "section", text: mrkdwn(slackText(body, MAX_SECTION)) }]),
      { type: "context", elements: [mrkdwn(slackText(footer, MAX_CONTEXT - link.length) + link)] },
    ],
  };
}

/** `verbatim`: neither addresses nor names of channels in it become links. */
const mrkdwn = (text: string) => ({ type: "mrkdwn", text, verbatim: true });

/** `&`, `<` and `>` would begin a mention or a link. */
const slackText = (text: string, limit: number): string =>
  shortened(text, limit, { written: (character) => (character === '"' ? character : escapeHtml(character)) });
