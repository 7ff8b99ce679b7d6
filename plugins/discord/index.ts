import { type Alert, alertWords, defineAlert, outcomeOf, readAnswer, shortened } from "binnacle";

interface Config {
  webhookUrl: string;
  username: string;
}

/** Limits of an embed; all its texts together have at most 6,000 characters, which leaves so much for the body. */
const MAX_TITLE = 256;
const MAX_BODY = 3_600;
const MAX_FOOTER = 2_048;
const MS_PER_SECOND = 1_000;
const MARKDOWN = /[\\*_~`|>[\]()#-]/;

/** https://docs.discord.com/developers/resources/webhook#execute-webhook */
export default defineAlert<Config>({
  async send({ alert }, ctx) {
    const { webhookUrl = "", username = "" }: Partial<Config> = await ctx.config.get();
    const url = URL.parse(webhookUrl);
    if (!url) return { rejected: "Enter the webhook in the configuration of Discord." };
    // Without it the answer comes before the message is made, and says nothing of what is wrong with it.
    url.searchParams.set("wait", "true");
    const response = await ctx.fetch(url, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...payloadOf(alert), ...(username === "" ? {} : { username }) }),
    });
    const answer = await readAnswer(response);
    const { id, message, retry_after: seconds } = factsOf(answer.json);
    const retryAfterMs =
      typeof seconds === "number" ? Math.ceil(seconds * MS_PER_SECOND) : answer.retryAfterMs;
    const said = typeof message === "string" ? message : undefined;
    const outcome = outcomeOf("Discord", { ...answer, retryAfterMs }, typeof id === "string" ? "" : said);
    return typeof id === "string" ? { ...outcome, reference: id } : outcome;
  },
});

function payloadOf(alert: Alert) {
  const { shape, color, title, body, footer } = alertWords(alert);
  return {
    // Whatever an alert says, it calls nobody by name.
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: shortened(`${shape} ${title}`, MAX_TITLE, { written }),
        description: shortened(body, MAX_BODY, { written }),
        color,
        footer: { text: shortened(footer, MAX_FOOTER) },
        timestamp: alert.createdAt,
        ...(alert.link === undefined ? {} : { url: alert.link }),
      },
    ],
  };
}

/** What Markdown would read as a mark is shown as it is. */
const written = (character: string): string => (MARKDOWN.test(character) ? `\\${character}` : character);

const factsOf = (json: unknown): Record<string, unknown> =>
  typeof json === "object" && json !== null ? { ...json } : {};
